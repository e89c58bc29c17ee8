import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeAmf0, encodeAmf0, type AmfObject, type AmfValue } from '../../src/wire/rtmp/amf0.ts';
import { RtmpError } from '../../src/wire/rtmp/messages.ts';

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');

/** Objects as the decoder makes them: without a prototype, so that no key is special. */
const object = (members: Record<string, AmfValue>): AmfObject =>
  Object.assign(Object.create(null) as AmfObject, members);

describe('vectors', () => {
  test.each<[string, string, AmfValue[]]>([
    ['number', '00 3ff8000000000000', [1.5]],
    ['booleans', '0100 0101 0107', [false, true, true]],
    ['string', '02 0002 c3a9', ['é']],
    ['long string', '0c 00000003 616263', ['abc']],
    ['XML document as its text', '0f 00000003 616263', ['abc']],
    ['null, undefined, unsupported', '05 06 0d', [null, undefined, undefined]],
    ['date, its zone ignored', '0b 4270000000000000 ffff', [new Date(2 ** 40)]],
    ['strict array', '0a 00000002 05 0101', [[null, true]]],
    ['nothing', '', []],
  ])('%s', (_name, bytes, expected) => {
    expect(decodeAmf0(hex(bytes))).toEqual(expected);
  });

  test('object', () => {
    expect(decodeAmf0(hex('03 0001 61 05 0001 62 020000 0000 09'))).toEqual([object({ a: null, b: '' })]);
  });
  test('ECMA array, whatever count it declares', () => {
    expect(decodeAmf0(hex('08 ffffffff 0001 61 05 0000 09'))).toEqual([object({ a: null })]);
  });
  test('typed object, its class name dropped', () => {
    expect(decodeAmf0(hex('10 0003 466f6f 0001 61 05 0000 09'))).toEqual([object({ a: null })]);
  });
  test('an empty key is a key unless the end marker follows', () => {
    expect(decodeAmf0(hex('03 0000 05 0000 09'))).toEqual([object({ '': null })]);
  });
  test('a reference to a value that is complete', () => {
    const [outer] = decodeAmf0(hex('0a 00000002 03 0001 61 05 0000 09 07 0001'));
    expect(outer).toEqual([object({ a: null }), object({ a: null })]);
  });
  test('__proto__ is an ordinary key', () => {
    const [value] = decodeAmf0(encodeAmf0(JSON.parse('{"__proto__":{"polluted":true}}') as AmfObject));
    expect(Object.keys(value as AmfObject)).toEqual(['__proto__']);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
  test('encoded as the specification has it', () => {
    expect(encodeAmf0('a', 1, null, undefined, false, { k: [true] }, new Date(2 ** 40))).toEqual(
      hex(
        '02 0001 61  00 3ff0000000000000  05  06  0100  03 0001 6b 0a 00000001 0101 0000 09  0b 4270000000000000 0000',
      ),
    );
  });
  test('strings over 65,535 bytes are long strings', () => {
    const text = 'ä'.repeat(40_000);
    expect(encodeAmf0(text)[0]).toBe(0x0c);
    expect(decodeAmf0(encodeAmf0(text))).toEqual([text]);
  });
});

test('round trip', () => {
  const { tree } = fc.letrec<{ tree: AmfValue }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom(null, undefined, true, false),
      fc.double(),
      fc.string({ unit: 'grapheme' }),
      fc.date({ noInvalidDate: true }),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(fc.string(), tie('tree'), {
        maxKeys: 3,
        noNullPrototype: false,
      }),
    ),
  }));
  fc.assert(
    fc.property(fc.array(tree, { maxLength: 4 }), (values) => {
      expect(decodeAmf0(encodeAmf0(...values), { values: 10_000 })).toEqual(values);
    }),
  );
});

describe('refused', () => {
  const nested = (depth: number): Buffer => hex('0a00000001'.repeat(depth) + '05');
  test.each([
    ['an unknown type', '0e'],
    ['AMF3', '11'],
    ['object end alone', '09'],
    ['a truncated number', '00 3ff8'],
    ['a truncated string', '02 0005 61'],
    ['a string of 4 GiB', '0c ffffffff 61'],
    ['an object without end', '03 0001 61 05'],
    ['an array without elements', '0a ffffffff'],
    ['a cycle', '0a 00000001 07 0000'],
    ['a cycle through an object', '03 0001 61 07 0000 0000 09'],
    ['a reference to nothing', '07 0000'],
  ])('%s', (_name, bytes) => {
    expect(() => decodeAmf0(hex(bytes))).toThrow(RtmpError);
  });
  test('nesting beyond 8', () => {
    expect(() => decodeAmf0(nested(8))).not.toThrow();
    expect(() => decodeAmf0(nested(9))).toThrow(RtmpError);
    expect(() => decodeAmf0(nested(60_000))).toThrow(RtmpError);
  });
  test('more than 512 values', () => {
    expect(decodeAmf0(Buffer.alloc(512, 5))).toHaveLength(512);
    expect(() => decodeAmf0(Buffer.alloc(513, 5))).toThrow(RtmpError);
    expect(() => decodeAmf0(hex('0a 00ffffff' + '05'.repeat(1000)))).toThrow(RtmpError);
  });
  test('references that would unfold to more than 512 values', () => {
    // Array n holds array n-1 twice: 2^n values behind few bytes.
    const doubling = (count: number): Buffer => {
      let bytes = '0a00000001 05';
      for (let n = 1; n < count; n += 1) bytes += `0a00000002 07${hex16(n - 1)} 07${hex16(n - 1)}`;
      return hex(bytes);
    };
    expect(decodeAmf0(doubling(6))).toHaveLength(6);
    expect(() => decodeAmf0(doubling(8), { depth: 100 })).toThrow('too many');
    expect(() => decodeAmf0(doubling(9), { values: 1_000_000 })).toThrow('too deep');
  });
});

function hex16(value: number): string {
  return value.toString(16).padStart(4, '0');
}
