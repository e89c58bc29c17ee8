import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectRtmp } from '../../src/cli/rtmp-client.ts';
import { markOf, videoConfig, videoFrame } from '../support/frames.ts';
import { until } from '../support/wait.ts';
import { RawPeer, reach } from './attack.ts';
import { Battle } from './battle.ts';
import { GROWTH } from './bounds.ts';
import type { Canary } from './canary.ts';
import { HEADS, playing } from './http.ts';
import type { Target } from './target.ts';

/** All of it comes from one address. */
const MANY = [
  ...['--ingest-limits-max-connections', '10000', '--ingest-limits-max-connections-per-address', '10000'],
  ...['--api-max-connections-per-address', '10000'],
];

const C0C1 = Buffer.concat([Buffer.of(3), Buffer.alloc(1536)]);

let battle: Battle;
let target: Target;
let canary: Canary;

beforeEach(async () => {
  battle = await Battle.begin(...MANY);
  ({ target, canary } = battle);
});

afterEach(() => battle[Symbol.asyncDispose]());

/** So many connections, a hundred at a time. */
async function connections(count: number, port: number, bytes: string | Buffer = ''): Promise<RawPeer[]> {
  const peers: RawPeer[] = [];
  while (peers.length < count) {
    const some = Array.from({ length: Math.min(100, count - peers.length) }, () => new RawPeer(port, bytes));
    await until(() => some.every(({ socket, isClosed }) => isClosed || !socket.connecting), 'connections');
    peers.push(...some);
  }
  return peers;
}

describe('floods', () => {
  it('2,000 connections that say nothing, or dribble, are gone after the deadline', async () => {
    const wholeAfterwards = canary.beginToFlow();
    const peers = await connections(2000, target.rtmpPort);
    for (const peer of peers.slice(0, 500)) peer.write(Buffer.of(3));
    const opened = (): Promise<number> => target.metric('sluice_connections_opened_total{protocol="rtmp"}');
    await until(async () => (await opened()) === 2002, 'all of them to be let in');
    await until(() => peers.every(({ isClosed }) => isClosed), 'all of them to be gone', 15_000);
    // The log takes its time on its own way.
    await until(() => target.closings().length >= 2000, 'a line for each');
    expect(target.closings().filter((line) => line === 'closed: no handshake in time')).toHaveLength(2000);
    await wholeAfterwards();
    await battle.expectUnharmed(GROWTH.manySockets);
  }, 60_000);

  it('200 connections of random bytes', async () => {
    const wholeAfterwards = canary.beginToFlow();
    const noise = randomBytes(65_536);
    // The first byte after the handshake opens a chunk stream with fmt 2, which cannot be.
    const afterHandshake = Buffer.concat([C0C1, Buffer.alloc(1536), Buffer.of(0x84), noise]);
    const peers = [
      ...(await connections(100, target.rtmpPort, afterHandshake)),
      ...(await connections(100, target.rtmpPort, Buffer.concat([Buffer.of(0x16), noise]))),
    ];
    await until(() => peers.every(({ isClosed }) => isClosed), 'all of them to be gone');
    await wholeAfterwards();
    await battle.expectUnharmed(GROWTH.manySockets);
  });

  it('6,000 connections that come and go, to each door, leave nothing', async () => {
    const wholeAfterwards = canary.beginToFlow();
    const leave: readonly ((peer: RawPeer) => void)[] = [
      ({ socket }) => socket.destroy(),
      ({ socket }) => socket.resetAndDestroy(),
      ({ socket }) => socket.end(C0C1),
    ];
    for (let round = 0; round < 60; round++) {
      const [door, bytes] = [
        [target.rtmpPort, C0C1],
        [target.httpPort, `${HEADS.play}\r\n`],
        [target.httpPort, `${HEADS.playWebSocket}\r\n`],
      ][round % 3] as [number, string | Buffer];
      for (const peer of await connections(100, door, bytes)) leave[Math.floor(round / 3) % 3]?.(peer);
    }
    await wholeAfterwards();
    await battle.expectUnharmed(GROWTH.churn);
    expect(await target.metric('sluice_connections_opened_total{protocol="rtmp"}')).toBe(2002);
  }, 60_000);

  it('players that take nothing of 20 Mbit/s are dropped, over every protocol', async () => {
    const wholeAfterwards = canary.beginToFlow(100_000);
    const ten = <T>(begin: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: 10 }, begin));
    const peers = [
      ...(await ten(() => reach('play', target.rtmpPort))),
      ...(await ten(() => playing(target.httpPort))),
      ...(await ten(() => playing(target.httpPort, HEADS.playWebSocket))),
    ];
    for (const { socket } of peers) socket.pause();
    await until(
      async () => (await target.metric('sluice_players_dropped_total')) === 30,
      'them to be dropped',
      40_000,
    );
    await wholeAfterwards();
    for (const peer of peers) peer.destroy();
    await battle.expectUnharmed(GROWTH.slowPlayers);
  }, 90_000);

  it('a publisher that sends as fast as it can does not starve the others', async () => {
    const at = { host: '127.0.0.1', port: target.rtmpPort, app: 'live', stream: 'flood' };
    const flood = await connectRtmp({ mode: 'publish', ...at });
    let on = true;
    const send = (): void => {
      for (let i = 0; i < 2000 && on; i++) flood.send(videoFrame(i, i, { key: i % 100 === 0 }));
      if (on) setImmediate(send);
    };
    send();
    // Each has to come through while the flood goes on.
    for (let beat = 0; beat < 50; beat++) await canary.beat(2000);
    expect(await target.metric('sluice_media_received_bytes_total')).toBeGreaterThan(1_000_000);
    on = false;
    flood.destroy();
    await battle.expectUnharmed(GROWTH.onePeer);
  }, 60_000);

  it('200 players of one stream all get every frame', async () => {
    const at = { host: '127.0.0.1', port: target.rtmpPort, app: 'live', stream: 'cam1' };
    const publisher = await connectRtmp({ mode: 'publish', ...at });
    publisher.send(videoConfig());
    const players = await Promise.all(
      Array.from({ length: 200 }, async () => {
        const marks: number[] = [];
        const onMedia = (media: { type: number; payload: Buffer }): void => {
          const mark = markOf(media);
          if (mark !== undefined) marks.push(mark);
        };
        return { marks, client: await connectRtmp({ mode: 'play', ...at, onMedia }) };
      }),
    );
    const wanted = Array.from({ length: 250 }, (_, i) => i);
    for (const i of wanted) {
      publisher.send(videoFrame(i * 40, i, { key: i % 50 === 0, size: 5000 }));
      if (i % 10 === 0) await canary.beat();
    }
    await until(() => players.every(({ marks }) => marks.at(-1) === 249), 'the last frame');
    for (const { marks } of players) expect(marks).toEqual(wanted);
    publisher.destroy();
    for (const { client } of players) client.destroy();
    await battle.expectUnharmed(GROWTH.onePeer);
  }, 60_000);
});

/** What one connection in a hundred of a slow attack does, and how long it may. */
interface Slow {
  readonly name: string;
  readonly seconds: number;
  readonly begin: () => Promise<RawPeer | Awaited<ReturnType<typeof reach>>>;
  /** Written every half second. */
  readonly drip: string | Buffer;
}

/** The deadlines as they are by default, by the clock on the wall; everywhere else a test moves the clock. */
it('who dribbles or falls silent is gone in time', async () => {
  const { rtmpPort, httpPort } = target;
  const raw = (port: number, bytes: string | Buffer): (() => Promise<RawPeer>) => {
    return () => Promise.resolve(new RawPeer(port, bytes));
  };
  const attacks: readonly Slow[] = [
    { name: 'RTMP: half a handshake', seconds: 5, begin: raw(rtmpPort, Buffer.of(3)), drip: Buffer.of(0) },
    { name: 'RTMP: half a connect', seconds: 10, begin: () => reach('handshake', rtmpPort), drip: '' },
    {
      name: 'RTMP: a publisher without media',
      seconds: 10,
      begin: () => reach('publish', rtmpPort),
      drip: '',
    },
    { name: 'HTTP: nothing', seconds: 10, begin: raw(httpPort, ''), drip: '' },
    { name: 'HTTP: half a head', seconds: 10, begin: raw(httpPort, HEADS.call), drip: 'X: y\r\n' },
    {
      name: 'HTTP: half a body',
      seconds: 20,
      begin: raw(httpPort, `${HEADS.call}Content-Length: 1000\r\n\r\n`),
      drip: 'x',
    },
    { name: 'HTTP-FLV: half a head', seconds: 10, begin: raw(httpPort, HEADS.play), drip: 'X: y\r\n' },
    {
      name: 'WebSocket: half an upgrade',
      seconds: 10,
      begin: raw(httpPort, HEADS.playWebSocket),
      drip: 'X: y\r\n',
    },
  ];
  const wholeAfterwards = canary.beginToFlow();
  const lasted = attacks.map(async ({ begin, drip }) => {
    const at = performance.now();
    const peer = await begin();
    const timer = setInterval(() => {
      if (drip !== '') peer.socket.write(drip);
    }, 500);
    await until(() => peer.isClosed, 'its end', 30_000);
    clearInterval(timer);
    return (performance.now() - at) / 1000;
  });
  const seconds = await Promise.all(lasted);
  // The HTTP server looks once a second.
  attacks.forEach(({ name, seconds: limit }, i) => {
    expect(seconds[i], name).toBeGreaterThan(limit - 0.5);
    expect(seconds[i], name).toBeLessThan(limit + 5);
  });
  await wholeAfterwards();
  await battle.expectUnharmed(GROWTH.onePeer);
}, 60_000);
