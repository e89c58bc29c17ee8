import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { encodeAmf0 } from '../../src/wire/rtmp/amf0.ts';
import type { AmfValue } from '../../src/wire/rtmp/amf0.ts';
import { windowAckSize } from '../../src/wire/rtmp/control.ts';
import { audioFrame, videoFrame } from '../support/frames.ts';
import { until } from '../support/wait.ts';
import { rtmp } from './attack.ts';
import type { Attack } from './attack.ts';

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

/** Bytes that are no RTMP, or RTMP that nobody means. */
export const MALFORMED: readonly Attack[] = [
  rtmp('random bytes', ['tcp', 'closed'], (peer) => peer.write(randomBytes(65_536))),
  rtmp('another RTMP version', ['tcp', 'closed'], (peer) => peer.write(Buffer.alloc(1537, 6))),
  rtmp('HTTP on the RTMP port', ['tcp', 'closed'], (peer) =>
    peer.write(Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n')),
  ),
  rtmp(
    'half a handshake, then FIN',
    ['tcp', 'closed'],
    (peer) => void peer.socket.end(Buffer.concat([Buffer.of(3), Buffer.alloc(700)])),
  ),
  rtmp('random bytes after the handshake', ['handshake', 'closed'], (peer) => {
    // The first byte opens a chunk stream with fmt 2, which cannot be.
    peer.write(Buffer.concat([Buffer.of(0x84), randomBytes(65_536)]));
  }),
  rtmp('chunk size without a value', ['handshake', 'closed'], (peer) =>
    peer.send({ type: 1, payload: Buffer.alloc(0), chunkStreamId: 2 }),
  ),
  rtmp('chunk size 0', ['handshake', 'closed'], (peer) =>
    peer.send({ type: 1, payload: Buffer.alloc(4), chunkStreamId: 2 }),
  ),
  rtmp('chunk size 2^31 - 1', ['connect', 'tolerated'], (peer) =>
    peer.send({ type: 1, payload: Buffer.from('7fffffff', 'hex'), chunkStreamId: 2 }),
  ),
  rtmp('more chunk streams than anybody needs', ['handshake', 'closed'], (peer) => {
    // Chunks of a byte, so that each message begins and none ends.
    peer.send({ type: 1, payload: Buffer.from('00000001', 'hex'), chunkStreamId: 2 });
    for (let id = 64; id < 64 + 200; id++) peer.write(beginMessage(id, 1000, 20));
  }),
  rtmp('a 16 MB message from a stranger', ['connect', 'closed'], (peer) =>
    peer.write(beginMessage(64, 0xffffff)),
  ),
  rtmp('a 16 MB message from a publisher', ['publish', 'closed'], (peer) =>
    peer.write(beginMessage(64, 0xffffff)),
  ),
  rtmp('unfinished messages of 8 MB on many chunk streams', ['publish', 'closed'], async (peer) => {
    const chunk = Buffer.alloc(60_000);
    for (let id = 64; id < 90 && !peer.isClosed; id++) {
      peer.write(Buffer.concat([beginMessage(id, 8_000_000).subarray(0, 13), chunk]));
      for (let i = 1; i < 20; i++) peer.write(Buffer.concat([Buffer.of(0xc0, id - 64), chunk]));
      await new Promise(setImmediate);
    }
  }),
  rtmp('connect without tcUrl', ['handshake', 'tolerated'], async (peer) => {
    peer.command('connect', 1, { app: 'live' });
    expect(await peer.waitFor('_result')).toHaveLength(4);
  }),
  rtmp('connect with a tcUrl that is none', ['handshake', 'tolerated'], async (peer) => {
    peer.command('connect', 1, { app: 'live', tcUrl: '://[[[%%%@' });
    expect(await peer.waitFor('_result')).toHaveLength(4);
  }),
  ...(
    [
      ['connect without an object', ['connect', 1]],
      ['connect with null', ['connect', 1, null]],
      ['connect with a number for an app', ['connect', 1, { app: 7 }]],
      ['a command whose name is a number', [7, 1]],
    ] satisfies [string, AmfValue[]][]
  ).map(([name, values]) =>
    rtmp(name, ['handshake', 'closed'], (peer) => peer.send(commandMessage(encodeAmf0(...values)))),
  ),
  ...(
    [
      ['publish without a name', ['publish', 3, null]],
      ['publish with a number for a name', ['publish', 3, null, 7]],
      ['publish with an empty name', ['publish', 3, null, '']],
      ['play without a name', ['play', 3, null]],
      ['connect twice', ['connect', 1, { app: 'live' }]],
    ] satisfies [string, AmfValue[]][]
  ).map(([name, values]) =>
    rtmp(name, ['connect', 'closed'], (peer) => peer.send(commandMessage(encodeAmf0(...values)))),
  ),
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
  ).map(([name, payload]) => rtmp(name, ['connect', 'closed'], (peer) => peer.send(commandMessage(payload)))),
  rtmp('empty audio, video, data and aggregate messages', ['publish', 'tolerated'], (peer) => {
    for (const type of [8, 9, 18, 15, 22]) peer.send({ type, payload: Buffer.alloc(0) });
  }),
  rtmp('one byte of audio, video, data and rubbish', ['publish', 'tolerated'], (peer) => {
    for (let type = 23; type < 256; type++) peer.send({ type, payload: Buffer.of(0xff) });
    for (const type of [8, 9, 18, 15, 16, 19])
      for (let byte = 0; byte < 256; byte++) peer.send({ type, payload: Buffer.of(byte) });
  }),
  rtmp('data that is no AMF', ['publish', 'tolerated'], (peer) =>
    peer.send({ type: 18, payload: randomBytes(1000) }),
  ),
  rtmp('an aggregate cut short', ['publish', 'closed'], (peer) =>
    peer.send({ type: 22, payload: Buffer.from('0900ffff00000000000000', 'hex') }),
  ),
  rtmp('timestamps at the end of 32 bits', ['publish', 'tolerated'], (peer) => {
    for (let i = -4; i < 4; i++) peer.send({ ...videoFrame((0x1_0000_0000 + i) >>> 0, 0, { key: true }) });
  }),
  rtmp('a window of 1 byte', ['publish', 'tolerated'], (peer) => {
    peer.send(windowAckSize(1));
    for (let i = 0; i < 1000; i++) peer.send(audioFrame(i));
  }),
  rtmp('a window of 0 bytes', ['connect', 'tolerated'], (peer) => peer.send(windowAckSize(0))),
  rtmp('control messages that are too short', ['connect', 'closed'], (peer) =>
    peer.send({ type: 4, payload: Buffer.of(0), chunkStreamId: 2 }),
  ),
  rtmp('a flood of pings whose answers nobody reads', ['connect', 'closed'], async (peer, target) => {
    peer.socket.pause();
    const ping = Buffer.from('02000000000006040000000000060000000142', 'hex').subarray(0, 18);
    const flood = Buffer.concat(Array.from({ length: 5000 }, () => ping));
    for (let i = 0; i < 400 && !peer.socket.destroyed; i++) {
      peer.write(flood);
      await new Promise(setImmediate);
      if (peer.socket.writableLength > 50_000_000) break;
    }
    // Nothing more is written once the server has hung up: reading shows it.
    await until(() => target.closings().some((line) => line.includes('does not read')), 'the server to act');
    peer.socket.resume();
  }),
];
