/** The headers of a request: lower-case name to value. */
export type Headers = ReadonlyMap<string, string>;

/**
 * Reads headers as V3 signs them: names in lower case, values trimmed, several values of one name sorted and joined
 * with `,`. Logic reads the same joined value, so that what is acted upon is what is signed.
 */
export function readHeaders(raw: Iterable<readonly [name: string, value: string]>): Headers {
  const headers = new Map<string, string>();
  const repeated = new Map<string, string[]>();
  for (const [name, value] of raw) {
    const key = name.toLowerCase();
    const first = headers.get(key);
    if (first === undefined) {
      headers.set(key, value.trim());
      continue;
    }
    const values = repeated.get(key) ?? [first];
    values.push(value.trim());
    repeated.set(key, values);
  }
  for (const [name, values] of repeated) headers.set(name, values.sort().join(','));
  return headers;
}

/** The names in a `SignedHeaders` list, in lower case and in their order. */
export function signedHeaderNames(list: string): string[] {
  return list.split(';').map((name) => name.trim().toLowerCase());
}
