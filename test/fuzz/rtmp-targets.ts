import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect } from 'vitest';
import { parseProxyHeader } from '../../src/base/proxy-header.ts';
import { readMedia } from '../../src/ingest/frame.ts';
import { connectNames, flvRequest, rtmpRequest, targetOf } from '../../src/ingest/peer-names.ts';
import { splitAggregate } from '../../src/wire/rtmp/aggregate.ts';
import { decodeAmf0, encodeAmf0 } from '../../src/wire/rtmp/amf0.ts';
import type { AmfValue } from '../../src/wire/rtmp/amf0.ts';
import { ChunkReader, DEFAULT_CHUNK_LIMITS } from '../../src/wire/rtmp/chunk-reader.ts';
import type { ChunkLimits } from '../../src/wire/rtmp/chunk-reader.ts';
import { encodeMessage } from '../../src/wire/rtmp/chunk-writer.ts';
import { RtmpClientSession } from '../../src/wire/rtmp/client-session.ts';
import type { ClientEvent } from '../../src/wire/rtmp/client-session.ts';
import { parseCommand } from '../../src/wire/rtmp/commands.ts';
import { parseControlValue, parseUserControl } from '../../src/wire/rtmp/control.ts';
import { ServerHandshake } from '../../src/wire/rtmp/handshake.ts';
import { RtmpError } from '../../src/wire/rtmp/messages.ts';
import type { RtmpMessage } from '../../src/wire/rtmp/messages.ts';
import type { FuzzTarget } from './fuzz.ts';
import { amfBytes, chunkBytes, messageBytes } from './rtmp-parts.ts';
import { cut, reading, sameInPieces, survives } from './readings.ts';
import type { Reading } from './readings.ts';

const PACKET = 1536;

function shakeHands(pieces: readonly Buffer[]): Reading<string> {
  return reading(RtmpError, (out) => {
    const handshake = new ServerHandshake({ randomBytes: (size) => Buffer.alloc(size, 7) });
    const sent: Buffer[] = [];
    let rest: Buffer | undefined;
    for (const piece of pieces) {
      const step = rest === undefined ? handshake.push(piece) : undefined;
      if (step?.send) sent.push(step.send);
      if (step?.done) rest = step.rest;
      else if (step === undefined) rest = Buffer.concat([rest!, piece]);
    }
    out.push(Buffer.concat(sent).toString('hex'), rest?.toString('hex') ?? 'not done');
  });
}

const handshake: FuzzTarget = {
  name: 'handshake',
  made: fc.uint8Array({ minLength: PACKET, maxLength: 3200, size: 'max' }).map((bytes) => {
    return Buffer.concat([Buffer.of(3), bytes]);
  }),
  runs: 100,
  check(input) {
    const { values, problem } = sameInPieces(input, shakeHands);
    const [answer = '', rest = 'not done'] = values;
    if (problem !== undefined || input.length < 1 + PACKET) expect(answer).toBe('');
    else expect(answer).toHaveLength(2 * (1 + 2 * PACKET));
    const whole = problem === undefined && input.length >= 1 + 2 * PACKET;
    expect(rest).toBe(whole ? input.subarray(1 + 2 * PACKET).toString('hex') : 'not done');
  },
};

/** Memory of small buffers is shared with others of the test's own; bytes. */
const POOL = 8192;

function readChunks(pieces: readonly Buffer[], limits: Partial<ChunkLimits> = {}): Reading<RtmpMessage> {
  const { unfinished } = { ...DEFAULT_CHUNK_LIMITS, ...limits };
  return reading(RtmpError, (out) => {
    const reader = new ChunkReader(limits);
    for (const piece of pieces) {
      reader.push(piece);
      for (let message = reader.next(); message; message = reader.next()) out.push(message);
      expect(reader.held).toBeLessThanOrEqual(unfinished + Math.max(POOL, piece.buffer.byteLength));
    }
  });
}

const STRANGER = { media: 0, data: 4096, unfinished: 4096 };

const chunks: FuzzTarget = {
  name: 'chunks',
  made: chunkBytes,
  runs: 150,
  check(input) {
    const { values } = sameInPieces(input, readChunks);
    const total = values.reduce((sum, { payload }) => sum + payload.length, 0);
    expect(total).toBeLessThanOrEqual(input.length);
    const again = Buffer.concat(values.map((message) => encodeMessage(message, 128)));
    expect(sameInPieces(again, readChunks)).toEqual({ values, problem: undefined });
    for (const { type, payload } of [[input], cut(input, 100)].flatMap(
      (pieces) => readChunks(pieces, STRANGER).values,
    ))
      expect(payload.length).toBeLessThanOrEqual([8, 9, 22].includes(type) ? 0 : 65_536);
  },
};

/** A message whose first byte is its type. */
const messageOf = (input: Buffer): RtmpMessage => ({
  type: input[0] ?? 0,
  streamId: 1,
  chunkStreamId: 3,
  timestamp: 0xfffffff0,
  payload: input.subarray(1),
});

const messages: FuzzTarget = {
  name: 'messages',
  made: messageBytes,
  runs: 500,
  check(input) {
    const message = messageOf(input);
    survives(RtmpError, () => parseCommand(message));
    survives(RtmpError, () => parseUserControl(message));
    survives(RtmpError, () => parseControlValue(message));
    const parts = survives(RtmpError, () => splitAggregate(message)) ?? [];
    const inside = parts.reduce((sum, { payload }) => sum + 11 + payload.length, 0);
    expect(inside).toBeLessThanOrEqual(message.payload.length);
    for (const one of [message, ...parts]) {
      const media = readMedia(one);
      if (media?.type !== 18) continue;
      // What is relayed as data, players can decode.
      expect(decodeAmf0(media.payload, { values: 4096 }).length).toBeGreaterThanOrEqual(0);
      if (media.role === 'config') expect(decodeAmf0(media.payload, { values: 4096 })[0]).toBe('onMetaData');
    }
  },
};

/** How many values there are, and how deep the deepest one lies. */
function measure(values: readonly AmfValue[]): { count: number; depth: number } {
  let [count, depth] = [0, 0];
  for (const value of values) {
    count += 1;
    if (typeof value !== 'object' || value === null || value instanceof Date) continue;
    const inner = measure(Object.values(value));
    count += inner.count;
    depth = Math.max(depth, inner.depth + 1);
  }
  return { count, depth };
}

const amf0: FuzzTarget = {
  name: 'amf0',
  made: amfBytes,
  runs: 500,
  check(input) {
    const values = survives(RtmpError, () => decodeAmf0(input));
    if (values === undefined) return;
    const { count, depth } = measure(values);
    expect(count).toBeLessThanOrEqual(512);
    expect(depth).toBeLessThanOrEqual(8);
    expect(decodeAmf0(encodeAmf0(...values))).toEqual(values);
  },
};

const clientSession: FuzzTarget = {
  name: 'client-session',
  made: fc.oneof(
    chunkBytes,
    amfBytes.map((payload) =>
      encodeMessage({ type: 20, streamId: 0, chunkStreamId: 3, timestamp: 0, payload }, 128),
    ),
  ),
  runs: 150,
  check(input) {
    const read = (pieces: readonly Buffer[]): Reading<ClientEvent> =>
      reading(RtmpError, (out) => {
        const client = new RtmpClientSession({
          mode: 'publish',
          tcUrl: 'rtmp://a/b',
          app: 'b',
          stream: 'c',
          randomBytes,
        });
        client.push(Buffer.alloc(1 + 2 * PACKET, 3));
        for (const piece of pieces) out.push(...client.push(piece).events);
      });
    const { values } = sameInPieces(input, (pieces) => {
      // Events of a push that fails are lost, and which push that is depends on the pieces.
      const { values: events, problem } = read(pieces);
      return { values: problem === undefined ? events : [], problem };
    });
    expect(values.filter(({ type }) => type === 'closed').length).toBeLessThanOrEqual(1);
  },
};

/** A header of the PROXY protocol as text, or binary with any length and addresses. */
const proxyBytes = fc.oneof(
  fc
    .tuple(fc.constantFrom('TCP4', 'TCP6', 'UNKNOWN', ''), fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()))
    .map(([family, source]) => Buffer.from(`PROXY ${family} ${source} 192.0.2.1 1 2\r\nrest`)),
  fc
    .tuple(fc.constantFrom(0x20, 0x21, 0x11, 0x2f), fc.constantFrom(0x11, 0x21, 0x31, 0), fc.nat(0xffff))
    .chain(([version, family, length]) =>
      fc
        .uint8Array({ maxLength: 60 })
        .map((addresses) =>
          Buffer.from([
            ...Buffer.from('0d0a0d0a000d0a515549540a', 'hex'),
            ...[version, family, length >> 8, length & 255],
            ...addresses,
          ]),
        ),
    ),
);

const proxyHeader: FuzzTarget = {
  name: 'proxy-header',
  made: proxyBytes,
  runs: 300,
  check(input) {
    const found = parseProxyHeader(input);
    // As it comes byte by byte, it is undecided at first and then what it is at once.
    let length = 0;
    while (length < input.length && parseProxyHeader(input.subarray(0, length)) === 'more') length += 1;
    if (input.length > 0) expect(parseProxyHeader(input.subarray(0, length))).toEqual(found);
    if (found === 'more') expect(input.length).toBeLessThan(4096);
    if (typeof found === 'string') return;
    expect(found.length).toBeLessThanOrEqual(Math.min(input.length, 4096));
    if (found.source !== undefined) expect(found.source).toMatch(/^[\da-f.:]+$/i);
  },
};

const names: FuzzTarget = {
  name: 'names',
  made: fc
    .array(
      fc.constantFrom(
        'live',
        '/',
        '?',
        '&',
        'vhost=',
        'auth_key=',
        '%3f',
        '%',
        ':',
        '@',
        '[',
        ']',
        '\n',
        'ü',
      ),
    )
    .map((parts) => Buffer.from(`rtmp://${parts.join('')}`)),
  runs: 500,
  check(input) {
    const [tcUrl = '', app = '', stream = ''] = input.toString().split('\n');
    const peer = { kind: 'publish', clientAddress: '192.0.2.1' } as const;
    const asked = [
      rtmpRequest(connectNames({ app, tcUrl }), stream, peer),
      rtmpRequest(connectNames({ app: tcUrl, tcUrl: app }), stream, peer),
      ...[tcUrl, `/${app}/${stream}`].map((url) => flvRequest(url, app, '192.0.2.1')),
    ];
    for (const request of asked) {
      if (!request) continue;
      expect(request.app).not.toMatch(/^\/|\/$/);
      const target = targetOf(request);
      expect(target.length).toBeLessThanOrEqual(256);
      expect(target).not.toMatch(/[?&]|%3f|%26/i);
    }
  },
};

export const RTMP_TARGETS = [handshake, chunks, messages, amf0, clientSession, proxyHeader, names];
