import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KeyPair } from '../../src/app/root-key.ts';
import { systemClock } from '../../src/base/clock.ts';
import { systemIds } from '../../src/base/ids.ts';
import { callApi } from '../../src/cli/api-client.ts';
import { FlvLoop } from '../../src/cli/flv-loop.ts';
import { playFlv } from '../../src/cli/flv-player.ts';
import { connectRtmp } from '../../src/cli/rtmp-client.ts';
import { readTags, SAMPLES } from '../support/sample.ts';
import { SluiceProcess } from '../support/sluice-process.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { until } from '../support/wait.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => (folder = await temporaryFolder()));
afterAll(() => folder[Symbol.asyncDispose]());

const keyOf = async (data: string): Promise<KeyPair> =>
  JSON.parse(await readFile(join(data, 'root-key.json'), 'utf8')) as KeyPair;

describe('sluice serve', () => {
  it('drains on SIGTERM within 5 s: players end cleanly, the publisher is told, what was called is kept', async () => {
    const data = join(folder.path, 'drain');
    await using process = SluiceProcess.serve(data, '--log-level', 'trace');
    const { httpPort, rtmpPort } = await process.ready();
    const key = await keyOf(data);
    const target = { host: '127.0.0.1', port: rtmpPort, app: 'live', stream: 'cam1' };
    const publisher = await connectRtmp({ mode: 'publish', ...target });
    const tags = readTags(SAMPLES.sample);
    const loop = new FlvLoop({ tags, clock: systemClock, send: (tag) => publisher.send(tag) });
    let frames = 0;
    const rtmpPlayer = await connectRtmp({ mode: 'play', ...target, onMedia: () => frames++ });
    const url = `http://127.0.0.1:${httpPort}/live/cam1.flv`;
    const flvPlayer = await playFlv({ url, onTag: () => frames++ });
    await until(() => frames > 20, 'frames at the players');
    const client = { endpoint: `http://127.0.0.1:${httpPort}`, key, clock: systemClock, ids: systemIds };
    const parameters = {
      DomainName: 'live.local',
      AppName: 'live',
      StreamName: 'x',
      LiveStreamType: 'publisher',
    };
    await callApi(client, 'ForbidLiveStream', parameters);

    const startedAt = performance.now();
    // Twice, as npm, terminals and supervisors do that tell the whole group.
    process.child.kill('SIGTERM');
    process.child.kill('SIGTERM');
    const [code, rtmpEnd, flvEnd, publisherEnd] = await Promise.all([
      process.ended,
      rtmpPlayer.ended,
      flvPlayer.ended,
      publisher.ended,
    ]);
    loop.stop();
    expect(performance.now() - startedAt).toBeLessThan(5000);
    expect({ code, err: process.err }).toEqual({ code: 0, err: '' });
    expect(flvEnd.complete).toBe(true);
    expect(rtmpEnd.error).toBeUndefined();
    expect(rtmpEnd.code).toMatch(/^NetStream\.Play\.|StreamEOF/);
    expect(publisherEnd.toldAt).toBeDefined();
    const lines = process.out.trim().split('\n');
    for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
    expect(process.out).not.toContain(key.accessKeySecret);
    expect(lines.filter((line) => line.includes('closed: '))).toHaveLength(3);

    await using again = SluiceProcess.serve(data);
    const { httpPort: port } = await again.ready();
    const blocks = await callApi(
      { ...client, endpoint: `http://127.0.0.1:${port}` },
      'DescribeLiveStreamBlocks',
      {},
    );
    expect(blocks.body).toMatchObject({ Blocks: { Block: [{ StreamName: 'x' }] } });
    expect(again.out + again.err).not.toContain(key.accessKeySecret);
  }, 60_000);

  it('says in one line that a port is in use, and ends with 1', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await until(() => taken.listening, 'the other program');
    const { port } = taken.address() as AddressInfo;
    await using process = SluiceProcess.serve(join(folder.path, 'taken'), '--api-port', String(port));
    expect(await process.ended).toBe(1);
    expect(process.err).toMatch(new RegExp(`^sluice: port ${port} is in use[^\n]*\n$`));
    taken.close();
  });
});

describe('sluice', () => {
  it('ends with 2 for wrong usage', async () => {
    await using process = new SluiceProcess(['nonsense']);
    expect(await process.ended).toBe(2);
  });
});
