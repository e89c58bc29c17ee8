import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeRfc3986 } from '../../src/base/percent-encoding.ts';
import {
  decodePairs,
  encodePairs,
  MAX_PARAMETERS,
  readParameters,
  splitTarget,
} from '../../src/wire/rpc/parameters.ts';

const FORM = [['Content-Type', 'application/x-www-form-urlencoded; charset=UTF-8']] as const;

function read(target: string, body = '', headers: readonly (readonly [string, string])[] = FORM) {
  return readParameters({ method: 'POST', target, headers, body: Buffer.from(body) });
}

describe('decodePairs', () => {
  test.each<[string, [string, string][]]>([
    ['', []],
    [
      'a=1&b=2',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    ['a+b=c+d%20e', [['a b', 'c d e']]],
    [
      'k&k=',
      [
        ['k', ''],
        ['k', ''],
      ],
    ],
    ['a=b=c', [['a', 'b=c']]],
    ['&&a=1&', [['a', '1']]],
    [
      '=v&=',
      [
        ['', 'v'],
        ['', ''],
      ],
    ],
    ['%e4%b8%ad=%F0%9F%93%BA', [['中', '📺']]],
    ['a=%2B%25%26%3d', [['a', '+%&=']]],
    [
      'a=100%&b=%zz%4&c=%',
      [
        ['a', '100%'],
        ['b', '%zz%4'],
        ['c', '%'],
      ],
    ],
    ['a=%ff%41', [['a', '\ufffdA']]],
    ['a=%e4%b8', [['a', '\ufffd']]],
    ['a=\u4e2d', [['a', '中']]],
  ])('%s', (text, pairs) => {
    expect(decodePairs(text)).toEqual(pairs);
  });

  test('reads no more than it is told to', () => {
    expect(decodePairs('a&b&c', 2)).toEqual([
      ['a', ''],
      ['b', ''],
    ]);
  });

  test('reads back what encodePairs writes', () => {
    const text = fc.string({ unit: 'binary' });
    const pairs = fc.array(fc.tuple(fc.string({ unit: 'binary', minLength: 1 }), text));
    const reads = fc.property(pairs, (given) => {
      expect(decodePairs(encodePairs(given))).toEqual(given);
    });
    fc.assert(reads);
  });
});

describe('encodeRfc3986', () => {
  test('keeps the unreserved characters and nothing else', () => {
    expect(encodeRfc3986('AZaz09-_.~')).toBe('AZaz09-_.~');
    expect(encodeRfc3986(" *!'()+/:@&=%\n\0")).toBe('%20%2A%21%27%28%29%2B%2F%3A%40%26%3D%25%0A%00');
    expect(encodeRfc3986('é中📺')).toBe('%C3%A9%E4%B8%AD%F0%9F%93%BA');
  });

  test('writes a lone surrogate as U+FFFD', () => {
    expect(encodeRfc3986('a\ud800(')).toBe('a%EF%BF%BD%28');
  });
});

describe('splitTarget', () => {
  test.each([
    ['/', '/', ''],
    ['/?', '/', ''],
    ['/?a=1?b', '/', 'a=1?b'],
    ['?a=1', '/', 'a=1'],
    ['', '/', ''],
    ['/x/y?a=1', '/x/y', 'a=1'],
    ['http://live.example.com:8080/?a=http://b', '/', 'a=http://b'],
    ['https://live.example.com?a=1', '/', 'a=1'],
    ['*', '*', ''],
  ])('%s', (target, path, query) => {
    expect(splitTarget(target)).toEqual({ path, query });
  });
});

describe('readParameters', () => {
  test('merges the query and the form', () => {
    const { query, form, merged, conflicts, tooMany } = read('/?a=1&b=', 'c=x+y');
    expect(query).toEqual([
      ['a', '1'],
      ['b', ''],
    ]);
    expect(form).toEqual([['c', 'x y']]);
    expect([...merged]).toEqual([
      ['a', '1'],
      ['b', ''],
      ['c', 'x y'],
    ]);
    expect(conflicts).toEqual([]);
    expect(tooMany).toBe(false);
  });

  test('lets the last value win, the body over the query, and names what conflicts once', () => {
    const { merged, conflicts } = read('/?a=1&a=2&b=1&b=1&c=1&a=1', 'c=2&d=');
    expect(Object.fromEntries(merged)).toEqual({ a: '1', b: '1', c: '2', d: '' });
    expect(conflicts).toEqual(['a', 'c']);
  });

  test.each([
    ['application/x-www-form-urlencoded', true],
    ['Application/X-WWW-Form-Urlencoded', true],
    ['application/x-www-form-urlencoded;charset=utf-8', true],
    ['application/x-www-form-urlencoded ; charset=utf-8', true],
    ['application/x-www-form-urlencoded2', false],
    ['application/json', false],
    ['', false],
  ])('reads the body by its type: %s', (type, isForm) => {
    expect(read('/', 'a=1', [['content-TYPE', type]]).form).toHaveLength(isForm ? 1 : 0);
  });

  test('is bounded', () => {
    expect(read(`/?${'a&'.repeat(MAX_PARAMETERS)}`).tooMany).toBe(false);
    const flood = read(`/?${'a&'.repeat(MAX_PARAMETERS)}`, 'b&'.repeat(100_000));
    expect(flood.tooMany).toBe(true);
    expect(flood.form.length).toBeLessThanOrEqual(MAX_PARAMETERS + 1);
  });

  test('reads a body that is a view into a larger buffer', () => {
    const body = new Uint8Array(Buffer.from('xxa=1yy')).subarray(2, 5);
    expect(readParameters({ method: 'POST', target: '/', headers: FORM, body }).form).toEqual([['a', '1']]);
  });
});
