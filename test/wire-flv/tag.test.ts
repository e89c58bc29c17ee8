import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeTag, flvHeader, FlvError, FlvReader, type FlvTag } from '../../src/wire/flv/tag.ts';
import { SAMPLES } from '../support/sample.ts';

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');

function read(bytes: Buffer, options: { cut?: number; maxPayload?: number } = {}): FlvTag[] {
  const { cut = bytes.length, ...rest } = options;
  const reader = new FlvReader(rest);
  const tags: FlvTag[] = [];
  for (let at = 0; at < bytes.length; at += cut) {
    reader.push(bytes.subarray(at, at + cut));
    for (let tag = reader.next(); tag; tag = reader.next()) tags.push(tag);
  }
  return tags;
}

const header = flvHeader({ audio: true, video: true });

describe('byte by byte', () => {
  test('header', () => {
    expect(header).toEqual(hex('464c56 01 05 00000009 00000000'));
    expect(flvHeader({ audio: false, video: true })[4]).toBe(1);
    expect(flvHeader({ audio: true, video: false })[4]).toBe(4);
  });
  test('tag, with the extension byte of its time', () => {
    expect(encodeTag({ type: 9, timestamp: 0x01020304, payload: Buffer.of(0x17, 1) })).toEqual(
      hex('09 000002 020304 01 000000 1701 0000000d'),
    );
  });
});

test('round trip, any cut', () => {
  const tag = fc.record({
    type: fc.constantFrom(8, 9, 18),
    timestamp: fc.oneof(fc.nat(1000), fc.constantFrom(0xffffff, 0x1000000, 0xffffffff)),
    payload: fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)),
  });
  fc.assert(
    fc.property(fc.array(tag), fc.integer({ min: 1, max: 700 }), (tags, cut) => {
      expect(read(Buffer.concat([header, ...tags.map(encodeTag)]), { cut })).toEqual(tags);
    }),
  );
});

test('a file of FFmpeg is read and written back to the same bytes', () => {
  const bytes = readFileSync(SAMPLES.sample);
  const tags = read(bytes, { cut: 1000 });
  expect(tags.length).toBeGreaterThan(600);
  expect(Buffer.concat([header, ...tags.map(encodeTag)]).equals(bytes)).toBe(true);
});

describe('refused', () => {
  test.each([
    ['text', Buffer.from('HTTP/1.1 404 Not Found\r\n')],
    ['text at its first byte', Buffer.from('H')],
    ['a header that ends in itself', hex('464c56 01 05 00000008 00000000')],
    ['a header of 2 GiB', hex('464c56 01 05 7fffffff 00000000')],
    ['a tag over 8 MiB', Buffer.concat([header, hex('09 800001 000000 00 000000')])],
  ])('%s', (_name, bytes) => {
    expect(() => read(bytes)).toThrow(FlvError);
  });
  test('a tag over the caller’s limit', () => {
    const bytes = Buffer.concat([header, encodeTag({ type: 9, timestamp: 0, payload: Buffer.alloc(101) })]);
    expect(() => read(bytes, { maxPayload: 100 })).toThrow(FlvError);
  });
  test('a payload that does not fit a tag', () => {
    expect(() => encodeTag({ type: 9, timestamp: 0, payload: Buffer.alloc(1 << 24) })).toThrow(FlvError);
  });
});

test('nothing is kept for what is only declared', () => {
  const before = process.memoryUsage().arrayBuffers;
  const readers = Array.from({ length: 200 }, () => {
    const reader = new FlvReader();
    reader.push(Buffer.concat([header, hex('09 7fffff 000000 00 000000 17')]));
    expect(reader.next()).toBeUndefined();
    return reader;
  });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1024 * 1024);
  expect(readers).toHaveLength(200);
});
