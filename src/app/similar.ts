/** The number of single-character edits between two texts. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The candidate that `text` is most likely a slip of; undefined when none is near (3 edits, a third of its length). */
export function mostSimilar(text: string, candidates: Iterable<string>): string | undefined {
  const limit = Math.min(3, Math.ceil(text.length / 3));
  let best: { candidate: string; edits: number } | undefined;
  for (const candidate of candidates) {
    const edits = distance(text.toLowerCase(), candidate.toLowerCase());
    if (edits <= limit && edits < (best?.edits ?? Infinity)) best = { candidate, edits };
  }
  return best?.candidate;
}

/** The most names that an error lists. */
const MAX_LISTED = 12;

/** What to say of a name that is none of these: the one that was meant, or the few that there are. */
export function unknownName(name: string, names: readonly string[]): string {
  const meant = mostSimilar(name, names);
  if (meant !== undefined) return `${name} is not known, did you mean ${meant}?`;
  return `${name} is not known${names.length > MAX_LISTED ? '' : `; there are ${names.join(', ')}`}`;
}
