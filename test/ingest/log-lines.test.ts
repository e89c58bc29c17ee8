import { Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { silentLogger } from '../../src/base/logger.ts';
import { RtmpConnection } from '../../src/ingest/rtmp-connection.ts';
import { DEFAULT_INGEST_LIMITS } from '../../src/ingest/settings.ts';
import { videoConfig, videoFrame } from '../support/frames.ts';
import { startMediaServer } from '../support/ingest-harness.ts';
import type { LogLine, MediaServer } from '../support/ingest-harness.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { RtmpPeer } from '../support/rtmp-peer.ts';
import { until } from '../support/wait.ts';

/** The lines at info that begin like this, once there are so many. */
async function linesOf(server: MediaServer, start: string, count: number): Promise<LogLine[]> {
  const lines = (): LogLine[] =>
    server.log.filter(({ level, message }) => level === 'info' && message.startsWith(start));
  await until(() => lines().length >= count, `${count} of ${start}`);
  return lines();
}

const anyNumber: unknown = expect.any(Number);
const FIGURES = { port: anyNumber, bytesIn: anyNumber, seconds: anyNumber };
const CAM1 = { address: '127.0.0.1', stream: 'live.local/live/cam1' };

describe('the log', () => {
  it('tells who publishes and plays and how each ended, under one name of the stream', async () => {
    await using server = await startMediaServer();
    const publisher = await RtmpPeer.publishing(server.ingest.rtmpPort, 'cam1');
    publisher.send(videoConfig());
    publisher.send(videoFrame(0, 1, { key: true }));
    await until(() => server.core.streams.list()[0]!.publisher.stats().bytes > 20, 'media');
    const rtmp = await server.rtmp({ mode: 'play', stream: 'cam1', tcUrl: 'rtmp://127.0.0.1/live' });
    const http = await fetch(`http://127.0.0.1:${server.httpPort}/live/cam1.flv?auth_key=secret`);
    const ws = new WebSocket(`ws://127.0.0.1:${server.httpPort}/live/cam1.flv`);
    await new Promise((resolve) => ws.once('message', resolve));
    const [publishing] = await linesOf(server, 'publishing', 1);
    expect(publishing?.bindings).toMatchObject({ ...CAM1, protocol: 'rtmp' });
    const playing = await linesOf(server, 'playing', 3);
    expect(playing.map(({ bindings }) => bindings)).toMatchObject(
      ['rtmp', 'http-flv', 'ws-flv'].map((protocol) => ({ ...CAM1, protocol })),
    );
    publisher.destroy();
    await Promise.all([rtmp.ended, http.arrayBuffer()]);
    const closed = await linesOf(server, 'closed: ', 4);
    for (const { bindings } of closed) expect(bindings).toMatchObject({ ...CAM1, ...FIGURES });
    const ids = (lines: readonly LogLine[]): unknown[] =>
      lines.map(({ bindings }) => bindings['conn']).sort();
    expect(ids(closed)).toEqual(ids([publishing!, ...playing]));
    const flv = closed.filter(({ bindings }) => String(bindings['protocol']).endsWith('-flv'));
    for (const { bindings } of flv) expect(bindings['bytesOut']).toBeGreaterThan(100);
  });

  it('does not say that a player plays before the stream begins', async () => {
    await using server = await startMediaServer();
    const player = await RtmpPeer.connected(server.ingest.rtmpPort);
    player.command('play', 3, null, 'cam1');
    player.command('getStreamLength', 4, null, 'cam1');
    await until(() => player.commands('_result').length === 2, 'the answer that follows');
    expect(server.log).toEqual([]);
    const publisher = await RtmpPeer.publishing(server.ingest.rtmpPort, 'cam1');
    await linesOf(server, 'playing', 1);
    publisher.destroy();
    player.destroy();
  });

  it('tells of players over HTTP and WebSocket that are refused, without what they claim', async () => {
    await using server = await startMediaServer({
      domains: { auth: { 'play.example.com': { mainKey: 'play-key-1', ttlSeconds: 60 } } },
    });
    const at = (path: string): string => `//127.0.0.1:${server.httpPort}/live/${path}`;
    await (await fetch(`http:${at('cam1.flv?vhost=play.example.com&auth_key=1-2-3-secret')}`)).text();
    await (await fetch(`http:${at(`${'x'.repeat(900)}.flv?auth_key=1-2-3-secret`)}`)).text();
    const ws = new WebSocket(`ws:${at('cam1.flv?auth_key=1-2-3-secret')}`);
    await new Promise((resolve) => ws.once('error', resolve));
    const lines = await linesOf(server, 'closed: ', 3);
    expect(lines.map(({ message, bindings }) => [message, bindings['protocol']])).toEqual([
      ['closed: play refused: auth-malformed', 'http-flv'],
      ['closed: play refused: bad-stream', 'http-flv'],
      ['closed: play refused: not-live', 'ws-flv'],
    ]);
    expect(lines[0]?.bindings).toMatchObject({ ...FIGURES, stream: 'play.example.com/live/cam1' });
    expect(lines[2]?.bindings).toMatchObject({ ...FIGURES, ...CAM1 });
    expect(String(lines[1]?.bindings['stream'])).toHaveLength(256);
    expect(JSON.stringify(server.log)).not.toMatch(/auth_key|secret/);
  });
});

describe('a publisher that resets its connection', () => {
  it('is said to have closed when it stopped before', async () => {
    await using server = await startMediaServer();
    const peer = await RtmpPeer.publishing(server.ingest.rtmpPort, 'cam1');
    peer.command('FCUnpublish', 4, null, 'cam1');
    await until(() => server.core.streams.list().length === 0, 'the end of the publish');
    peer.socket.resetAndDestroy();
    await linesOf(server, 'closed: ', 1);
    expect(server.closings()).toEqual(['closed: the peer closed']);
  });

  it('is said to have broken off when it did not', async () => {
    await using server = await startMediaServer();
    const peer = await RtmpPeer.publishing(server.ingest.rtmpPort, 'cam1');
    peer.socket.resetAndDestroy();
    await linesOf(server, 'closed: ', 1);
    expect(server.closings()).toEqual(['closed: socket error: read ECONNRESET']);
  });

  it.each([
    ['EPIPE', 'the peer closed'],
    ['ECONNRESET', 'socket error: write ECONNRESET'],
    ['ECONNRESET after a stop', 'the peer closed'],
  ])('fails our writes by %s', (failure, reason) => {
    const [code = '', ...stopped] = failure.split(' ');
    const socket = new Socket();
    const connection = new RtmpConnection({
      socket,
      clock: new ManualClock(),
      log: silentLogger,
      limits: DEFAULT_INGEST_LIMITS,
      randomBytes: (size) => Buffer.alloc(size),
      onBytes: () => undefined,
    });
    const onClosing = vi.fn();
    const ignored = { onReady: vi.fn(), onMessage: vi.fn(), onDrain: vi.fn(), onClosed: vi.fn() };
    connection.start({ ...ignored, onClosing });
    if (stopped.length > 0) connection.peerStopped();
    socket.emit('error', Object.assign(new Error(`write ${code}`), { code }));
    expect(onClosing).toHaveBeenCalledExactlyOnceWith(reason);
  });
});
