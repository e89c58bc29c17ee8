/** Characters of the longest pattern of a document: matching costs pattern times text, and it is paid on every call. */
export const MAX_PATTERN_CHARS = 512;

/** Counts the characters that were compared, for tests of the cost. */
export interface GlobMeter {
  steps: number;
}

const SURROGATE = /[\ud800-\udfff]/;

/** Characters by index: a text without surrogates is that already, and needs no copy. */
function charactersOf(text: string): ArrayLike<string> {
  return SURROGATE.test(text) ? Array.from(text) : text;
}

/**
 * Whether the whole text fits the pattern: `*` is any number of characters, also none, and crosses `/` and `:`; `?` is
 * one character; everything else is itself, in its case. A mismatch goes back to the last star only (an earlier star
 * could take nothing that the last one cannot), so the steps are at most pattern x text, whatever the pattern is.
 */
export function matchesGlob(pattern: string, text: string, meter: GlobMeter = { steps: 0 }): boolean {
  const wanted = charactersOf(pattern);
  const given = charactersOf(text);
  let [at, from, star, taken] = [0, 0, -1, 0];
  while (from < given.length) {
    meter.steps++;
    if (wanted[at] === '*') {
      star = at++;
      taken = from;
    } else if (at < wanted.length && (wanted[at] === '?' || wanted[at] === given[from])) {
      at++;
      from++;
    } else if (star >= 0) {
      at = star + 1;
      from = ++taken;
    } else return false;
  }
  while (wanted[at] === '*') at++;
  return at === wanted.length;
}

/** The test for one pattern. The common shapes, no wildcard and one star at the end, cost one comparison. */
export function globTest(pattern: string): (text: string) => boolean {
  if (pattern === '*') return () => true;
  const wildcard = pattern.search(/[*?]/);
  if (wildcard < 0) return (text) => text === pattern;
  if (wildcard === pattern.length - 1 && pattern.endsWith('*')) {
    const start = pattern.slice(0, -1);
    return (text) => text.startsWith(start);
  }
  return (text) => matchesGlob(pattern, text);
}
