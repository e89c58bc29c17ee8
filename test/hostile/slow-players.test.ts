import { get } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { RtmpClient } from '../../src/cli/rtmp-client.ts';
import { Batch, Delivery } from '../../src/ingest/batch.ts';
import { readMedia } from '../../src/ingest/frame.ts';
import { ByteBudget } from '../../src/base/byte-budget.ts';
import { PlayerQueue } from '../../src/ingest/player-queue.ts';
import { markOf, videoConfig, videoFrame } from '../support/frames.ts';
import { collect, startMediaServer } from '../support/ingest-harness.ts';
import type { MediaServer } from '../support/ingest-harness.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { RtmpPeer } from '../support/rtmp-peer.ts';
import { until } from '../support/wait.ts';
import { Canary } from './canary.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes of buffers that are in use. */
function held(): number {
  collectGarbage();
  return process.memoryUsage().external;
}

const MB = 1024 * 1024;
const FRAME = 100_000;
/** A keyframe every so many frames. */
const GOP = 10;

/** Sends frames numbered on from `from`, not faster than the server takes them; gives the next number. */
async function sendFrames(
  server: MediaServer,
  publisher: RtmpClient,
  { from, count }: { from: number; count: number },
): Promise<number> {
  const stats = (): number =>
    server.core.streams
      .list()
      .find(({ key }) => key.stream === 'cam1')
      ?.publisher.stats().bytes ?? 0;
  for (let i = from; i < from + count; i++) {
    const before = stats();
    publisher.send(videoFrame(i * 40, i, { key: i % GOP === 0, size: FRAME }));
    await until(() => stats() >= before + FRAME, 'the frame to arrive');
  }
  return from + count;
}

async function stalledRtmp(server: MediaServer): Promise<RtmpPeer> {
  const peer = await RtmpPeer.connected(server.ingest.rtmpPort);
  peer.command('play', 3, null, 'cam1');
  await until(() => peer.codes().includes('NetStream.Play.Start'), 'playing');
  peer.socket.pause();
  return peer;
}

describe('a player that does not read', () => {
  it('is dropped though a stream is too slow to overflow its queue, in time to take a long burst', () => {
    const clock = new ManualClock();
    const frame = readMedia({ ...videoFrame(0, 1, { key: true }), streamId: 1, chunkStreamId: 6 });
    if (!frame) throw new Error('no frame');
    let dropped = 0;
    const queue = new PlayerQueue({
      sink: { write: () => false },
      packaging: 'flv',
      clock,
      maxBytes: MB,
      stallMs: 10_000,
      onWritten: () => undefined,
      onSkipped: () => undefined,
      onStalled: () => (dropped += 1),
    });
    const batch = new Batch([{ ...frame, outTimestamp: 0 }], 60_000);
    const delivery = new Delivery(batch.frames, { configs: [], hasVideo: true, chunkSize: 60_000 });
    const oneEachSecond = (seconds: number): void => {
      for (let i = 0; i < seconds; i++) {
        clock.advance(1000);
        queue.deliver(delivery);
      }
    };
    queue.start({ burst: batch, configs: batch, complete: true, budget: new ByteBudget(MB) });
    oneEachSecond(59);
    // It took something: the time begins anew.
    queue.drained();
    oneEachSecond(59);
    expect(dropped).toBe(0);
    oneEachSecond(1);
    expect(dropped).toBe(1);
  });

  it('skips to a keyframe when it reads again; the others miss nothing', async () => {
    await using server = await startMediaServer({ limits: { playerQueueBytes: MB } });
    const publisher = await server.rtmp({ mode: 'publish', stream: 'cam1' });
    const good = collect();
    await server.rtmp({ mode: 'play', stream: 'cam1', ...good });
    publisher.send(videoConfig());
    const slow = await stalledRtmp(server);
    let next = 0;
    while ((server.counts['skipped rtmp'] ?? 0) === 0)
      next = await sendFrames(server, publisher, { from: next, count: GOP });
    slow.socket.resume();
    next = await sendFrames(server, publisher, { from: next, count: 3 * GOP });
    const marks = (messages: typeof slow.messages): number[] =>
      messages.map(markOf).filter((mark) => mark !== undefined);
    await until(() => marks(slow.messages).at(-1) === next - 1, 'the slow player to be up to date');
    const got = marks(slow.messages);
    const gaps = got.filter((mark, i) => i > 0 && mark !== got[i - 1]! + 1);
    expect(gaps.length).toBeGreaterThan(0);
    expect(gaps.filter((mark) => mark % GOP !== 0)).toEqual([]);
    await until(() => marks(good.messages).length === next, 'the good player');
    expect(marks(good.messages)).toEqual(Array.from({ length: next }, (_, i) => i));
    slow.destroy();
  });

  it('is dropped when it takes nothing for too long, over every protocol, and memory stays flat', async () => {
    const limits = { playerQueueBytes: MB, playerStallMs: 1000 };
    await using server = await startMediaServer({ limits });
    const publisher = await server.rtmp({ mode: 'publish', stream: 'cam1' });
    publisher.send(videoConfig());
    let next = await sendFrames(server, publisher, { from: 0, count: 1 });
    const canary = await Canary.start({ rtmpPort: server.ingest.rtmpPort, httpPort: server.httpPort });
    const rtmp = await Promise.all(Array.from({ length: 5 }, () => stalledRtmp(server)));
    const url = `127.0.0.1:${server.httpPort}/live/cam1.flv`;
    const http = Array.from({ length: 5 }, () => get(`http://${url}`, (answer) => answer.pause()));
    for (const one of http) one.on('error', () => undefined);
    const webSockets = Array.from({ length: 5 }, () => {
      const socket = new WebSocket(`ws://${url}`);
      socket.on('error', () => undefined);
      socket.on('open', () => socket.pause());
      return socket;
    });
    await until(() => server.core.streams.countPlayers() === 15 + 2, 'all players');
    const before = held();
    const deadline = performance.now() + 20_000;
    let peak = 0;
    while (server.core.streams.countPlayers() > 2 && performance.now() < deadline) {
      next = await sendFrames(server, publisher, { from: next, count: GOP });
      await canary.beat();
      peak = Math.max(peak, held() - before);
    }
    expect(server.counts).toMatchObject({ 'dropped rtmp': 5, 'dropped http-flv': 5, 'dropped ws-flv': 5 });
    // A queue for each packaging and a GOP, their buffers shared by the players, and not what was sent since.
    expect(next * FRAME).toBeGreaterThan(10 * MB);
    expect(peak).toBeLessThan(6 * MB);
    const stalled = 'closed: the player does not take the stream';
    await until(() => server.closings().filter((line) => line === stalled).length === 15, 'their lines');
    canary.end();
    for (const peer of rtmp) peer.destroy();
    for (const one of http) one.destroy();
    for (const socket of webSockets) socket.terminate();
  });
});
