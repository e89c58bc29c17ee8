import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { globTest, matchesGlob, MAX_PATTERN_CHARS } from '../../../src/core/ram/glob.ts';

/** The definition, as plain as it can be said; exponential. */
function naive([first, ...pattern]: readonly string[], text: readonly string[]): boolean {
  if (first === undefined) return text.length === 0;
  if (first === '*')
    return naive(pattern, text) || (text.length > 0 && naive([first, ...pattern], text.slice(1)));
  return text.length > 0 && (first === '?' || first === text[0]) && naive(pattern, text.slice(1));
}

function letters(...alphabet: readonly string[]): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(...alphabet), { maxLength: 9 }).map((list) => list.join(''));
}

describe('a glob', () => {
  it('is what the definition says', () => {
    let matches = 0;
    fc.assert(
      fc.property(letters('a', 'b', '*', '?', '😀'), letters('a', 'b', '😀'), (pattern, text) => {
        const expected = naive(Array.from(pattern), Array.from(text));
        if (expected) matches++;
        expect(matchesGlob(pattern, text)).toBe(expected);
        expect(globTest(pattern)(text)).toBe(expected);
      }),
      { numRuns: 20_000 },
    );
    expect(matches).toBeGreaterThan(1000);
  });

  it('is what the definition says for every pattern and text of up to five letters', () => {
    const all = (alphabet: string, length: number): string[] =>
      length === 0
        ? ['']
        : [
            '',
            ...all(alphabet, length - 1).flatMap((rest) =>
              Array.from(alphabet).map((letter) => letter + rest),
            ),
          ];
    const [patterns, texts] = [new Set(all('ab*?', 5)), new Set(all('ab', 5))];
    for (const pattern of patterns)
      for (const text of texts)
        if (matchesGlob(pattern, text) !== naive(Array.from(pattern), Array.from(text)))
          expect.unreachable(`${pattern} ${text}`);
  });

  it('takes characters of expressions, line ends and wildcards of the text for themselves', () => {
    expect(matchesGlob('a.c', 'abc')).toBe(false);
    expect(matchesGlob('[ab]$^+', '[ab]$^+')).toBe(true);
    expect(matchesGlob('a*c', 'a\n\r\u2028c')).toBe(true);
    expect(matchesGlob('a?c', 'a\nc')).toBe(true);
    expect(globTest('abc')('a*c')).toBe(false);
    expect(globTest('a*c')('a*c')).toBe(true);
  });
});

/** Hostile patterns as long as a policy may be, with texts that are as unlucky as we could think of. */
const HOSTILE: readonly [name: string, pattern: string, text: string][] = [
  ['stars and letters, the last letter missing', '*a'.repeat(3072) + 'b', 'a'.repeat(8192)],
  ['stars only', '*'.repeat(6144), 'a'.repeat(8192)],
  ['stars and question marks', '*?'.repeat(3072), 'a'.repeat(3000)],
  ['a long run that fails at its end, everywhere', `*${'a'.repeat(3000)}b`, 'a'.repeat(8192)],
  ['long runs between stars', `*${'a'.repeat(100)}b`.repeat(30), 'a'.repeat(8192)],
  ['question marks that fail at their end', `*${'?'.repeat(3000)}b`, 'a'.repeat(8192)],
];

it.each(HOSTILE)('costs at most pattern x text steps: %s', (_name, pattern, text) => {
  const meter = { steps: 0 };
  matchesGlob(pattern, text, meter);
  expect(meter.steps).toBeGreaterThan(0);
  expect(meter.steps).toBeLessThanOrEqual((pattern.length + 1) * (text.length + 1));
});

it('costs in the order of pattern + text when stars stand between short runs, where an expression takes for ever', () => {
  const meter = { steps: 0 };
  expect(matchesGlob('*a'.repeat(3072) + 'b', 'a'.repeat(8192), meter)).toBe(false);
  expect(meter.steps).toBeLessThan(8 * (6145 + 8192));
});

it('never costs more than pattern x text steps', () => {
  fc.assert(
    fc.property(
      letters('a', 'b', '*', '?'),
      letters('a', 'b'),
      fc.integer({ min: 1, max: 12 }),
      (piece, text, times) => {
        const meter = { steps: 0 };
        const [pattern, given] = [piece.repeat(times), text.repeat(times)];
        matchesGlob(pattern, given, meter);
        expect(meter.steps).toBeLessThanOrEqual((pattern.length + 1) * (given.length + 1));
      },
    ),
  );
});

/** Bytes of a policy are patterns at most; texts are a resource with a name of 256 characters, or 512 of a header. */
it('costs at most some million steps for a whole policy of hostile patterns, and nothing longer is asked', () => {
  const meter = { steps: 0 };
  const pattern = `*${'a'.repeat(MAX_PATTERN_CHARS / 2 - 2)}b`;
  for (let bytes = 0; bytes < 6144; bytes += pattern.length)
    matchesGlob(pattern, 'a'.repeat(MAX_PATTERN_CHARS), meter);
  expect(meter.steps).toBeGreaterThan(1e6);
  expect(meter.steps).toBeLessThan(6144 * (MAX_PATTERN_CHARS + 1));
});
