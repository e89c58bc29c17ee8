import { encodeRfc3986 } from '../../base/percent-encoding.ts';
import type { RawRequest } from './raw-request.ts';

/** A decoded name and its decoded value. */
export type Pair = readonly [name: string, value: string];

/** The parameters of a request as decoded from the query and the form body. Empty values are kept here. */
export interface Parameters {
  readonly query: readonly Pair[];
  readonly form: readonly Pair[];
  /** Each name once. The last value wins and the body wins over the query, as the vendor's cores do it. */
  readonly merged: ReadonlyMap<string, string>;
  /** Names that occur with different values. */
  readonly conflicts: readonly string[];
  /** True when there are more than `MAX_PARAMETERS`; what is beyond them was not read. */
  readonly tooMany: boolean;
}

/** More parameters than any operation of the API takes, and few enough to sort and sign within milliseconds. */
export const MAX_PARAMETERS = 2_000;

/**
 * Decodes `a=1&b=2` from a query or a form body: `+` is a space, `%XX` are UTF-8 bytes, and `k` is `k=`. Never
 * throws: a `%` that starts no escape stays as it is, and bytes that are not UTF-8 become U+FFFD. Empty segments
 * (`&&`) are skipped. Reads at most `limit` pairs.
 */
export function decodePairs(text: string, limit = Number.POSITIVE_INFINITY): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  for (let start = 0; start < text.length && pairs.length < limit;) {
    const found = text.indexOf('&', start);
    const end = found === -1 ? text.length : found;
    if (end > start) {
      const segment = text.slice(start, end);
      const equals = segment.indexOf('=');
      if (equals === -1) pairs.push([decode(segment), '']);
      else pairs.push([decode(segment.slice(0, equals)), decode(segment.slice(equals + 1))]);
    }
    start = end + 1;
  }
  return pairs;
}

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return decodeLoosely(spaced);
  }
}

function decodeLoosely(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) =>
    Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8'),
  );
}

/** Writes pairs as a query or a form body. `encodeName` is for those who do not encode names. */
export function encodePairs(pairs: readonly Pair[], encodeName = encodeRfc3986): string {
  return pairs.map(([name, value]) => `${encodeName(name)}=${encodeRfc3986(value)}`).join('&');
}

/** Splits a request target, in origin or absolute form, into its path and its raw query. */
export function splitTarget(target: string): { readonly path: string; readonly query: string } {
  const origin = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, '');
  const mark = origin.indexOf('?');
  const path = mark === -1 ? origin : origin.slice(0, mark);
  return { path: path === '' ? '/' : path, query: mark === -1 ? '' : origin.slice(mark + 1) };
}

/** Reads the query and, when `hasForm` says that the body is a form, the body. */
export function readParameters(raw: RawRequest, hasForm = hasFormType(raw)): Parameters {
  const query = decodePairs(splitTarget(raw.target).query, MAX_PARAMETERS + 1);
  const body = hasForm ? Buffer.from(raw.body.buffer, raw.body.byteOffset, raw.body.byteLength) : undefined;
  const form = body === undefined ? [] : decodePairs(body.toString('utf8'), MAX_PARAMETERS + 1);
  const merged = new Map<string, string>();
  const conflicts = new Set<string>();
  for (const pairs of [query, form]) {
    for (const [name, value] of pairs) {
      const known = merged.get(name);
      if (known !== undefined && known !== value) conflicts.add(name);
      merged.set(name, value);
    }
  }
  return {
    query,
    form,
    merged,
    conflicts: [...conflicts],
    tooMany: query.length + form.length > MAX_PARAMETERS,
  };
}

const FORM_TYPE = /^\s*application\/x-www-form-urlencoded\s*(?:;|$)/i;

/** Whether the Content-Type says that the body is a form, whatever its charset parameter. */
export function hasFormType(raw: RawRequest): boolean {
  return raw.headers.some(([name, value]) => name.toLowerCase() === 'content-type' && FORM_TYPE.test(value));
}
