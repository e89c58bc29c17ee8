import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { audioFrame, metadata, videoConfig, videoFrame } from '../support/frames.ts';
import { startMediaServer } from '../support/ingest-harness.ts';
import type { MediaServer } from '../support/ingest-harness.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { RtmpPeer } from '../support/rtmp-peer.ts';
import { connectTls, LOCALHOST } from '../support/tls.ts';
import { until } from '../support/wait.ts';
import { RawPeer, reach } from './attack.ts';
import type { Stage } from './attack.ts';
import { Canary } from './canary.ts';

const HANDSHAKE_MS = 5000;
const IDLE_MS = 10_000;

let clock: ManualClock;
let server: MediaServer;
let canary: Canary;
/** Connections and timers of the server with its canary. */
let atRest: readonly number[];

const ports = (): { rtmpPort: number; httpPort: number } => ({
  rtmpPort: server.ingest.rtmpPort,
  httpPort: server.httpPort,
});

const held = (): readonly number[] => [
  (server.counts['opened rtmp'] ?? 0) - (server.counts['closed rtmp'] ?? 0),
  server.core.streams.list().length,
  server.core.streams.countPlayers(),
  clock.pending,
];

beforeEach(async () => {
  clock = new ManualClock();
  const { cert, key } = LOCALHOST;
  server = await startMediaServer({
    clock,
    limits: { mergeMs: 0 },
    ingest: { rtmps: { host: '127.0.0.1', port: 0, cert, key } },
  });
  canary = await Canary.start(ports());
  await canary.beat();
  atRest = held();
});

afterEach(async () => {
  canary.end();
  await until(() => server.core.streams.list().length === 0, 'the end of the canary');
  const closing = server.ingest.close();
  clock.advance(2000);
  await closing;
  // The feed's.
  expect(clock.pending).toBe(1);
  await server[Symbol.asyncDispose]();
});

/** Lets so many milliseconds pass, in which the canary goes on. */
async function pass(ms: number, meanwhile: () => void | Promise<void> = () => undefined): Promise<void> {
  for (let left = ms; left > 0; left -= 2000) {
    await canary.beat();
    await meanwhile();
    clock.advance(Math.min(left, 2000));
  }
}

/** The peer lives until the last millisecond of its time, goes in the next, and leaves nothing but its line. */
async function expectGoneAfter(
  ms: number,
  peer: { readonly isClosed: boolean },
  { reason, meanwhile }: { reason: string; meanwhile?: () => void | Promise<void> },
): Promise<void> {
  const lines = server.closings().length;
  await pass(ms - 1, meanwhile);
  // Whatever was sent until now has been handled: the canary's frame came after it.
  await canary.beat();
  expect(peer.isClosed).toBe(false);
  clock.advance(1);
  await until(() => peer.isClosed, 'the end of the connection');
  await until(() => server.closings().length > lines, 'its line');
  expect(server.closings().slice(lines)).toEqual([`closed: ${reason}`]);
  await canary.beat();
  expect(held()).toEqual(atRest);
}

/** Sends and waits until it has been read. */
async function dribble(peer: { write(bytes: Buffer): void }, bytes: Buffer): Promise<void> {
  const wanted = (server.counts['bytes in'] ?? 0) + bytes.length;
  peer.write(bytes);
  await until(() => (server.counts['bytes in'] ?? 0) >= wanted, 'the bytes to be read');
}

describe('a peer that does not get on is gone', () => {
  it('5 s after it connected, when it says nothing', async () => {
    const peer = new RtmpPeer(ports().rtmpPort);
    await until(() => server.counts['opened rtmp'] === 3, 'the connection');
    await expectGoneAfter(HANDSHAKE_MS, peer, { reason: 'no handshake in time' });
  });

  it('5 s after it connected, however it dribbles (slowloris)', async () => {
    const peer = new RtmpPeer(ports().rtmpPort);
    const meanwhile = (): Promise<void> => dribble(peer, Buffer.of(3));
    await until(() => server.counts['opened rtmp'] === 3, 'the connection');
    await expectGoneAfter(HANDSHAKE_MS, peer, { reason: 'no handshake in time', meanwhile });
  });

  it('5 s after its TLS handshake over RTMPS', async () => {
    const socket = await connectTls(server.ingest.rtmpsPort ?? 0, LOCALHOST.cert);
    socket.on('error', () => undefined);
    await until(() => server.counts['opened rtmps'] === 1, 'the connection');
    const peer = {
      get isClosed() {
        return socket.closed;
      },
    };
    socket.resume().write(Buffer.of(3));
    await expectGoneAfter(HANDSHAKE_MS, peer, { reason: 'no handshake in time' });
  });

  it.each(['handshake', 'connect'] satisfies Stage[])(
    '10 s after the handshake, when it neither publishes nor plays (%s)',
    async (stage) => {
      const peer = await reach(stage, ports().rtmpPort);
      await canary.beat();
      await expectGoneAfter(IDLE_MS, peer, { reason: 'neither publish nor play in time' });
    },
  );

  it('10 s after the handshake, though it talks all the time', async () => {
    const peer = await reach('connect', ports().rtmpPort);
    const meanwhile = async (): Promise<void> => {
      const answers = peer.commands('_result').length;
      peer.command('createStream', 2, null);
      await until(() => peer.commands('_result').length > answers, 'an answer');
    };
    await expectGoneAfter(IDLE_MS, peer, { reason: 'neither publish nor play in time', meanwhile });
  });

  it('10 s after the handshake, though its command dribbles in (slowloris)', async () => {
    const peer = await reach('handshake', ports().rtmpPort);
    await dribble(peer, Buffer.from('030000000001001400000000', 'hex'));
    const meanwhile = (): Promise<void> => dribble(peer, Buffer.of(2));
    await expectGoneAfter(IDLE_MS, peer, { reason: 'neither publish nor play in time', meanwhile });
  });

  it('10 s after it asked to play what is never published', async () => {
    const peer = await reach('connect', ports().rtmpPort);
    peer.command('play', 3, null, 'nothing');
    await until(() => server.core.streams.countPlayers() === 3, 'the player');
    const wait = expectGoneAfter(IDLE_MS, peer, { reason: 'the stream did not begin in time' });
    // It is told first, and then has 100 ms to go; it closes at once.
    await wait;
    expect(peer.codes()).toEqual(['NetStream.Play.StreamNotFound']);
  });
});

describe('a publisher without media is gone after 10 s', () => {
  const reason = 'the publisher sent no media for too long';
  const aggregate = Buffer.alloc(15);
  aggregate[0] = 9;

  /** One that has sent a frame just now. */
  async function publishing(): Promise<RtmpPeer> {
    const peer = await reach('publish', ports().rtmpPort);
    peer.send(videoConfig());
    clock.advance(1);
    peer.send(audioFrame(0));
    await dribble(peer, Buffer.alloc(0));
    const stats = (): number =>
      server.core.streams
        .list()
        .find(({ key }) => key.stream === 'victim')
        ?.publisher.stats().bytes ?? 0;
    await until(() => stats() === videoConfig().payload.length + audioFrame(0).payload.length, 'its frames');
    return peer;
  }

  it('when it is silent', async () => {
    await expectGoneAfter(IDLE_MS, await publishing(), { reason });
    expect(server.store.ended).toMatchObject([{ reason }]);
  });

  it.each([
    ['video without a byte', { type: 9, payload: Buffer.alloc(0) }],
    ['audio without a byte', { type: 8, payload: Buffer.alloc(0) }],
    ['an aggregate of them', { type: 22, payload: aggregate }],
    ['metadata', metadata()],
    ['pings', { type: 4, payload: Buffer.from('000600000001', 'hex'), chunkStreamId: 2 }],
  ])('though it sends %s', async (_what, message) => {
    const peer = await publishing();
    await expectGoneAfter(IDLE_MS, peer, { reason, meanwhile: () => peer.send(message) });
  });

  it('though a frame dribbles in (slowloris)', async () => {
    const peer = await publishing();
    await dribble(peer, Buffer.from('06000000' + '001000' + '09' + '01000000' + '17', 'hex'));
    const meanwhile = (): Promise<void> => dribble(peer, Buffer.of(1));
    await expectGoneAfter(IDLE_MS, peer, { reason, meanwhile });
  });

  it('counted from its last frame', async () => {
    const peer = await publishing();
    await pass(9000);
    const received = server.counts['bytes in'] ?? 0;
    peer.send(videoFrame(40, 0));
    await until(() => (server.counts['bytes in'] ?? 0) > received, 'the frame');
    await canary.beat();
    await expectGoneAfter(IDLE_MS, peer, { reason });
  });
});

describe('who is told to go and ignores it', () => {
  it('is gone 100 ms after a refusal', async () => {
    const peer = await RtmpPeer.connected(ports().rtmpPort, { allowHalfOpen: true });
    peer.command('publish', 3, null, 'canary', 'live');
    await until(() => peer.isEnded, 'the FIN of the server');
    clock.advance(99);
    peer.send(videoFrame(0, 0, { key: true }));
    await canary.beat();
    expect(held()[0]).toBe(3);
    clock.advance(1);
    await until(() => held()[0] === 2, 'the server to be rid of it');
    await canary.beat();
    expect(held()).toEqual(atRest);
    peer.destroy();
  });

  it.each(['rtmp', 'http'] as const)('is gone a second after its stream has ended (%s)', async (protocol) => {
    const publisher = await reach('publish', ports().rtmpPort);
    publisher.send(videoConfig());
    const player =
      protocol === 'rtmp'
        ? await RtmpPeer.connected(ports().rtmpPort, { allowHalfOpen: true })
        : new RawPeer(ports().httpPort, 'GET /live/victim.flv HTTP/1.1\r\nHost: live.local\r\n\r\n', {
            allowHalfOpen: true,
          });
    if (player instanceof RtmpPeer) player.command('play', 3, null, 'victim');
    await until(() => server.core.streams.countPlayers() === 3, 'the player');
    publisher.destroy();
    await until(() => server.core.streams.countPlayers() === 2, 'the end of the stream');
    clock.advance(1000);
    await until(() => player.isClosed || held()[0] === 2, 'the server to be rid of it');
    await canary.beat();
    expect(held().slice(0, 3)).toEqual(atRest.slice(0, 3));
    player.destroy();
  });
});
