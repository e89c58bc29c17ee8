import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ChunkReader } from '../../src/wire/rtmp/chunk-reader.ts';
import { encodeMessage } from '../../src/wire/rtmp/chunk-writer.ts';
import { setChunkSize } from '../../src/wire/rtmp/control.ts';
import { MessageType, RtmpError, type RtmpMessage } from '../../src/wire/rtmp/messages.ts';
import { ReferenceSender } from './reference.ts';

function readAll(bytes: Buffer, reader = new ChunkReader()): RtmpMessage[] {
  reader.push(bytes);
  return drain(reader);
}

function drain(reader: ChunkReader): RtmpMessage[] {
  const messages: RtmpMessage[] = [];
  for (let message = reader.next(); message; message = reader.next()) messages.push(message);
  return messages;
}

/** Feeds `bytes` in pieces of the given sizes, round and round. */
function readSplit(bytes: Buffer, sizes: number[]): RtmpMessage[] {
  const reader = new ChunkReader();
  const messages: RtmpMessage[] = [];
  for (let at = 0, i = 0; at < bytes.length; i += 1) {
    const size = sizes[i % sizes.length]!;
    messages.push(...readAll(bytes.subarray(at, at + size), reader));
    at += size;
  }
  return messages;
}

const video = (changes: Partial<RtmpMessage> = {}): RtmpMessage => ({
  type: MessageType.video,
  streamId: 1,
  chunkStreamId: 6,
  timestamp: 40,
  payload: Buffer.from('frame'),
  ...changes,
});

const same = (message: RtmpMessage): RtmpMessage => message;

/** A payload that no extended timestamp of `arbitraryMessage` begins like: then leaving it out is unambiguous. */
const unlikeTime = (message: RtmpMessage): RtmpMessage => ({
  ...message,
  payload: message.payload.map((byte) => 0x50 | (byte & 0x0f)) as Buffer,
});

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');

const arbitraryMessage: fc.Arbitrary<RtmpMessage> = fc.record({
  type: fc.constantFrom(8, 9, 18, 20),
  streamId: fc.constantFrom(0, 1, 0x01020304),
  chunkStreamId: fc.oneof(
    fc.integer({ min: 2, max: 6 }),
    fc.constantFrom(63, 64, 65, 319, 320, 321, 575, 576, 65_599),
  ),
  timestamp: fc.oneof(
    fc.integer({ min: 0, max: 100 }),
    fc.constantFrom(0xfffffe, 0xffffff, 0x1000000, 0x7fffffff, 0x80000000, 0xffffffff),
  ),
  payload: fc.uint8Array({ maxLength: 700 }).map((bytes) => Buffer.from(bytes)),
});

describe('round trips', () => {
  const splits = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 5 });

  test('writer to reader, any chunk size, any cut of the bytes', () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryMessage),
        fc.integer({ min: 1, max: 1000 }),
        splits,
        (messages, size, cuts) => {
          const bytes = Buffer.concat([
            encodeMessage(setChunkSize(size), 128),
            ...messages.map((message) => encodeMessage(message, size)),
          ]);
          expect(readSplit(bytes, cuts)).toEqual(messages);
        },
      ),
    );
  });

  test('a sender of all header forms, interleaved, with changing chunk sizes', () => {
    const session = fc.record({
      options: fc.record({ repeatExtended: fc.boolean(), compress: fc.boolean() }),
      rounds: fc.array(
        fc.tuple(fc.integer({ min: 1, max: 300 }), fc.array(arbitraryMessage, { maxLength: 6 })),
      ),
      order: fc.array(fc.nat(5), { minLength: 1 }),
      cuts: splits,
    });
    fc.assert(
      fc.property(session, ({ options, rounds, order, cuts }) => {
        const sender = new ReferenceSender(options);
        const out: Buffer[] = [];
        const expected: RtmpMessage[] = [];
        for (const [size, messages] of rounds) {
          out.push(...sender.chunks(setChunkSize(size)));
          sender.chunkSize = size;
          // One message per chunk stream can be under way at a time.
          const round = messages
            .map(options.repeatExtended ? same : unlikeTime)
            .filter(
              (message, i) => messages.findIndex((m) => m.chunkStreamId === message.chunkStreamId) === i,
            );
          const open = round.map((message) => ({ message, chunks: sender.chunks(message) }));
          for (let turn = 0; open.length > 0; turn += 1) {
            const at = order[turn % order.length]! % open.length;
            const one = open[at]!;
            out.push(one.chunks.shift()!);
            if (one.chunks.length > 0) continue;
            expected.push(one.message);
            open.splice(at, 1);
          }
        }
        // Without more bytes a reader cannot know whether a last short chunk repeats the timestamp.
        const last = video({ chunkStreamId: 2 });
        expect(readSplit(Buffer.concat([...out, encodeMessage(last, sender.chunkSize)]), cuts)).toEqual([
          ...expected,
          last,
        ]);
      }),
      { numRuns: 300 },
    );
  });

  test('the bytes of a message do not depend on what was sent before', () => {
    const bytes = encodeMessage(video(), 128);
    expect(readAll(Buffer.concat([bytes, bytes]))).toEqual([video(), video()]);
  });
});

describe('writer, byte by byte', () => {
  test('full header, then fmt 3', () => {
    const message = video({ timestamp: 0x010203, payload: Buffer.from('abcdef') });
    expect(encodeMessage(message, 4)).toEqual(hex('06 010203 000006 09 01000000 61626364 c6 6566'));
  });
  test('extended timestamp in every chunk', () => {
    const message = video({ timestamp: 0xffffff, payload: Buffer.from('abc') });
    expect(encodeMessage(message, 2)).toEqual(
      hex('06 ffffff 000003 09 01000000 00ffffff 6162 c6 00ffffff 63'),
    );
  });
  test('no payload: one header and nothing else', () => {
    expect(encodeMessage(video({ payload: Buffer.alloc(0) }), 128)).toHaveLength(12);
  });
  test.each([
    [2, '02'],
    [63, '3f'],
    [64, '0000'],
    [319, '00ff'],
    [320, '010001'],
    [65_599, '01ffff'],
  ])('chunk stream %i', (chunkStreamId, expected) => {
    const bytes = encodeMessage(video({ chunkStreamId }), 128);
    expect(bytes.subarray(0, expected.length / 2)).toEqual(hex(expected));
  });
});

describe('reader, byte by byte', () => {
  test('fmt 1 and 2 carry deltas, fmt 3 repeats the last delta', () => {
    const messages = readAll(
      hex('06 0003e8 000001 09 01000000 61  46 000028 000001 09 62  86 000014 63  c6 64'),
    );
    expect(messages.map((m) => m.timestamp)).toEqual([1000, 1040, 1060, 1080]);
    expect(messages.map((m) => m.streamId)).toEqual([1, 1, 1, 1]);
  });
  test('timestamps wrap at 2^32', () => {
    const messages = readAll(hex('06 ffffff 000001 09 01000000 fffffff0 61  46 000020 000001 09 62'));
    expect(messages.map((m) => m.timestamp)).toEqual([0xfffffff0, 0x10]);
  });
  test('a chunk stream may begin with fmt 1, as the pings of librtmp do', () => {
    const [message] = readAll(hex('42 000000 000004 03 00000001'));
    expect(message).toMatchObject({ type: 3, streamId: 0, timestamp: 0 });
  });
  test('payload that looks unlike the extended timestamp is not taken for it', () => {
    const payload = Buffer.from('abcdefghij');
    const bytes = hex('06 ffffff 00000a 09 01000000 01000000');
    const chunks = Buffer.concat([bytes, payload.subarray(0, 5), hex('c6'), payload.subarray(5)]);
    const reader = new ChunkReader();
    reader.setChunkSize(5);
    expect(readAll(chunks, reader)).toEqual([video({ timestamp: 0x01000000, payload })]);
  });
  test('messages without payload come out at once', () => {
    const empty = video({ payload: Buffer.alloc(0) });
    expect(readAll(Buffer.concat([encodeMessage(empty, 128), encodeMessage(video(), 128)]))).toEqual([
      empty,
      video(),
    ]);
  });
  test('Abort forgets the message under way and nothing else', () => {
    const half = hex('06 000028 0000c8 09 01000000').subarray(0, 12);
    const abort = hex('02 000000 000004 02 00000000 00000006');
    const reader = new ChunkReader();
    const bytes = Buffer.concat([half, Buffer.alloc(128), abort, encodeMessage(video(), 128)]);
    expect(readAll(bytes, reader)).toEqual([video()]);
  });
  test('a new chunk size holds from the next chunk on', () => {
    const payload = Buffer.alloc(300, 1);
    const bytes = Buffer.concat([
      encodeMessage(setChunkSize(300), 128),
      encodeMessage(video({ payload }), 300),
    ]);
    expect(readAll(bytes)).toEqual([video({ payload })]);
  });
  test('chunk sizes above 2^24 mean 2^24', () => {
    const payload = Buffer.alloc(70_000, 1);
    const bytes = Buffer.concat([
      hex('02 000000 000004 01 00000000 7fffffff'),
      encodeMessage(video({ payload }), 1 << 24),
    ]);
    expect(readAll(bytes)[0]?.payload).toHaveLength(70_000);
  });
});

describe('refused', () => {
  const header = (type: number, length: number): Buffer => {
    const out = hex('03 000000 000000 00 00000000');
    out.writeUIntBE(length, 4, 3);
    out[7] = type;
    return out;
  };
  test.each([
    ['chunk size 0', hex('02 000000 000004 01 00000000 00000000')],
    ['chunk size with the high bit', hex('02 000000 000004 01 00000000 80000001')],
    ['a short Set Chunk Size', hex('02 000000 000003 01 00000000 000001')],
    ['fmt 3 first', hex('c3')],
    ['fmt 2 first', hex('83 000000')],
    ['control over 64 B', header(4, 65)],
    ['command over 64 KiB', header(20, 65_537)],
    ['data over 256 KiB', header(18, 262_145)],
    ['unknown type over 256 KiB', header(99, 262_145)],
    ['audio over 8 MiB', header(8, 8 * 1024 * 1024 + 1)],
    ['aggregate over 8 MiB', header(22, 0xffffff)],
    ['a header inside a message', Buffer.concat([header(9, 300), Buffer.alloc(128), header(9, 300)])],
  ])('%s', (_name, bytes) => {
    expect(() => readAll(bytes)).toThrow(RtmpError);
  });
  test('the caps themselves are allowed', () => {
    for (const [type, length] of [
      [4, 64],
      [20, 65_536],
      [18, 262_144],
      [9, 8 * 1024 * 1024],
    ] as const)
      expect(readAll(header(type, length))).toEqual([]);
  });
  test('more than 32 chunk streams', () => {
    const open = (count: number): Buffer =>
      Buffer.concat(
        Array.from({ length: count }, (_, i) => encodeMessage(video({ chunkStreamId: i + 2 }), 128)),
      );
    expect(readAll(open(32))).toHaveLength(32);
    expect(() => readAll(open(33))).toThrow(RtmpError);
  });
  test('media before it is allowed', () => {
    const reader = new ChunkReader({ media: 0 });
    expect(() => readAll(encodeMessage(video(), 128), reader)).toThrow(RtmpError);
    const admitted = new ChunkReader({ media: 0 });
    admitted.setLimits({ media: 1000 });
    expect(readAll(encodeMessage(video(), 128), admitted)).toEqual([video()]);
  });
  test('limits that were lowered hold for a repeated header too', () => {
    const reader = new ChunkReader();
    expect(readAll(encodeMessage(video(), 128), reader)).toHaveLength(1);
    reader.setLimits({ media: 0 });
    expect(() => readAll(hex('c6'), reader)).toThrow(RtmpError);
  });
  test('finished and aborted messages do not count as unfinished', () => {
    const reader = new ChunkReader({ unfinished: 1000 });
    const message = encodeMessage(video({ payload: Buffer.alloc(600) }), 128);
    const abort = hex('02 000000 000004 02 00000000 00000006');
    for (let i = 0; i < 5; i += 1) {
      expect(readAll(message, reader)).toHaveLength(1);
      readAll(message.subarray(0, 12 + 128), reader);
      readAll(abort, reader);
    }
  });
  test('memory for unfinished messages over the limit, over several chunk streams', () => {
    const reader = new ChunkReader({ unfinished: 1500 });
    reader.setChunkSize(400);
    const start = (chunkStreamId: number): Buffer =>
      encodeMessage(video({ chunkStreamId, payload: Buffer.alloc(800) }), 400).subarray(0, 412);
    expect(readAll(Buffer.concat([start(4), start(5)]), reader)).toEqual([]);
    expect(() => readAll(start(6), reader)).toThrow(RtmpError);
  });
});

describe('memory', () => {
  const MiB = 1024 * 1024;
  /** The headers of 32 video messages of 8 MiB on as many chunk streams, each with `sent` bytes of payload. */
  const promises = (sent: number): Buffer => {
    const headers = Array.from({ length: 32 }, (_, i) => {
      const start = hex('00 000000 800000 09 01000000');
      start[0] = i + 2;
      return Buffer.concat([start, Buffer.alloc(sent)]);
    });
    return Buffer.concat(headers);
  };

  test('declared lengths cost nothing', () => {
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 50 }, () => new ChunkReader());
    for (const reader of readers) {
      reader.setChunkSize(1);
      expect(readAll(promises(1), reader)).toEqual([]);
    }
    // 50 connections declared 12.5 GiB and sent 20 kB.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * MiB);
    expect(readers).toHaveLength(50);
  });
  test('nor does what is at hand count once for each of many messages', () => {
    const reader = new ChunkReader();
    const before = process.memoryUsage().arrayBuffers;
    readAll(promises(128), reader);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(0.5 * MiB);
  });
  test('a small message does not hold a large read buffer', () => {
    const large = Buffer.concat([encodeMessage(video(), 128), Buffer.alloc(200_000, 2)]);
    const reader = new ChunkReader();
    reader.push(large);
    expect(reader.next()?.payload.buffer.byteLength).toBeLessThan(large.buffer.byteLength);
  });
  test('the bytes pushed may be used again: at once after the last message, earlier after `keep`', () => {
    const messages = [600, 10, 300].map((size, i) => video({ payload: Buffer.alloc(size, i + 1) }));
    const bytes = Buffer.concat(messages.map((message) => encodeMessage(message, 128)));
    for (let cut = 0; cut < bytes.length; cut++) {
      const reader = new ChunkReader();
      const shared = Buffer.from(bytes);
      const read = readAll(shared.subarray(0, cut), reader);
      shared.fill(0, 0, cut);
      reader.push(shared.subarray(cut));
      const next = reader.next();
      if (next) read.push(next);
      reader.keep();
      shared.fill(0);
      read.push(...drain(reader));
      expect(read.map(({ payload }) => payload)).toEqual(messages.map(({ payload }) => payload));
    }
  });
});
