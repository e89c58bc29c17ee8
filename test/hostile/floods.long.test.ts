import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { markOf, videoConfig, videoFrame } from '../support/frames.ts';
import { collect, startMediaServer } from '../support/ingest-harness.ts';
import type { MediaServer } from '../support/ingest-harness.ts';
import { until } from '../support/wait.ts';

const MB = 1024 * 1024;
const LIMITS = { maxConnections: 10_000, maxConnectionsPerAddress: 10_000 };

/** A stream that must flow all along; `flows` resolves when a frame of it has come through. */
async function startCanary(server: MediaServer): Promise<() => Promise<void>> {
  const publisher = await server.rtmp({ mode: 'publish', stream: 'canary' });
  const seen = collect();
  await server.rtmp({ mode: 'play', stream: 'canary', ...seen });
  publisher.send(videoConfig());
  let mark = 0;
  return async () => {
    const wanted = ++mark;
    publisher.send(videoFrame(wanted, wanted, { key: true }));
    await until(() => seen.messages.some((message) => markOf(message) === wanted), 'the canary', 2000);
  };
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.on('error', () => resolve(socket));
    socket.resume();
  });
}

const isOpen = (socket: Socket): boolean => !socket.destroyed && socket.readable;

describe('floods', () => {
  it('2,000 connections that say nothing are gone after the deadline', async () => {
    await using server = await startMediaServer({ limits: { ...LIMITS, handshakeMs: 3000 } });
    const flows = await startCanary(server);
    const before = process.memoryUsage().rss;
    const sockets: Socket[] = [];
    for (let i = 0; i < 20; i++) {
      const some = await Promise.all(Array.from({ length: 100 }, () => open(server.ingest.rtmpPort)));
      sockets.push(...some);
      await flows();
    }
    // A slow talker is no better off.
    for (const socket of sockets.slice(0, 300)) socket.write(Buffer.of(3));
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * MB);
    await until(() => sockets.every((socket) => !isOpen(socket)), 'all of them to be closed', 10_000);
    await flows();
    await until(() => server.counts['closed rtmp'] === 2000, 'all of them to be gone');
  }, 60_000);

  it('5,000 connections that come and go leave nothing', async () => {
    await using server = await startMediaServer({ limits: LIMITS });
    const flows = await startCanary(server);
    const before = process.memoryUsage().rss;
    for (let round = 0; round < 100; round++) {
      const some = await Promise.all(Array.from({ length: 50 }, () => open(server.ingest.rtmpPort)));
      for (const socket of some) {
        if (round % 2 === 0) socket.destroy();
        else socket.end(Buffer.concat([Buffer.of(3), Buffer.alloc(1536)]));
      }
      if (round % 10 === 0) await flows();
    }
    await until(() => server.counts['closed rtmp'] === 5000, 'all of them to be gone');
    expect(server.closings()).toHaveLength(5000);
    await flows();
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * MB);
  }, 60_000);

  it('one publisher that sends as fast as it can does not starve the others', async () => {
    await using server = await startMediaServer({ limits: LIMITS });
    const flows = await startCanary(server);
    const flood = await server.rtmp({ mode: 'publish', stream: 'flood' });
    let on = true;
    const send = (): void => {
      for (let i = 0; i < 2000 && on; i++) flood.send(videoFrame(i, i, { key: i % 100 === 0 }));
      if (on) setImmediate(send);
    };
    send();
    const until5s = performance.now() + 5000;
    let slowest = 0;
    while (performance.now() < until5s) {
      const at = performance.now();
      await flows();
      slowest = Math.max(slowest, performance.now() - at);
    }
    on = false;
    expect(slowest).toBeLessThan(1000);
    flood.destroy();
  }, 60_000);

  it('200 players of one stream all get every frame', async () => {
    await using server = await startMediaServer({ limits: LIMITS });
    const publisher = await server.rtmp({ mode: 'publish', stream: 'cam1' });
    publisher.send(videoConfig());
    const players = Array.from({ length: 200 }, collect);
    await Promise.all(players.map((seen) => server.rtmp({ mode: 'play', stream: 'cam1', ...seen })));
    const wanted = Array.from({ length: 250 }, (_, i) => i);
    for (const i of wanted) {
      publisher.send(videoFrame(i * 40, i, { key: i % 50 === 0, size: 5000 }));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const marks = (seen: (typeof players)[number]): number[] =>
      seen.messages.map(markOf).filter((mark) => mark !== undefined);
    await until(() => players.every((seen) => marks(seen).at(-1) === 249), 'the last frame');
    for (const seen of players) expect(marks(seen)).toEqual(wanted);
  }, 60_000);
});
