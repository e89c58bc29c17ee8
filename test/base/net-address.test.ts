import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { expect, it } from 'vitest';
import { AddressRanges, isIpLiteral, plainAddress } from '../../src/base/net-address.ts';

it('takes for an address what the library takes for one, and nothing else', () => {
  const piece = fc.constantFrom(
    '1',
    '0',
    '255',
    '256',
    '0x7f',
    '0x',
    'a',
    'ff',
    ':',
    '::',
    '.',
    '%eth0',
    'x-1',
    'com',
  );
  const texts = fc.oneof(
    fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join('')),
    fc.ipV4(),
    fc.ipV6(),
    fc.domain(),
  );
  fc.assert(
    fc.property(texts, (text) => isIpLiteral(text) === ipaddr.isValid(text)),
    { numRuns: 3000 },
  );
});

it('takes brackets off', () => {
  expect(isIpLiteral('[::1]')).toBe(true);
  expect(isIpLiteral('[example.com]')).toBe(false);
});

it('spells an address one way', () => {
  expect(plainAddress('192.0.2.1')).toBe('192.0.2.1');
  expect(plainAddress('::ffff:192.0.2.1')).toBe('192.0.2.1');
  expect(plainAddress('2001:DB8:0::1')).toBe('2001:db8::1');
  expect(plainAddress('nonsense')).toBe('nonsense');
});

it.each([
  ['10.0.0.0/8', '10.1.2.3', true],
  ['10.0.0.0/8', '::ffff:10.1.2.3', true],
  ['::ffff:10.0.0.0/104', '10.1.2.3', true],
  ['::ffff:10.0.0.0/104', '11.1.2.3', false],
  ['::ffff:10.1.2.3', '10.1.2.3', true],
  ['::/0', '10.1.2.3', false],
  ['::/0', '2001:db8::1', true],
])('ranges: %s and %s: %s', (range, address, has) => {
  expect(new AddressRanges([range]).has(address)).toBe(has);
});
