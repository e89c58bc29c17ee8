import { createHmac, hash } from 'node:crypto';
import { encodeRfc3986 } from '../../base/percent-encoding.ts';
import type { Headers } from './headers.ts';
import { encodePairs, type Pair } from './parameters.ts';

/** The V3 algorithm: its name opens both the `Authorization` header and the string to sign. */
export const V3_ALGORITHM = 'ACS3-HMAC-SHA256';

/** The digests that V1's `SignatureMethod` may name. */
export type V1Method = 'HMAC-SHA1' | 'HMAC-SHA256';

/** What V3 signs of a request. */
export interface CanonicalParts {
  readonly method: string;
  readonly path: string;
  readonly query: readonly Pair[];
  readonly headers: Headers;
  /** The value of `SignedHeaders`, in the order and the spelling of the client. */
  readonly signedHeaders: string;
  /** The names in it. */
  readonly signedNames: readonly string[];
  /** Lower-case hex SHA-256 of the body. */
  readonly payloadHash: string;
}

/** The string that RPC V1 signs: over every decoded parameter but `Signature`, each name once. */
export function v1StringToSign(method: string, parameters: ReadonlyMap<string, string>): string {
  const signed = [...parameters].filter(([name]) => name !== 'Signature');
  return `${method.toUpperCase()}&%2F&${encodeRfc3986(encodePairs(sortByBytes(signed)))}`;
}

/** The canonical request of V3. `encodeName` differs between clients: see `rawNamesAreSafe`. */
export function v3CanonicalRequest(parts: CanonicalParts, encodeName = encodeRfc3986): string {
  let lines = '';
  for (const name of parts.signedNames) lines += `${name}:${parts.headers.get(name) ?? ''}\n`;
  const query = encodePairs(sortByBytes(parts.query), encodeName);
  return `${parts.method.toUpperCase()}\n${parts.path}\n${query}\n${lines}\n${parts.signedHeaders}\n${parts.payloadHash}`;
}

/** The string that V3 signs. */
export function v3StringToSign(canonicalRequest: string): string {
  return `${V3_ALGORITHM}\n${sha256Hex(canonicalRequest)}`;
}

/** The V1 signature in Base64. Its key is the secret followed by `&`. */
export function v1Signature(method: V1Method, secret: string, stringToSign: string): string {
  const digest = method === 'HMAC-SHA1' ? 'sha1' : 'sha256';
  return createHmac(digest, `${secret}&`).update(stringToSign).digest('base64');
}

/** The V3 signature in lower-case hex. Its key is the bare secret. */
export function v3Signature(secret: string, stringToSign: string): string {
  return createHmac('sha256', secret).update(stringToSign).digest('hex');
}

/** Lower-case hex SHA-256. */
export function sha256Hex(data: string | Uint8Array): string {
  return data.length === 0 ? NOTHING_HASHED : hash('sha256', data, 'hex');
}

/** Most calls have no body. */
const NOTHING_HASHED = hash('sha256', '', 'hex');

/**
 * Whether names may be tried as Node, Go and Python put them into the canonical request: not encoded. A name with
 * `=`, `&`, `%`, a blank or a line break is not safe: unencoded it could stand for other parameters, so that a signature
 * over those would pass for this one.
 */
export function rawNamesAreSafe(query: readonly Pair[]): boolean {
  // eslint-disable-next-line no-control-regex -- control characters are what must not pass
  return query.every(([name]) => /^[^\s\x00-\x1f\x7f=&%]+$/.test(name));
}

/** By the bytes of the names. Equal names keep the order in which they came, so that a signature covers which is last. */
function sortByBytes(pairs: readonly Pair[]): Pair[] {
  // Code units order as UTF-8 bytes do, except that surrogates come before U+E000 to U+FFFF.
  const plain = pairs.every(([name]) => !/[\ud800-\uffff]/.test(name));
  return plain
    ? [...pairs].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    : [...pairs].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
