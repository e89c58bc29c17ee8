import { describe, expect, it } from 'vitest';
import { AvPublisher, decode } from '../support/av/av.ts';
import { startMediaServer } from '../support/ingest-harness.ts';
import { pictureNumber, SAMPLES } from '../support/sample.ts';
import { until } from '../support/wait.ts';

/** The numbers of decoded pictures rise by one each; a second of the sample begins at 0 again. */
function expectInOrder(pictures: readonly { cells: readonly number[] }[]): void {
  const numbers = pictures.map(({ cells }) => pictureNumber(cells));
  expect(numbers).not.toContain(undefined);
  const steps = numbers.slice(1).map((number, i) => number! - numbers[i]!);
  expect(steps.filter((step) => step !== 1 && step >= 0)).toEqual([]);
}

describe('FFmpeg', () => {
  it.each(['sample', 'hevc'] as const)(
    'publishes %s; another one decodes it over RTMP and HTTP-FLV',
    async (name) => {
      await using server = await startMediaServer();
      const rtmp = `rtmp://127.0.0.1:${server.ingest.rtmpPort}/live/cam1`;
      await using publisher = new AvPublisher({ file: SAMPLES[name], url: rtmp });
      await until(() => server.core.streams.list().length === 1, 'the stream', 20_000);
      expect(publisher.has('error')).toBe(false);
      const flv = `http://127.0.0.1:${server.httpPort}/live/cam1.flv`;
      for (const url of [rtmp, flv]) {
        const decoded = await decode(url, 30);
        expect(decoded.error).toBeUndefined();
        expect(decoded.pictures).toHaveLength(30);
        expectInOrder(decoded.pictures);
      }
    },
    60_000,
  );

  it('is cut, and its next attempt is refused', async () => {
    await using server = await startMediaServer();
    const url = `rtmp://127.0.0.1:${server.ingest.rtmpPort}/live/cam1`;
    await using publisher = new AvPublisher({ file: SAMPLES.sample, url });
    await until(() => (server.core.streams.list()[0]?.publisher.stats().bytes ?? 0) > 0, 'media', 20_000);
    expect(await server.forbid({})).toEqual({ publishers: 1, players: 0 });
    await publisher.ended;
    expect(publisher.has('error')).toBe(true);
    await using again = new AvPublisher({ file: SAMPLES.sample, url });
    await again.ended;
    expect([again.has('open'), again.has('error')]).toEqual([false, true]);
    expect(server.store.refused).toMatchObject([{ problem: 'blocked' }]);
  }, 60_000);
});
