import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { RtmpClient } from '../../src/cli/rtmp-client.ts';
import { encodeAmf0 } from '../../src/wire/rtmp/amf0.ts';
import type { AmfValue } from '../../src/wire/rtmp/amf0.ts';
import { windowAckSize } from '../../src/wire/rtmp/control.ts';
import { audioFrame, markOf, videoConfig, videoFrame } from '../support/frames.ts';
import { collect, startMediaServer } from '../support/ingest-harness.ts';
import type { MediaServer } from '../support/ingest-harness.ts';
import { RtmpPeer } from '../support/rtmp-peer.ts';
import { until } from '../support/wait.ts';

/** What one bad peer does, and whether the server ends its connection. */
interface Case {
  readonly name: string;
  /** How far the peer behaves before. */
  readonly stage: 'tcp' | 'handshake' | 'connect' | 'publish';
  readonly attack: (peer: RtmpPeer) => void | Promise<void>;
  readonly outcome: 'closed' | 'tolerated';
}

const commandMessage = (payload: Buffer): { type: number; payload: Buffer } => ({ type: 20, payload });
const number = (marker: number, size: number): Buffer => {
  const out = Buffer.alloc(size);
  out[0] = marker;
  return out;
};

/** The header of a message of this length on a chunk stream, and one byte of it. */
function beginMessage(chunkStreamId: number, length: number, type = 9): Buffer {
  const out = Buffer.alloc(14);
  out[0] = 0;
  out[1] = chunkStreamId - 64;
  out.writeUIntBE(length, 5, 3);
  out[8] = type;
  return out;
}

function nested(depth: number): Buffer {
  const open = Buffer.from([3, 0, 1, 0x61]);
  return Buffer.concat([encodeAmf0('connect', 1), ...Array.from({ length: depth }, () => open)]);
}

function manyKeys(bytes: number): Buffer {
  const member = Buffer.from([0, 1, 0x61, 5]);
  return Buffer.concat([encodeAmf0('connect', 1), Buffer.of(3), Buffer.alloc(bytes, member)]);
}

const CASES: readonly Case[] = [
  {
    name: 'random bytes',
    stage: 'tcp',
    attack: (peer) => peer.write(randomBytes(65_536)),
    outcome: 'closed',
  },
  {
    name: 'another RTMP version',
    stage: 'tcp',
    attack: (peer) => peer.write(Buffer.alloc(1537, 6)),
    outcome: 'closed',
  },
  {
    name: 'HTTP on the RTMP port',
    stage: 'tcp',
    attack: (peer) => peer.write(Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n')),
    outcome: 'closed',
  },
  {
    name: 'half a handshake, then FIN',
    stage: 'tcp',
    attack: (peer) => void peer.socket.end(Buffer.concat([Buffer.of(3), Buffer.alloc(700)])),
    outcome: 'closed',
  },
  {
    name: 'random bytes after the handshake',
    stage: 'handshake',
    attack: (peer) => {
      // The first byte opens a chunk stream with fmt 2, which cannot be.
      peer.write(Buffer.concat([Buffer.of(0x84), randomBytes(65_536)]));
    },
    outcome: 'closed',
  },
  {
    name: 'chunk size without a value',
    stage: 'handshake',
    attack: (peer) => peer.send({ type: 1, payload: Buffer.alloc(0), chunkStreamId: 2 }),
    outcome: 'closed',
  },
  {
    name: 'chunk size 0',
    stage: 'handshake',
    attack: (peer) => peer.send({ type: 1, payload: Buffer.alloc(4), chunkStreamId: 2 }),
    outcome: 'closed',
  },
  {
    name: 'chunk size 2^31 - 1',
    stage: 'connect',
    attack: (peer) => peer.send({ type: 1, payload: Buffer.from('7fffffff', 'hex'), chunkStreamId: 2 }),
    outcome: 'tolerated',
  },
  {
    name: 'more chunk streams than anybody needs',
    stage: 'handshake',
    attack: (peer) => {
      for (let id = 64; id < 64 + 318; id++) peer.write(beginMessage(id, 1000, 20));
    },
    outcome: 'closed',
  },
  {
    name: 'a 16 MB message from a stranger',
    stage: 'connect',
    attack: (peer) => peer.write(beginMessage(64, 0xffffff)),
    outcome: 'closed',
  },
  {
    name: 'a 16 MB message from a publisher',
    stage: 'publish',
    attack: (peer) => peer.write(beginMessage(64, 0xffffff)),
    outcome: 'closed',
  },
  {
    name: 'unfinished messages of 8 MB on many chunk streams',
    stage: 'publish',
    attack: async (peer) => {
      const chunk = Buffer.alloc(60_000);
      for (let id = 64; id < 90 && !peer.isClosed; id++) {
        peer.write(Buffer.concat([beginMessage(id, 8_000_000).subarray(0, 13), chunk]));
        for (let i = 1; i < 20; i++) peer.write(Buffer.concat([Buffer.of(0xc0, id - 64), chunk]));
        await new Promise(setImmediate);
      }
    },
    outcome: 'closed',
  },
  {
    name: 'connect without tcUrl',
    stage: 'handshake',
    attack: async (peer) => {
      peer.command('connect', 1, { app: 'live' });
      expect(await peer.waitFor('_result')).toHaveLength(4);
    },
    outcome: 'tolerated',
  },
  {
    name: 'connect with a tcUrl that is none',
    stage: 'handshake',
    attack: async (peer) => {
      peer.command('connect', 1, { app: 'live', tcUrl: '://[[[%%%@' });
      expect(await peer.waitFor('_result')).toHaveLength(4);
    },
    outcome: 'tolerated',
  },
  ...(
    [
      ['connect without an object', ['connect', 1]],
      ['connect with null', ['connect', 1, null]],
      ['connect with a number for an app', ['connect', 1, { app: 7 }]],
      ['publish before connect', ['publish', 2, null, 'cam9', 'live']],
      ['createStream before connect', ['createStream', 2, null]],
      ['a command whose name is a number', [7, 1]],
    ] satisfies [string, AmfValue[]][]
  ).map(([name, values]): Case => ({
    name,
    stage: 'handshake',
    attack: (peer) => peer.send(commandMessage(encodeAmf0(...values))),
    outcome: 'closed',
  })),
  ...(
    [
      ['publish without a name', ['publish', 3, null]],
      ['publish with a number for a name', ['publish', 3, null, 7]],
      ['publish with an empty name', ['publish', 3, null, '']],
      ['play without a name', ['play', 3, null]],
      ['connect twice', ['connect', 1, { app: 'live' }]],
    ] satisfies [string, AmfValue[]][]
  ).map(([name, values]): Case => ({
    name,
    stage: 'connect',
    attack: (peer) => peer.send(commandMessage(encodeAmf0(...values))),
    outcome: 'closed',
  })),
  ...(
    [
      ['an unknown AMF marker', Buffer.from([0x42, 1, 2])],
      ['a truncated AMF number', number(0, 3)],
      ['a truncated AMF object', Buffer.from([3, 0, 5, 0x61])],
      ['an empty command', Buffer.alloc(0)],
      ['an AMF string of 4 GB', Buffer.from([0x0c, 0xff, 0xff, 0xff, 0xff, 0x61])],
      ['AMF nested 1,000 deep', nested(1000)],
      [
        'an AMF array of 16 million',
        Buffer.concat([Buffer.from([0x0a, 1, 0, 0, 0]), Buffer.alloc(50_000, 5)]),
      ],
      ['an AMF object of 12,000 keys', manyKeys(48_000)],
      ['a command of 2 MB', manyKeys(2_000_000)],
    ] satisfies [string, Buffer][]
  ).map(([name, payload]): Case => ({
    name,
    stage: 'connect',
    attack: (peer) => peer.send(commandMessage(payload)),
    outcome: 'closed',
  })),
  {
    name: 'empty audio, video, data and aggregate messages',
    stage: 'publish',
    attack: (peer) => {
      for (const type of [8, 9, 18, 15, 22]) peer.send({ type, payload: Buffer.alloc(0) });
    },
    outcome: 'tolerated',
  },
  {
    name: 'one byte of audio, video, data and rubbish',
    stage: 'publish',
    attack: (peer) => {
      for (let type = 23; type < 256; type++) peer.send({ type, payload: Buffer.of(0xff) });
      for (const type of [8, 9, 18, 15, 16, 19])
        for (let byte = 0; byte < 256; byte++) peer.send({ type, payload: Buffer.of(byte) });
    },
    outcome: 'tolerated',
  },
  {
    name: 'data that is no AMF',
    stage: 'publish',
    attack: (peer) => peer.send({ type: 18, payload: randomBytes(1000) }),
    outcome: 'tolerated',
  },
  {
    name: 'an aggregate cut short',
    stage: 'publish',
    attack: (peer) => peer.send({ type: 22, payload: Buffer.from('0900ffff00000000000000', 'hex') }),
    outcome: 'closed',
  },
  {
    name: 'timestamps at the end of 32 bits',
    stage: 'publish',
    attack: (peer) => {
      for (let i = -4; i < 4; i++) peer.send({ ...videoFrame((0x1_0000_0000 + i) >>> 0, 0, { key: true }) });
    },
    outcome: 'tolerated',
  },
  {
    name: 'a window of 1 byte',
    stage: 'publish',
    attack: (peer) => {
      peer.send(windowAckSize(1));
      for (let i = 0; i < 1000; i++) peer.send(audioFrame(i));
    },
    outcome: 'tolerated',
  },
  {
    name: 'a window of 0 bytes',
    stage: 'connect',
    attack: (peer) => peer.send(windowAckSize(0)),
    outcome: 'tolerated',
  },
  {
    name: 'control messages that are too short',
    stage: 'connect',
    attack: (peer) => peer.send({ type: 4, payload: Buffer.of(0), chunkStreamId: 2 }),
    outcome: 'closed',
  },
  {
    name: 'a second publish on the connection',
    stage: 'publish',
    attack: (peer) => peer.command('publish', 4, null, 'other', 'live'),
    outcome: 'closed',
  },
  {
    name: 'play on a connection that publishes',
    stage: 'publish',
    attack: (peer) => peer.command('play', 4, null, 'canary'),
    outcome: 'closed',
  },
  {
    name: 'media from one who never asked to publish',
    stage: 'connect',
    attack: (peer) => peer.send(videoFrame(0, 666, { key: true })),
    outcome: 'closed',
  },
  {
    name: 'empty media from one who never asked to publish',
    stage: 'connect',
    attack: (peer) => peer.send({ type: 9, payload: Buffer.alloc(0) }),
    outcome: 'closed',
  },
  {
    name: 'media from a player of the stream',
    stage: 'connect',
    attack: async (peer) => {
      peer.command('play', 3, null, 'canary');
      await until(() => peer.codes().includes('NetStream.Play.Start'), 'playing');
      peer.send(videoFrame(0, 666, { key: true }));
    },
    outcome: 'closed',
  },
  {
    name: 'media from a publisher that was refused',
    stage: 'connect',
    attack: (peer) => {
      peer.command('publish', 3, null, 'canary', 'live');
      for (let i = 0; i < 10; i++) peer.send(videoFrame(i, 666, { key: true }));
    },
    outcome: 'closed',
  },
  {
    name: 'metadata from a player of the stream',
    stage: 'connect',
    attack: async (peer) => {
      peer.command('play', 3, null, 'canary');
      await until(() => peer.codes().includes('NetStream.Play.Start'), 'playing');
      peer.send({ type: 18, payload: encodeAmf0('@setDataFrame', 'onMetaData', { evil: 1 }) });
    },
    outcome: 'closed',
  },
  {
    name: 'a flood of pings whose answers nobody reads',
    stage: 'connect',
    attack: async (peer) => {
      peer.socket.pause();
      const ping = Buffer.from('02000000000006040000000000060000000142', 'hex').subarray(0, 18);
      const flood = Buffer.concat(Array.from({ length: 5000 }, () => ping));
      for (let i = 0; i < 400 && !peer.socket.destroyed; i++) {
        peer.write(flood);
        await new Promise(setImmediate);
        if (peer.socket.writableLength > 50_000_000) break;
      }
      // Nothing more is written once the server has hung up: reading shows it.
      await until(
        () => server.closings().some((line) => line.includes('does not read')),
        'the server to act',
      );
      peer.socket.resume();
    },
    outcome: 'closed',
  },
];

let server: MediaServer;
let canary: RtmpClient;
const seen = collect();
let mark = 1000;

/** A frame of the canary reaches its player. */
async function canaryFlows(): Promise<void> {
  const wanted = ++mark;
  canary.send(videoFrame(mark * 10, wanted, { key: true }));
  await until(() => seen.messages.some((message) => markOf(message) === wanted), 'the canary');
}

async function reach(stage: Case['stage']): Promise<RtmpPeer> {
  const port = server.ingest.rtmpPort;
  if (stage === 'publish') return RtmpPeer.publishing(port, 'victim');
  if (stage === 'connect') return RtmpPeer.connected(port);
  const peer = new RtmpPeer(port);
  if (stage === 'handshake') await peer.handshake();
  return peer;
}

beforeAll(async () => {
  server = await startMediaServer();
  canary = await server.rtmp({ mode: 'publish', stream: 'canary' });
  await server.rtmp({ mode: 'play', stream: 'canary', ...seen });
  canary.send(videoConfig());
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

describe('a bad peer harms nobody', () => {
  it.each(CASES)('$name: $outcome', async ({ stage, attack, outcome }) => {
    const lines = server.closings().length;
    const peer = await reach(stage);
    await attack(peer);
    if (outcome === 'closed') {
      await until(() => peer.isClosed, 'the server to end the connection');
    } else {
      await canaryFlows();
      expect(peer.isClosed).toBe(false);
      peer.destroy();
    }
    await canaryFlows();
    await until(() => server.closings().length === lines + 1, 'the line in the log');
    expect(server.log.filter(({ level }) => level === 'error')).toEqual([]);
    expect(seen.messages.some((message) => markOf(message) === 666)).toBe(false);
    expect(server.core.streams.list().map(({ key }) => key.stream)).toEqual(['canary']);
  });

  it('over HTTP and WebSocket too', async () => {
    const base = `127.0.0.1:${server.httpPort}`;
    for (const path of ['/', '/live/canary.flv%00', '/live/other.flv', '/live/bad%zz.flv', '/%/%.flv']) {
      const socket = new WebSocket(`ws://${base}${path}`);
      await new Promise((resolve) => socket.on('error', resolve));
    }
    for (const path of [
      '/live/bad%20name.flv',
      '/live/%zz.flv',
      '/live/%2e%2e.flv',
      '/live/a%2fb.flv',
      '/live/.flv',
    ]) {
      const answer = await fetch(`http://${base}${path}`);
      expect(answer.status).toBeGreaterThanOrEqual(400);
    }
    await fetch(`http://${base}/live/canary.flv`, { method: 'POST', body: randomBytes(10_000) });
    // A player that hangs up at once, in the middle of the answer, and one that talks.
    for (let i = 0; i < 20; i++) {
      const abort = new AbortController();
      const answer = await fetch(`http://${base}/live/canary.flv`, { signal: abort.signal });
      expect(answer.status).toBe(200);
      abort.abort();
    }
    const talker = new WebSocket(`ws://${base}/live/canary.flv`);
    await new Promise((resolve) => talker.on('open', resolve));
    const code = new Promise((resolve) => talker.on('close', resolve));
    talker.send(Buffer.alloc(2000));
    expect(await code).toBe(1009);
    await until(() => server.core.streams.countPlayers() === 1, 'all but the canary player to be forgotten');
    await canaryFlows();
  });

  it('200 connections of random bytes neither fill the memory nor block the loop', async () => {
    const before = process.memoryUsage().rss;
    const noise = randomBytes(65_536);
    const lags: number[] = [];
    let last = performance.now();
    const probe = setInterval(() => {
      lags.push(performance.now() - last - 10);
      last = performance.now();
    }, 10);
    const closed: Promise<unknown>[] = [];
    for (let i = 0; i < 180; i++) {
      const socket = connect(server.ingest.rtmpPort, '127.0.0.1');
      socket.on('error', () => undefined);
      closed.push(new Promise((resolve) => socket.on('close', resolve)));
      const shake = Buffer.alloc(1 + 1536 + 1536);
      shake[0] = 3;
      socket.write(i % 2 === 0 ? Buffer.concat([shake, Buffer.of(0x84), noise]) : noise);
      socket.resume();
    }
    await Promise.all(closed);
    clearInterval(probe);
    await canaryFlows();
    expect(Math.max(...lags)).toBeLessThan(500);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
  });
});
