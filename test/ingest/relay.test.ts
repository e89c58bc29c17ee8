import { describe, expect, it } from 'vitest';
import { playFlv } from '../../src/cli/flv-player.ts';
import { decodeAmf0 } from '../../src/wire/rtmp/amf0.ts';
import { audioConfig, audioFrame, markOf, metadata, videoConfig, videoFrame } from '../support/frames.ts';
import { collect, startMediaServer } from '../support/ingest-harness.ts';
import { until } from '../support/wait.ts';

const marks = (messages: readonly { type: number; payload: Buffer }[]): (number | undefined)[] =>
  messages.map(markOf).filter((mark) => mark !== undefined);

describe('publish and play', () => {
  it('relays every frame to RTMP players, byte for byte and in order', async () => {
    await using server = await startMediaServer();
    const publisher = await server.rtmp({ mode: 'publish', stream: 'cam1' });
    const seen = collect();
    await server.rtmp({ mode: 'play', stream: 'cam1', ...seen });
    const sent = [metadata(), videoConfig(), audioConfig()];
    for (let i = 0; i < 50; i++)
      sent.push(videoFrame(i * 40, i, { key: i % 10 === 0, size: 3000 }), audioFrame(i * 40));
    for (const media of sent) publisher.send(media);
    await until(() => marks(seen.messages).length === 50, 'all frames');
    const media = seen.messages.filter(({ type }) => type !== 18);
    expect(media.map(({ payload }) => payload.toString('hex'))).toEqual(
      sent.slice(1).map(({ payload }) => payload.toString('hex')),
    );
    const [, data] = seen.messages.filter(({ type }) => type === 18);
    expect(decodeAmf0(data!.payload)).toEqual(['onMetaData', { width: 640, height: 360 }]);
    await publisher.close();
  });

  it('plays over HTTP-FLV', async () => {
    await using server = await startMediaServer();
    const publisher = await server.rtmp({ mode: 'publish', stream: 'cam1' });
    publisher.send(videoConfig());
    publisher.send(videoFrame(0, 1, { key: true }));
    await until(() => server.core.streams.list()[0]?.publisher.stats().bytes === 21, 'the keyframe');
    const tags: { type: number; payload: Buffer }[] = [];
    const player = await playFlv({
      url: `http://127.0.0.1:${server.httpPort}/live/cam1.flv`,
      onTag: (tag) => tags.push(tag),
    });
    publisher.send(videoFrame(40, 2));
    await until(() => marks(tags).length === 2, 'both frames');
    expect(tags.map(({ payload }) => payload[1])).toEqual([0, 1, 1]);
    await publisher.close();
    expect(await player.ended).toEqual({ complete: true });
  });
});
