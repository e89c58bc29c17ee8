import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatTimestamp, parseTimestamp } from '../../src/base/timestamp.ts';

describe('parseTimestamp', () => {
  test.each([
    ['2026-11-22T06:22:37Z', Date.UTC(2026, 10, 22, 6, 22, 37)],
    ['1970-01-01T00:00:00Z', 0],
    ['2024-02-29T23:59:59Z', Date.UTC(2024, 1, 29, 23, 59, 59)],
    ['0001-01-01T00:00:00Z', -62135596800000],
  ])('%s', (text, ms) => {
    expect(parseTimestamp(text)).toBe(ms);
  });

  test.each([
    '',
    '2026-11-22',
    '2026-11-22 06:22:37Z',
    '2026-11-22T06:22:37',
    '2026-11-22T06:22:37.000Z',
    '2026-11-22T06:22:37+00:00',
    '2026-11-22T06:22:37z',
    ' 2026-11-22T06:22:37Z',
    '2026-11-22T06:22:37Z\n',
    '2026-11-22T06:22Z',
    '2023-02-29T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2016-12-31T23:59:60Z',
    '+02026-01-01T00:00:00Z',
    '２０２６-01-01T00:00:00Z',
  ])('refuses "%s"', (text) => {
    expect(parseTimestamp(text)).toBeUndefined();
  });

  test('reads back every second that formatTimestamp writes', () => {
    const seconds = fc.integer({ min: -62167219200, max: 253402300799 });
    fc.assert(
      fc.property(seconds, (second) => parseTimestamp(formatTimestamp(second * 1000)) === second * 1000),
    );
  });
});

describe('formatTimestamp', () => {
  test('cuts the fraction', () => {
    expect(formatTimestamp(Date.UTC(2026, 0, 1) + 999)).toBe('2026-01-01T00:00:00Z');
  });

  test('throws for a year of more than four digits', () => {
    expect(() => formatTimestamp(Date.UTC(10_000, 0, 1))).toThrow(RangeError);
  });
});
