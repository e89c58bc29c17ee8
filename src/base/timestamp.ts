const SHAPE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/**
 * Reads `yyyy-MM-ddTHH:mm:ssZ`, the only form that the API takes (no fraction, no offset), as epoch milliseconds.
 * Anything else, and any date or time that no calendar has (30 February, 24:00:00), is `undefined`.
 */
export function parseTimestamp(text: string): number | undefined {
  if (text === latest.text) return latest.ms;
  if (!SHAPE.test(text)) return undefined;
  const ms = Date.parse(text);
  // `Date.parse` rolls 30 February over into March, so only a date that prints as it was written is real.
  if (Number.isNaN(ms) || formatTimestamp(ms) !== text) return undefined;
  latest = { text, ms };
  return ms;
}

/** Calls come many to the second, and all of them carry its name. */
let latest = { text: '', ms: 0 };

/** Writes epoch milliseconds as `yyyy-MM-ddTHH:mm:ssZ`, cutting the fraction. Years 0000 to 9999; a RangeError beyond. */
export function formatTimestamp(ms: number): string {
  const text = new Date(ms).toISOString();
  if (text.length !== 24) throw new RangeError(`not a year of four digits: ${text}`);
  return `${text.slice(0, 19)}Z`;
}
