import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { videoConfig, videoFrame } from '../support/frames.ts';
import { startMediaServer } from '../support/ingest-harness.ts';
import { RtmpPeer } from '../support/rtmp-peer.ts';
import { startTestService } from '../support/service.ts';
import { until } from '../support/wait.ts';

/** What the tests need of a server, whichever it is. */
interface Played extends AsyncDisposable {
  readonly httpPort: number;
  readonly rtmpPort: number;
  /** Players that the registry knows, and connections of players that are counted. */
  players(): Promise<readonly [number, number]>;
}

/** Players that one address may have beside the publisher. */
const PLACES = 5;
const limits = { maxConnectionsPerAddress: PLACES + 1 };

async function mediaServer(): Promise<Played> {
  const server = await startMediaServer({ limits });
  const { core, counts, httpPort, ingest } = server;
  const of = (what: string): number => (counts[`${what} http-flv`] ?? 0) + (counts[`${what} ws-flv`] ?? 0);
  return {
    httpPort,
    rtmpPort: ingest.rtmpPort,
    players: () => Promise.resolve([core.streams.countPlayers(), of('opened') - of('closed')]),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function wholeService(): Promise<Played> {
  const sluice = await startTestService({ config: { ingest: { limits } } });
  const open = (protocol: string): Promise<number> =>
    sluice.metric(`sluice_connections{protocol="${protocol}"}`);
  return {
    httpPort: sluice.service.httpPort,
    rtmpPort: sluice.service.rtmpPort,
    players: async () => [
      await sluice.metric('sluice_players'),
      (await open('http-flv')) + (await open('ws-flv')),
    ],
    [Symbol.asyncDispose]: () => sluice[Symbol.asyncDispose](),
  };
}

const GET = 'GET /live/cam1.flv HTTP/1.1\r\nHost: live.local\r\n';
const PLAY = `${GET}\r\n`;
const H2C = `${GET}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n`;
const WEBSOCKET =
  `${GET}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';

/** One connection and all that came back on it. */
class Peer {
  readonly socket: Socket;
  text = '';
  isClosed = false;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('data', (bytes: Buffer) => (this.text += bytes.toString('latin1')));
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => (this.isClosed = true));
  }

  /** Sends a request and waits for media after it, or for the end. */
  async play(request: string): Promise<void> {
    const length = this.text.length;
    this.socket.write(request);
    await until(() => this.isClosed || this.text.slice(length).includes('FLV'), 'media');
  }
}

describe.each([
  ['the media server', mediaServer],
  ['the whole service', wholeService],
])('players that share a connection, on %s', (_name, start) => {
  let server: Played;
  let publisher: RtmpPeer;

  beforeEach(async () => {
    server = await start();
    publisher = await RtmpPeer.publishing(server.rtmpPort, 'cam1');
    publisher.send(videoConfig());
    publisher.send(videoFrame(0, 1, { key: true }));
  });

  afterEach(async () => {
    publisher.destroy();
    await server[Symbol.asyncDispose]();
  });

  /** Nobody plays, and every place is free. */
  async function nothingIsLeft(): Promise<void> {
    await until(async () => (await server.players()).every((count) => count === 0), 'every player to go');
    const peers = Array.from({ length: PLACES }, () => new Peer(server.httpPort));
    for (const peer of peers) await peer.play(PLAY);
    expect(peers.map(({ text }) => text.slice(0, 15))).toEqual(peers.map(() => 'HTTP/1.1 200 OK'));
    for (const { socket } of peers) socket.destroy();
    await until(async () => (await server.players()).every((count) => count === 0), 'them to go');
  }

  it('are one player, and leave nothing when the connection goes', async () => {
    const peer = new Peer(server.httpPort);
    await peer.play(PLAY.repeat(PLACES));
    await until(async () => (await server.players())[0] > 0, 'a player');
    expect(await server.players()).toEqual([1, 1]);
    peer.socket.destroy();
    await nothingIsLeft();
  });

  it('are refused behind any unfinished answer, and the connection ends', async () => {
    const peer = new Peer(server.httpPort);
    peer.socket.write(`GET /nothing HTTP/1.1\r\nHost: live.local\r\n\r\n${PLAY}`);
    await until(() => peer.isClosed, 'the end');
    expect(peer.text.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 404', 'HTTP/1.1 503']);
    expect(peer.text).toContain('connection-in-use');
    await nothingIsLeft();
  });

  it.each([
    ['another protocol', H2C],
    ['a WebSocket', WEBSOCKET],
  ])('are disconnected when they ask for %s', async (_protocol, request) => {
    const peer = new Peer(server.httpPort);
    await peer.play(H2C);
    expect(peer.text).toContain('HTTP/1.1 200 OK');
    for (let i = 1; i < PLACES && !peer.isClosed; i++) await peer.play(request);
    expect(peer.isClosed).toBe(true);
    expect(peer.text.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200']);
    await nothingIsLeft();
  });
});

describe('a connection that is used again', () => {
  it('plays when the player before has ended, and holds no listeners of it', async () => {
    await using server = await startMediaServer();
    const sockets = new Set<Socket>();
    server.app.server.on('request', ({ socket }) => sockets.add(socket));
    const peer = new Peer(server.httpPort);
    const listeners: number[] = [];
    for (const request of [PLAY, H2C, PLAY, H2C]) {
      const publisher = await RtmpPeer.publishing(server.ingest.rtmpPort, 'cam1');
      publisher.send(videoFrame(0, 1, { key: true }));
      await peer.play(request);
      listeners.push([...sockets][0]!.listenerCount('close'));
      publisher.destroy();
      await until(() => peer.text.endsWith('0\r\n\r\n'), 'the end of the stream');
      await until(() => server.core.streams.countPlayers() === 0, 'the player to go');
    }
    expect([sockets.size, new Set(listeners).size]).toEqual([1, 1]);
    expect(server.counts).toMatchObject({ 'opened http-flv': 4, 'closed http-flv': 4 });
    peer.socket.destroy();
  });
});
