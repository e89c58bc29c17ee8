import fc from 'fast-check';
import { encodeMessage } from '../../src/wire/rtmp/chunk-writer.ts';

const bytes = (maxLength: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));

function integer(value: number, size: number): Buffer {
  const out = Buffer.alloc(size);
  out.writeUIntBE(value, 0, size);
  return out;
}

const length16 = fc.oneof(fc.nat(8), fc.constantFrom(0, 0xffff));
const length32 = fc.oneof(fc.nat(8), fc.constantFrom(0, 0xffff, 0xffffff, 0xffffffff));

/** AMF0 with every marker there is and some that are none; lengths and counts need not be true. */
export const amfBytes: fc.Arbitrary<Buffer> = fc.letrec<{ value: Buffer; values: Buffer; members: Buffer }>(
  (tie) => {
    const name = fc
      .tuple(fc.constantFrom('a', '', '__proto__', 'app', 'tcUrl', 'ü'), fc.option(length16, { freq: 8 }))
      .map(([text, wrong]) =>
        Buffer.concat([integer(wrong ?? Buffer.byteLength(text), 2), Buffer.from(text)]),
      );
    const text = fc.oneof(name, fc.constant(integer(0, 2)));
    const end = fc.constantFrom(Buffer.of(0, 0, 9), Buffer.of(0, 0, 9), Buffer.alloc(0));
    const marked = (marker: number, ...parts: fc.Arbitrary<Buffer>[]): fc.Arbitrary<Buffer> =>
      fc.tuple(...parts).map((all) => Buffer.concat([Buffer.of(marker), ...all]));
    const counted = length32.map((count) => integer(count, 4));
    return {
      value: fc.oneof(
        { maxDepth: 12 },
        fc.double().map((value) => {
          const out = Buffer.alloc(9);
          out.writeDoubleBE(value, 1);
          return out;
        }),
        fc.constantFrom(Buffer.of(5), Buffer.of(6), Buffer.of(1, 1), Buffer.of(13)),
        marked(2, text),
        marked(
          7,
          fc.nat(4).map((index) => integer(index, 2)),
        ),
        marked(11, bytes(10)),
        marked(12, counted, bytes(8)),
        marked(15, counted, bytes(8)),
        fc.nat(255).map((marker) => Buffer.of(marker)),
        marked(3, tie('members'), end),
        marked(8, counted, tie('members'), end),
        marked(10, counted, tie('values')),
        marked(16, text, tie('members'), end),
      ),
      values: fc.array(tie('value'), { maxLength: 4 }).map((all) => Buffer.concat(all)),
      members: fc
        .array(fc.tuple(name, tie('value')), { maxLength: 4 })
        .map((all) => Buffer.concat(all.flat())),
    };
  },
).values;

const commandName = fc.constantFrom(
  'connect',
  'publish',
  'play',
  'pause',
  '_result',
  'onStatus',
  '@setDataFrame',
);

/** A message for test/fuzz: its type, then its payload. */
export const messageBytes: fc.Arbitrary<Buffer> = fc
  .tuple(
    fc.oneof(fc.constantFrom(4, 5, 8, 9, 15, 17, 18, 20, 22), fc.nat(255)),
    fc.oneof(
      bytes(40),
      fc.tuple(commandName, amfBytes).map(([name, rest]) => {
        return Buffer.concat([Buffer.of(2), integer(name.length, 2), Buffer.from(name), rest]);
      }),
      fc
        .array(fc.tuple(fc.nat(22), bytes(20), fc.nat(30)), { maxLength: 5 })
        .map((parts) =>
          Buffer.concat(
            parts.map(([type, payload, length]) =>
              Buffer.concat([Buffer.of(type), integer(length, 3), Buffer.alloc(7), payload, Buffer.alloc(4)]),
            ),
          ),
        ),
    ),
  )
  .map(([type, payload]) => Buffer.concat([Buffer.of(type), payload]));

/** The three sizes of a basic header, one of them with an id that a shorter one could say. */
const basicHeader = fc
  .tuple(fc.nat(3), fc.constantFrom(2, 3, 4, 63, 64, 319, 320, 65_599, -1, -2))
  .map(([fmt, id]) => {
    if (id === -1) return Buffer.of(fmt << 6, 0);
    if (id === -2) return Buffer.of((fmt << 6) | 1, 0, 0);
    if (id < 64) return Buffer.of((fmt << 6) | id);
    if (id < 320) return Buffer.of(fmt << 6, id - 64);
    return Buffer.of((fmt << 6) | 1, (id - 64) & 255, (id - 64) >> 8);
  });

const time = fc.constantFrom(0, 1, 0xfffffe, 0xffffff);
const messageLength = fc.oneof(fc.nat(300), fc.constantFrom(0, 1, 127, 128, 129, 65_537, 0xffffff));
const messageType = fc.constantFrom(1, 1, 2, 3, 4, 5, 8, 9, 15, 17, 18, 20, 22, 99);

/** One chunk whose header says what it likes. */
const chunk = fc
  .record({
    basic: basicHeader,
    time,
    length: messageLength,
    type: messageType,
    extended: fc.constantFrom(0, 0xffffff, 0xffffffff),
    repeats: fc.boolean(),
    payload: bytes(150),
  })
  .map(({ basic, time: sent, length, type, extended, repeats, payload }) => {
    const fmt = basic.readUInt8(0) >> 6;
    const header = Buffer.concat([integer(sent, 3), integer(length, 3), Buffer.of(type, 1, 0, 0, 0)]);
    const parts: Buffer[] = [basic, header.subarray(0, [11, 7, 3, 0][fmt])];
    if ((fmt < 3 && sent === 0xffffff) || (fmt === 3 && repeats)) parts.push(integer(extended, 4));
    return Buffer.concat([...parts, payload.subarray(0, length)]);
  });

const good = fc
  .tuple(messageType, fc.constantFrom(3, 70, 700), fc.constantFrom(0, 0xffffff, 0xffffffff), bytes(400))
  .map(([type, chunkStreamId, timestamp, payload]) => {
    const size = type === 1 ? Buffer.of(0, 0, 0, 128) : payload;
    return encodeMessage({ type, streamId: 1, chunkStreamId, timestamp, payload: size }, 128);
  });

/** A session of good messages with chunks between them that need not fit. */
export const chunkBytes: fc.Arbitrary<Buffer> = fc
  .array(fc.oneof({ weight: 3, arbitrary: good }, { weight: 1, arbitrary: chunk }), { maxLength: 8 })
  .map((parts) => Buffer.concat(parts));
