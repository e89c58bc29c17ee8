import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { FlvRefusedError, playFlv } from '../../src/cli/flv-player.ts';
import { inspectVideo } from '../../src/wire/flv/codec.ts';
import { encodeTag, FlvReader } from '../../src/wire/flv/tag.ts';
import type { FlvTag } from '../../src/wire/flv/tag.ts';
import { decodeAmf0, encodeAmf0 } from '../../src/wire/rtmp/amf0.ts';
import type { AmfValue } from '../../src/wire/rtmp/amf0.ts';
import { windowAckSize } from '../../src/wire/rtmp/control.ts';
import { audioConfig, audioFrame, markOf, metadata, videoConfig, videoFrame } from '../support/frames.ts';
import type { TestMedia } from '../support/frames.ts';
import { collect, startMediaServer } from '../support/ingest-harness.ts';
import type { MediaServer } from '../support/ingest-harness.ts';
import { RtmpPeer } from '../support/rtmp-peer.ts';
import { readTags, SAMPLES } from '../support/sample.ts';
import { until } from '../support/wait.ts';

interface Media {
  readonly type: number;
  readonly timestamp: number;
  readonly payload: Buffer;
}

const marks = (messages: readonly Media[]): (number | undefined)[] =>
  messages.map(markOf).filter((mark) => mark !== undefined);

/** Sends all of it and waits until the server has relayed it. */
async function sendAll(
  server: MediaServer,
  publisher: { send(media: TestMedia): void },
  media: readonly TestMedia[],
): Promise<void> {
  const received = (): number => server.core.streams.list()[0]?.publisher.stats().bytes ?? -1;
  // `@setDataFrame` is taken off.
  const size = ({ type, payload }: TestMedia): number => payload.length - (type === 18 ? 16 : 0);
  const target = received() + media.reduce((sum, one) => sum + size(one), 0);
  for (const one of media) publisher.send(one);
  await until(() => received() >= target, 'the server to have received it');
}

/** Plays over WebSocket; `code` resolves with the code of the close frame. */
function playWebSocket(server: MediaServer): { tags: FlvTag[]; code: Promise<number>; socket: WebSocket } {
  const socket = new WebSocket(`ws://127.0.0.1:${server.httpPort}/live/cam1.flv`);
  const reader = new FlvReader();
  const tags: FlvTag[] = [];
  socket.on('message', (bytes: Buffer) => {
    reader.push(bytes);
    for (let tag = reader.next(); tag; tag = reader.next()) tags.push(tag);
  });
  const code = new Promise<number>((resolve) => socket.on('close', resolve));
  return { tags, code, socket };
}

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
    const tags: FlvTag[] = [];
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

  it('plays over WebSocket', async () => {
    await using server = await startMediaServer();
    const publisher = await server.rtmp({ mode: 'publish', stream: 'cam1' });
    await sendAll(server, publisher, [videoConfig(), videoFrame(0, 1, { key: true })]);
    const { tags, code } = playWebSocket(server);
    await until(() => marks(tags).length === 1, 'the first frame');
    publisher.send(videoFrame(40, 2));
    await until(() => marks(tags).length === 2, 'both frames');
    expect(tags.map(({ type, timestamp }) => [type, timestamp])).toEqual([
      [9, 0],
      [9, 0],
      [9, 40],
    ]);
    await publisher.close();
    expect(await code).toBe(1000);
    await until(() => server.closings().length === 2, 'both lines');
    expect(server.closings().sort()).toEqual(['closed: the peer closed', 'closed: the peer stopped']);
  });

  it.each(['hevc', 'av1', 'opus', 'sample'] as const)('relays %s unchanged', async (name) => {
    await using server = await startMediaServer();
    const publisher = await server.rtmp({ mode: 'publish', stream: 'cam1' });
    const seen = collect();
    await server.rtmp({ mode: 'play', stream: 'cam1', ...seen });
    const tags = readTags(SAMPLES[name]).filter(({ type }) => type !== 18);
    for (const tag of tags) publisher.send(tag);
    const plain = (media: readonly Media[]): string[] => {
      const lines = media.map(
        ({ type, timestamp, payload }) => `${type} ${timestamp} ${payload.toString('hex')}`,
      );
      const key = tags.find((tag) => inspectVideo(tag.payload)?.keyframe && tag.type === 9);
      return lines.slice(lines.findIndex((line) => line.endsWith(key!.payload.toString('hex'))));
    };
    const expected = plain(tags);
    await until(() => plain(seen.messages).length >= expected.length, 'all tags');
    expect(plain(seen.messages)).toEqual(expected);
    const configs = tags.filter(({ payload }) => inspectVideo(payload)?.kind === 'sequence-header');
    expect(seen.messages.map(({ payload }) => payload)).toEqual(
      expect.arrayContaining(configs.map(({ payload }) => payload)),
    );
    await publisher.close();
  });
});

describe('a player that joins late', () => {
  const start = [metadata(), videoConfig(), audioConfig()];

  it('begins with metadata, configurations and all since the last keyframe', async () => {
    await using server = await startMediaServer();
    const publisher = await server.rtmp({ mode: 'publish', stream: 'cam1' });
    const frames = [0, 1, 2, 3, 4].map((i) => videoFrame(1000 + i * 40, i, { key: i === 0 || i === 3 }));
    await sendAll(server, publisher, [...start, ...frames, audioFrame(1170)]);
    const seen = collect();
    await server.rtmp({ mode: 'play', stream: 'cam1', ...seen });
    await until(() => marks(seen.messages).length === 2, 'the cached frames');
    publisher.send(videoFrame(1200, 5));
    await until(() => marks(seen.messages).length === 3, 'a live frame');
    expect(seen.messages.map(({ type, timestamp }) => [type, timestamp])).toEqual([
      [18, 0], // |RtmpSampleAccess
      [18, 1120],
      [9, 1120],
      [8, 1120],
      [9, 1120],
      [9, 1160],
      [8, 1170],
      [9, 1200],
    ]);
    expect(marks(seen.messages)).toEqual([3, 4, 5]);
  });

  it('waits for a keyframe when too much has come since the last one', async () => {
    await using server = await startMediaServer({ limits: { gopCacheBytes: 10_000 } });
    const publisher = await server.rtmp({ mode: 'publish', stream: 'cam1' });
    const large = [0, 1, 2].map((i) => videoFrame(i * 40, i, { key: i === 0, size: 5000 }));
    await sendAll(server, publisher, [...start, ...large]);
    const seen = collect();
    await server.rtmp({ mode: 'play', stream: 'cam1', ...seen });
    await sendAll(server, publisher, [
      videoFrame(120, 3),
      audioFrame(130),
      videoFrame(160, 4, { key: true }),
    ]);
    await until(() => marks(seen.messages).length > 0, 'a frame');
    expect(marks(seen.messages)).toEqual([4]);
    expect(seen.messages.filter(({ timestamp }) => timestamp === 130)).toEqual([]);
  });

  it('gets a new configuration without the frames of the old one', async () => {
    await using server = await startMediaServer();
    const publisher = await server.rtmp({ mode: 'publish', stream: 'cam1' });
    await sendAll(server, publisher, [...start, videoFrame(0, 0, { key: true }), videoConfig(2)]);
    const seen = collect();
    await server.rtmp({ mode: 'play', stream: 'cam1', ...seen });
    await sendAll(server, publisher, [videoFrame(40, 1), videoFrame(80, 2, { key: true })]);
    await until(() => marks(seen.messages).length > 0, 'a frame');
    expect(marks(seen.messages)).toEqual([2]);
    const configs = seen.messages.filter(({ type, payload }) => type === 9 && payload[1] === 0);
    expect(configs.at(-1)?.payload).toEqual(videoConfig(2).payload);
  });

  it('begins at once when there is sound only', async () => {
    await using server = await startMediaServer();
    const publisher = await server.rtmp({ mode: 'publish', stream: 'cam1' });
    await sendAll(server, publisher, [audioConfig(), audioFrame(0)]);
    const tags: FlvTag[] = [];
    await playFlv({
      url: `http://127.0.0.1:${server.httpPort}/live/cam1.flv`,
      onTag: (tag) => tags.push(tag),
    });
    publisher.send(audioFrame(23));
    await until(() => tags.length === 2, 'configuration and sound');
    expect(tags.map(({ type, timestamp }) => [type, timestamp])).toEqual([
      [8, 0],
      [8, 23],
    ]);
  });

  it('is given what is on when it goes on after a pause', async () => {
    await using server = await startMediaServer();
    const publisher = await server.rtmp({ mode: 'publish', stream: 'cam1' });
    await sendAll(server, publisher, [...start, videoFrame(0, 0, { key: true })]);
    const player = await RtmpPeer.connected(server.ingest.rtmpPort);
    player.command('play', 3, null, 'cam1');
    await until(() => marks(player.messages).length === 1, 'the first frame');
    player.command('pause', 4, null, true, 0);
    await until(() => player.codes().includes('NetStream.Pause.Notify'), 'the pause');
    await sendAll(server, publisher, [
      videoFrame(40, 1),
      videoFrame(80, 2, { key: true }),
      videoFrame(120, 3),
    ]);
    player.command('pause', 5, null, false, 0);
    await until(() => marks(player.messages).length === 3, 'the frames since the keyframe');
    expect(marks(player.messages)).toEqual([0, 2, 3]);
    player.destroy();
  });
});

describe('players and publishers that come and go', () => {
  it('lets an RTMP player wait for the stream', async () => {
    await using server = await startMediaServer();
    const seen = collect();
    const playing = server.rtmp({ mode: 'play', stream: 'cam1', ...seen });
    await until(() => server.core.streams.countPlayers() === 1, 'the player to wait');
    const publisher = await server.rtmp({ mode: 'publish', stream: 'cam1' });
    const player = await playing;
    for (const media of [videoConfig(), videoFrame(0, 1), videoFrame(40, 2, { key: true })])
      publisher.send(media);
    await until(() => marks(seen.messages).length > 0, 'the keyframe');
    expect(marks(seen.messages)).toEqual([2]);
    await publisher.close();
    expect(await player.ended).toMatchObject({ code: 'NetStream.Play.Stop', error: undefined });
  });

  it('tells an RTMP player when the stream does not begin', async () => {
    await using server = await startMediaServer({ limits: { playWaitMs: 50 } });
    await expect(server.rtmp({ mode: 'play', stream: 'cam1' })).rejects.toMatchObject({
      end: { code: 'NetStream.Play.StreamNotFound', description: 'cam1 is not live.' },
    });
    expect(server.core.streams.countPlayers()).toBe(0);
  });

  it('refuses a second publisher, and does not disturb the first', async () => {
    await using server = await startMediaServer();
    const first = await server.rtmp({ mode: 'publish', stream: 'cam1' });
    await expect(server.rtmp({ mode: 'publish', stream: 'cam1' })).rejects.toMatchObject({
      end: { code: 'NetStream.Publish.BadName', description: 'another publisher is live on this stream' },
    });
    const seen = collect();
    await server.rtmp({ mode: 'play', stream: 'cam1', ...seen });
    first.send(videoFrame(0, 7, { key: true }));
    await until(() => marks(seen.messages).length === 1, 'the frame of the first');
    expect(server.store.refused).toMatchObject([{ problem: 'busy', target: '127.0.0.1/live/cam1' }]);
  });

  it('replaces a publisher when told to; players stay and time does not go back', async () => {
    await using server = await startMediaServer({ core: { duplicatePublish: 'replace' } });
    const first = await server.rtmp({ mode: 'publish', stream: 'cam1' });
    const seen = collect();
    const player = await server.rtmp({ mode: 'play', stream: 'cam1', ...seen });
    await sendAll(server, first, [videoConfig(), videoFrame(5000, 1, { key: true }), videoFrame(5040, 2)]);
    await until(() => marks(seen.messages).length === 2, 'the first publisher');
    const second = await server.rtmp({ mode: 'publish', stream: 'cam1' });
    expect((await first.ended).description).toBe('replaced by another publisher');
    await sendAll(server, second, [metadata(), videoConfig(2), videoFrame(90, 3), audioFrame(80)]);
    await sendAll(server, second, [videoFrame(130, 4, { key: true }), videoFrame(170, 5)]);
    await until(() => marks(seen.messages).length === 4, 'the second publisher');
    expect(marks(seen.messages)).toEqual([1, 2, 4, 5]);
    const times = seen.messages.filter(({ type }) => type !== 18).map(({ timestamp }) => timestamp);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.at(-1)! - times.at(-2)!).toBe(40);
    expect(server.store.ended).toMatchObject([{ reason: 'replaced by another publisher' }]);
    await player.close();
  });

  it('lets a publisher stop and publish again on its connection', async () => {
    await using server = await startMediaServer();
    const peer = await RtmpPeer.publishing(server.ingest.rtmpPort, 'cam1');
    peer.command('deleteStream', 4, null, 1);
    await until(() => server.core.streams.list().length === 0, 'the end');
    peer.command('publish', 5, null, 'cam2', 'live');
    await until(() => server.core.streams.list()[0]?.key.stream === 'cam2', 'the second stream');
    peer.destroy();
    await until(() => server.core.streams.list().length === 0, 'the end');
    expect(server.store.ended.map(({ reason }) => reason)).toEqual(['the peer stopped', 'the peer closed']);
  });
});

describe('playback over HTTP', () => {
  it('answers what is not live, not ours or only asked about', async () => {
    await using server = await startMediaServer();
    const base = `http://127.0.0.1:${server.httpPort}`;
    const url = `${base}/live/cam1.flv`;
    await expect(playFlv({ url, onTag: () => undefined })).rejects.toThrow(FlvRefusedError);
    const missing = await fetch(url);
    expect(missing.status).toBe(404);
    expect(missing.headers.get('access-control-allow-origin')).toBe('*');
    expect(await missing.json()).toEqual({ Code: 'not-live', Message: 'the stream is not live' });
    const publisher = await server.rtmp({ mode: 'publish', stream: 'cam1' });
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'video/x-flv']);
    const preflight = await fetch(url, { method: 'OPTIONS' });
    expect([preflight.status, preflight.headers.get('access-control-allow-methods')]).toEqual([
      204,
      'GET, HEAD, OPTIONS',
    ]);
    for (const path of ['/live/cam1.m3u8', '/live/cam1', '/a/b/c.flv', '/cam1.flv'])
      expect((await fetch(base + path)).status).toBe(404);
    expect((await fetch(url, { method: 'POST', body: 'x' })).status).toBe(404);
    const { code } = playWebSocketAt(`ws://127.0.0.1:${server.httpPort}/live/other.flv`);
    expect(await code).toBe('Unexpected server response: 404');
    await publisher.close();
  });

  it('finds the stream by vhost, Host and percent-encoding', async () => {
    await using server = await startMediaServer();
    const publisher = await server.rtmp({
      mode: 'publish',
      stream: 'Kamera 1?vhost=play.example.com',
    });
    publisher.send(videoFrame(0, 1, { key: true }));
    const base = `http://127.0.0.1:${server.httpPort}/live`;
    const found = async (path: string): Promise<number> => {
      const answer = await fetch(`${base}/${path}`);
      await answer.body?.cancel();
      return answer.status;
    };
    expect(await found('Kamera%201.flv?vhost=PLAY.example.com')).toBe(200);
    expect(await found('%4bamera%201.flv?vhost=play.example.com:80')).toBe(200);
    expect(await found('kamera%201.flv?vhost=play.example.com')).toBe(404);
    expect(await found('Kamera%201.flv')).toBe(404);
    await until(() => server.core.streams.countPlayers() === 0, 'the players to be forgotten');
  });
});

/** What an upgrade that is refused says. */
function playWebSocketAt(url: string): { code: Promise<string> } {
  const socket = new WebSocket(url);
  return { code: new Promise((resolve) => socket.on('error', (error) => resolve(error.message))) };
}

describe('what encoders do differently', () => {
  it('takes commands and metadata in the AMF3 wrapper, and aggregates', async () => {
    await using server = await startMediaServer();
    const peer = new RtmpPeer(server.ingest.rtmpPort);
    await peer.handshake();
    const amf3 = (...values: AmfValue[]): void =>
      peer.send({ type: 17, payload: Buffer.concat([Buffer.of(0), encodeAmf0(...values)]), streamId: 0 });
    peer.command('connect', 1, { app: 'live', tcUrl: 'rtmp://127.0.0.1/live', objectEncoding: 3 });
    const [, , , info] = await peer.waitFor('_result');
    expect(info).toMatchObject({ code: 'NetConnection.Connect.Success', objectEncoding: 3 });
    amf3('releaseStream', 2, null, 'cam1');
    amf3('FCPublish', 3, null, 'cam1');
    amf3('createStream', 4, null);
    amf3('publish', 5, null, 'cam1', 'live');
    await until(() => peer.codes().includes('NetStream.Publish.Start'), 'publishing');
    const seen = collect();
    await server.rtmp({ mode: 'play', stream: 'cam1', ...seen });
    const wrapped = Buffer.concat([Buffer.of(0), metadata().payload]);
    peer.send({ type: 15, payload: wrapped });
    const parts = [videoConfig(), videoFrame(500, 1, { key: true }), videoFrame(540, 2)].map(encodeTag);
    peer.send({ type: 22, timestamp: 9000, payload: Buffer.concat(parts) });
    await until(() => marks(seen.messages).length === 2, 'the frames of the aggregate');
    expect(seen.messages.filter(({ type }) => type === 9).map(({ timestamp }) => timestamp)).toEqual([
      9500, 9500, 9540,
    ]);
    expect(seen.messages.some(({ type, payload }) => type === 18 && payload.includes('onMetaData'))).toBe(
      true,
    );
    peer.destroy();
  });

  it('tells enhanced encoders which of their codecs it relays', async () => {
    await using server = await startMediaServer();
    const peer = new RtmpPeer(server.ingest.rtmpPort);
    await peer.handshake();
    peer.command('connect', 1, { app: 'live', tcUrl: 'rtmp://a/live', fourCcList: ['hvc1', 'zzzz', 'Opus'] });
    const [, , properties, info] = await peer.waitFor('_result');
    expect((info as { fourCcList: string[] }).fourCcList).toEqual(['hvc1', 'Opus']);
    expect(properties).toHaveProperty('fmsVer');
    const types = peer.messages.map(({ type }) => type);
    expect(types.slice(0, 2)).toEqual([5, 6]);
    expect(peer.commands('onBWDone')).toHaveLength(1);
    peer.destroy();
  });

  it('acknowledges what it receives, and answers calls that want an answer', async () => {
    await using server = await startMediaServer();
    const peer = await RtmpPeer.publishing(server.ingest.rtmpPort, 'cam1');
    peer.send(windowAckSize(50_000));
    for (let i = 0; i < 10; i++) peer.send(videoFrame(i, i, { key: true, size: 20_000 }));
    const acknowledged = (): number =>
      Math.max(
        0,
        ...peer.messages.filter(({ type }) => type === 3).map(({ payload }) => payload.readUInt32BE(0)),
      );
    await until(() => acknowledged() > 150_000, 'acknowledgements');
    expect(acknowledged()).toBeLessThanOrEqual(peer.socket.bytesWritten);
    peer.command('_checkbw', 7, null);
    peer.command('getStreamLength', 8, null, 'cam1');
    peer.command('whatever', 9, null);
    peer.command('whatever', 0, null);
    await until(() => peer.commands('_result').some(([, id]) => id === 9), 'the answers');
    expect(peer.commands('_result').map(([, id]) => id)).toEqual([1, 2, 7, 8, 9]);
    peer.destroy();
  });
});
