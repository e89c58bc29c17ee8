import { domainToASCII } from 'node:url';

/**
 * The identity of a stream: main domain (canonical), app and stream (percent-decoded once, case kept). Blocks, live
 * streams and history are kept under it, so that no spelling of a name is a second stream.
 */
export interface StreamKey {
  readonly domain: string;
  readonly app: string;
  readonly stream: string;
}

/** The longest app or stream name, in UTF-8 bytes. */
const MAX_NAME_BYTES = 256;

/** Names that are paths of the service itself and therefore cannot be apps. */
export const RESERVED_APPS: ReadonlySet<string> = new Set(['console', 'openapi.json', 'hooks', 'metrics']);

/** `domain/app/stream`, the spelling of a key in maps, lists and logs. */
export function formatKey(key: StreamKey): string {
  return `${key.domain}/${key.app}/${key.stream}`;
}

/**
 * The canonical spelling of a domain: lower case, IDNA to ASCII, without port and trailing dot; undefined when the text
 * is no host name.
 */
export function canonicalDomain(raw: string): string | undefined {
  const host = raw
    .trim()
    .replace(/:\d{1,5}$/, '')
    .replace(/\.$/, '');
  // domainToASCII reads a host as a URL would: it cuts at a slash and decodes escapes.
  if (host === '' || host.length > 253 || /[%/\\?#@:\s]/.test(host)) return undefined;
  const ascii = domainToASCII(host).toLowerCase();
  return /^(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/.test(ascii) ? ascii : undefined;
}

/** What most names are: nothing to decode and nothing to refuse. */
const PLAIN_NAME = /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,254}$/;

/**
 * The canonical spelling of an app or stream name, or undefined when it cannot be one: empty, too long, the wildcard
 * `*`, with a slash, a control character or a lone surrogate, or with a percent sign left after one decoding. The last
 * rule makes decoding idempotent: without it `a%2562` could be live as `a%62`, and a block of that spelling would name
 * `ab`.
 */
export function canonicalName(raw: string): string | undefined {
  if (PLAIN_NAME.test(raw)) return raw;
  let name: string;
  try {
    name = decodeURIComponent(raw);
  } catch {
    return undefined;
  }
  if (['', '.', '..', '*'].includes(name)) return undefined;
  if (/[%/\\?#]|\p{Cc}|\p{Surrogate}/u.test(name)) return undefined;
  return Buffer.byteLength(name) <= MAX_NAME_BYTES ? name : undefined;
}
