import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splitAggregate } from '../../src/wire/rtmp/aggregate.ts';
import { decodeAmf0, encodeAmf0 } from '../../src/wire/rtmp/amf0.ts';
import { ChunkReader } from '../../src/wire/rtmp/chunk-reader.ts';
import { encodeMessage } from '../../src/wire/rtmp/chunk-writer.ts';
import { RtmpClientSession } from '../../src/wire/rtmp/client-session.ts';
import { amf0Body, parseCommand } from '../../src/wire/rtmp/commands.ts';
import { parseControlValue, parseUserControl } from '../../src/wire/rtmp/control.ts';
import { ServerHandshake } from '../../src/wire/rtmp/handshake.ts';
import { RtmpError, type RtmpMessage } from '../../src/wire/rtmp/messages.ts';
import { parseTcUrl, splitName } from '../../src/wire/rtmp/names.ts';
import { connectResult } from '../../src/wire/rtmp/responses.ts';

/** More of them where time is allowed (`npm run test:all`). */
const RUNS = { numRuns: process.env['SLUICE_TEST_LONG'] === '1' ? 15_000 : 2000 };
const bytes = (maxLength = 300) =>
  fc.uint8Array({ maxLength, size: 'max' }).map((array) => Buffer.from(array));

/** Valid bytes with a few of them changed, and cut: gets deeper into a parser than noise does. */
const damaged = (valid: Buffer) =>
  fc
    .tuple(fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 6 }), fc.nat(valid.length))
    .map(([changes, length]) => {
      const copy = Buffer.from(valid);
      for (const [at, value] of changes) copy[at] = value;
      return copy.subarray(0, length === 0 ? copy.length : length);
    });

/** Runs `read`; anything thrown but `RtmpError` fails the test. */
function survives(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(RtmpError);
  }
}

const message = (type: number, payload: Buffer): RtmpMessage => ({
  type,
  streamId: 1,
  chunkStreamId: 3,
  timestamp: 0,
  payload,
});

const connect = encodeAmf0('connect', 1, {
  app: 'live',
  tcUrl: 'rtmp://a/live',
  fourCcList: ['hvc1'],
  capsEx: 4,
});

describe('only RtmpError is thrown', () => {
  test('AMF0 and commands', () => {
    const input = fc.oneof(
      bytes(),
      damaged(connect),
      damaged(encodeAmf0('onMetaData', { a: [1, new Date(0)] })),
    );
    fc.assert(
      fc.property(input, fc.constantFrom(15, 17, 18, 20), (payload, type) => {
        survives(() => decodeAmf0(payload));
        survives(() => parseCommand(message(type, payload)));
        survives(() => decodeAmf0(amf0Body(message(type, payload))));
      }),
      RUNS,
    );
  });

  test('control and aggregate messages', () => {
    fc.assert(
      fc.property(bytes(60), (payload) => {
        survives(() => parseUserControl(message(4, payload)));
        survives(() => parseControlValue(message(5, payload)));
        survives(() => splitAggregate(message(22, payload)));
      }),
      RUNS,
    );
  });

  test('names never throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl(), bytes().map(String)), (text) => {
        parseTcUrl(text);
        parseTcUrl(`rtmp://${text}`);
        splitName(text);
      }),
      RUNS,
    );
  });

  test('handshake', () => {
    fc.assert(
      fc.property(fc.array(bytes(2000), { maxLength: 4 }), fc.boolean(), (pieces, version) => {
        const handshake = new ServerHandshake({ randomBytes });
        survives(() => {
          if (version) handshake.push(Buffer.of(3));
          for (const piece of pieces) handshake.push(piece);
        });
      }),
    );
  });

  test('chunks: noise, and damaged sessions', () => {
    const session = Buffer.concat([
      encodeMessage(message(20, connect), 128),
      encodeMessage(message(1, Buffer.of(0, 0, 1, 0)), 128),
      encodeMessage({ ...message(9, Buffer.alloc(700, 3)), timestamp: 0x1000000, chunkStreamId: 700 }, 256),
      encodeMessage({ ...message(8, Buffer.alloc(100, 4)), chunkStreamId: 70 }, 256),
    ]);
    fc.assert(
      fc.property(fc.oneof(bytes(2000), damaged(session)), fc.integer({ min: 1, max: 500 }), (input, cut) => {
        const reader = new ChunkReader();
        survives(() => {
          for (let at = 0; at < input.length; at += cut) {
            reader.push(input.subarray(at, at + cut));
            for (let one = reader.next(); one; one = reader.next())
              expect(one.payload.length).toBeLessThanOrEqual(input.length);
          }
        });
      }),
      RUNS,
    );
  });

  test('client session', () => {
    const answer = encodeMessage(
      connectResult({ transactionId: 1, objectEncoding: 0, fourCcList: ['*'], capsEx: 0 }),
      128,
    );
    fc.assert(
      fc.property(fc.oneof(bytes(500), damaged(answer)), (input) => {
        const client = new RtmpClientSession({
          mode: 'publish',
          tcUrl: 'rtmp://a/b',
          app: 'b',
          stream: 'c',
          randomBytes,
        });
        survives(() => {
          client.push(Buffer.alloc(3073, 3));
          client.push(input);
        });
      }),
    );
  });
});

test('a flood of noise after the handshake ends at once and keeps nothing', () => {
  const noise = Array.from({ length: 200 }, () => randomBytes(64 * 1024));
  const before = process.memoryUsage().arrayBuffers;
  const readers = noise.map((piece) => {
    const reader = new ChunkReader();
    survives(() => {
      reader.push(piece);
      while (reader.next()) expect(true).toBe(true);
    });
    return reader;
  });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
  expect(readers).toHaveLength(200);
});
