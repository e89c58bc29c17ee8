import fc from 'fast-check';
import { expect, it } from 'vitest';
import { repeatedMember } from '../../../src/core/ram/repeated-member.ts';

it('finds nothing in what has every name once, wherever braces and quotes stand', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2, '\t'), (value, indent) => {
      expect(repeatedMember(JSON.stringify(value, undefined, indent))).toBeUndefined();
    }),
  );
  expect(repeatedMember('[{"a":"a"},{"a":["a","a"]}]')).toBeUndefined();
  expect(repeatedMember('{"a":{"a":{"a":1}},"A":1}')).toBeUndefined();
});

it('finds the name that stands twice, beside and below anything', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.jsonValue(), fc.jsonValue(), (name, one, other) => {
      const [key, first, second] = [name, one, other].map((value) => JSON.stringify(value));
      fc.pre(first !== undefined && second !== undefined);
      expect(repeatedMember(`[{"x":{${key} :${first},${key}:${second}}}]`)).toBe(name);
    }),
  );
});
