import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalDomain, canonicalName } from '../../src/core/names.ts';

describe('canonicalDomain', () => {
  it.each([
    ['Push.Example.COM', 'push.example.com'],
    ['push.example.com:1935', 'push.example.com'],
    ['push.example.com.', 'push.example.com'],
    ['push.example.com.:443', 'push.example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['BÜCHER.example', 'xn--bcher-kva.example'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['ｐｕｓｈ.example', 'push.example'],
  ])('spells %s as %s', (raw, canonical) => {
    expect(canonicalDomain(raw)).toBe(canonical);
  });

  it.each([
    '',
    '.',
    'a b.example',
    'a/b',
    'exa_mple..com',
    '-a.example',
    'a'.repeat(64) + '.example',
    'x'.repeat(300),
  ])('refuses %j', (raw) => {
    expect(canonicalDomain(raw)).toBeUndefined();
  });

  it('is idempotent for whatever it accepts', () => {
    fc.assert(
      fc.property(fc.oneof(fc.domain(), fc.string()), (raw) => {
        const once = canonicalDomain(raw);
        if (once !== undefined) expect(canonicalDomain(once)).toBe(once);
      }),
    );
  });
});

describe('canonicalName', () => {
  it.each([
    ['cam1', 'cam1'],
    ['Cam1', 'Cam1'],
    ['c%61m1', 'cam1'],
    ['stream one*~', 'stream one*~'],
    ['%E7%9B%B4%E6%92%AD', '直播'],
  ])('spells %s as %s', (raw, canonical) => {
    expect(canonicalName(raw)).toBe(canonical);
  });

  it.each([
    '',
    '*',
    '.',
    '..',
    'a/b',
    'a%2Fb',
    'a\\b',
    'a?b',
    'a#b',
    'a\u0000b',
    'a%0Ab',
    '100%',
    'a%2561',
    '\ud800',
    'x'.repeat(257),
  ])('refuses %j', (raw) => {
    expect(canonicalName(raw)).toBeUndefined();
  });

  it('is idempotent for whatever it accepts, so that no second spelling survives', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'B', '%', '2', '5', '6', '1', 'F', '.', ' ') }),
        (raw) => {
          const once = canonicalName(raw);
          if (once !== undefined) expect(canonicalName(once)).toBe(once);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
