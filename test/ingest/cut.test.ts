import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { RtmpRefusedError } from '../../src/cli/rtmp-client.ts';
import { playFlv } from '../../src/cli/flv-player.ts';
import { encodeMessage } from '../../src/wire/rtmp/chunk-writer.ts';
import { markOf, videoConfig, videoFrame } from '../support/frames.ts';
import { collect, startMediaServer } from '../support/ingest-harness.ts';
import { RtmpPeer } from '../support/rtmp-peer.ts';
import { until } from '../support/wait.ts';

const KEY = { domain: 'live.local', app: 'live', stream: 'cam1' };
const RESUME = {
  caller: {
    accountId: '1000000000000001',
    accessKeyId: 'key',
    requestId: 'R',
    at: 0,
    actor: 'root',
    target: null,
    action: 'ResumeLiveStream',
    clientAddress: '127.0.0.1',
    nonce: 'resume',
  },
};

const marks = (messages: readonly { type: number; payload: Buffer }[]): (number | undefined)[] =>
  messages.map(markOf).filter((mark) => mark !== undefined);

/** An aggregate message of video frames. */
function aggregate(marks: readonly number[]): { type: number; payload: Buffer } {
  const parts = marks.map((mark) => {
    const { payload } = videoFrame(0, mark);
    const head = Buffer.alloc(11);
    head[0] = 9;
    head.writeUIntBE(payload.length, 1, 3);
    head.writeUIntBE(mark, 4, 3);
    return Buffer.concat([head, payload, Buffer.alloc(4)]);
  });
  return { type: 22, payload: Buffer.concat(parts) };
}

describe('a cut', () => {
  it('relays not one frame more, tells the publisher, resets it, and ends the players', async () => {
    await using server = await startMediaServer();
    const publisher = await RtmpPeer.publishing(server.ingest.rtmpPort, 'cam1');
    const seen = collect();
    const player = await server.rtmp({ mode: 'play', stream: 'cam1', ...seen });
    const tags: unknown[] = [];
    const flv = await playFlv({
      url: `http://127.0.0.1:${server.httpPort}/live/cam1.flv`,
      onTag: (tag) => tags.push(tag),
    });
    publisher.send(videoConfig());
    publisher.send(videoFrame(0, 0, { key: true }));
    await until(() => seen.messages.some((message) => markOf(message) === 0), 'the first frame');
    // Frames that are read but not written yet must not go out either.
    let mark = 1;
    const sender = setInterval(() => publisher.send(videoFrame(mark, mark++)), 1);
    await sleep(50);
    const sentOut = (): (number | undefined)[] => [
      server.counts['bytes out rtmp'],
      server.counts['bytes out http-flv'],
    ];
    const { streams } = server.core;
    const cut = streams.cut.bind(streams);
    let relayed: unknown;
    streams.cut = (...args) => {
      relayed = sentOut();
      return cut(...args);
    };
    const effect = await server.forbid({});
    const at = performance.now();
    expect(effect).toEqual({ publishers: 1, players: 2 });
    await until(() => publisher.isClosed, 'the publisher to be reset');
    const took = performance.now() - at;
    clearInterval(sender);
    expect(took).toBeLessThan(500);
    expect(publisher.codes()).toEqual(['NetStream.Publish.Start', 'NetStream.Publish.Rejected']);
    expect((await player.ended).code).toBe('NetStream.Play.Stop');
    expect((await player.ended).error).toBeUndefined();
    expect(await flv.ended).toEqual({ complete: true });
    expect(marks(seen.messages).length).toBeGreaterThan(5);
    expect(sentOut()).toEqual(relayed);
    expect(server.closings()).toContain('closed: cut: forbidden');
    expect(server.store.ended).toMatchObject([{ reason: 'forbidden' }]);
  });

  it('stops in the middle of an aggregate, and of what was read with it', async () => {
    const hook = { onBytesOut: (): void => undefined };
    await using server = await startMediaServer({
      limits: { mergeMs: 0 },
      onBytesOut: () => hook.onBytesOut(),
    });
    const publisher = await RtmpPeer.publishing(server.ingest.rtmpPort, 'cam1');
    const seen = collect();
    await server.rtmp({ mode: 'play', stream: 'cam1', ...seen });
    publisher.send(videoConfig());
    publisher.send(videoFrame(0, 0, { key: true }));
    await until(() => marks(seen.messages).length === 1, 'the first frame');
    let writes = 0;
    hook.onBytesOut = () => {
      if (++writes === 2) server.core.streams.cut(KEY, 'forbidden');
    };
    const message = { ...aggregate([1, 2, 3, 4, 5]), streamId: 1, chunkStreamId: 6, timestamp: 0 };
    const later = { ...videoFrame(10, 9), streamId: 1, chunkStreamId: 6 };
    publisher.write(Buffer.concat([encodeMessage(message, 60_000), encodeMessage(later, 60_000)]));
    await until(() => server.counts['closed rtmp'] === 2, 'both to be gone');
    expect(marks(seen.messages)).toEqual([0, 1, 2]);
  });

  it('does not wait for a publisher that ignores it and keeps sending', async () => {
    await using server = await startMediaServer();
    const publisher = await RtmpPeer.publishing(server.ingest.rtmpPort, 'cam1', { allowHalfOpen: true });
    publisher.send(videoConfig());
    // It does not read, so it does not see what it is told.
    publisher.socket.pause();
    let mark = 0;
    const sender = setInterval(() => publisher.send(videoFrame(mark, mark++, { key: true })), 1);
    await until(() => mark > 10, 'some frames');
    await server.forbid({});
    await until(() => server.counts['closed rtmp'] === 1, 'the connection to be gone', 500);
    clearInterval(sender);
    expect(server.core.streams.list()).toEqual([]);
    publisher.destroy();
  });

  it('keeps out whoever comes back every 50 ms, by any spelling and over any way in', async () => {
    const mappings = { 'push.example.com': 'play.example.com', 'push2.example.com': 'play.example.com' };
    await using server = await startMediaServer({ domains: { mappings } });
    const key = { domain: 'play.example.com', stream: 'cam1' };
    const names = [
      { stream: 'cam1', tcUrl: 'rtmp://push.example.com/live' },
      { stream: 'cam1', tcUrl: 'rtmp://PUSH.Example.COM:1935/live' },
      { stream: 'cam1', tcUrl: 'rtmp://push2.example.com/live' },
      { stream: 'cam1', tcUrl: 'rtmp://push.example.com./live' },
      { stream: 'cam1?nonce=7', tcUrl: 'rtmp://play.example.com/live' },
      { stream: 'cam1?vhost=PLAY.example.com:80', tcUrl: 'rtmp://other.example.com/live' },
      { stream: 'cam1', app: 'live?vhost=push2.example.com', tcUrl: 'rtmp://127.0.0.1/live' },
      { stream: 'cam1', app: 'live/', tcUrl: 'rtmp://127.0.0.1/live?vhost=push.example.com' },
      { stream: '%63am1', tcUrl: 'rtmp://push.example.com/live' },
      { stream: 'c%61m%31', app: '%6Cive', tcUrl: 'rtmp://push.example.com/live' },
    ];
    const first = await server.rtmp({ mode: 'publish', ...names[0]! });
    expect(await server.forbid(key)).toEqual({ publishers: 1, players: 0 });
    await first.ended;
    const refusals: string[] = [];
    for (let round = 0; round < 20; round++) {
      const name = names[round % names.length]!;
      const attempt = server.rtmp({ mode: 'publish', ...name });
      await attempt.then(
        (client) => client.destroy(),
        (error: unknown) => refusals.push((error as RtmpRefusedError).end.description ?? ''),
      );
      await sleep(50);
    }
    expect(refusals).toEqual(Array.from({ length: 20 }, () => 'the stream is forbidden'));
    expect(server.store.refused).toHaveLength(20);
    expect(server.store.started).toHaveLength(1);
    // The names are of that stream, each of them: after a resume it is live under them.
    await server.core.control.resume({ ...RESUME, domain: 'play.example.com', app: 'live', stream: 'cam1' });
    for (const name of names) {
      const client = await server.rtmp({ mode: 'publish', ...name });
      expect(server.core.streams.list().map(({ key: live }) => live)).toEqual([{ app: 'live', ...key }]);
      await client.close();
      await until(() => server.core.streams.list().length === 0, 'the end');
    }
  });

  it('ends players that wait for the stream, and refuses new ones', async () => {
    await using server = await startMediaServer();
    const waiting = await RtmpPeer.connected(server.ingest.rtmpPort);
    waiting.command('play', 3, null, 'cam1');
    await until(() => server.core.streams.countPlayers() === 1, 'the player');
    expect(await server.forbid({})).toEqual({ publishers: 0, players: 1 });
    await until(() => waiting.isClosed, 'its end');
    await expect(server.rtmp({ mode: 'play', stream: 'cam1' })).rejects.toThrow('the stream is forbidden');
    const answer = await fetch(`http://127.0.0.1:${server.httpPort}/live/cam1.flv`);
    expect([answer.status, await answer.json()]).toEqual([
      403,
      { Code: 'blocked', Message: 'the stream is forbidden' },
    ]);
  });
});
