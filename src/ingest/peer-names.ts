import { splitName } from '../wire/rtmp/names.ts';
import type { PeerRequest } from '../core/admission.ts';
import { parseTcUrl } from '../wire/rtmp/names.ts';
import type { ConnectArguments } from '../wire/rtmp/commands.ts';

/** What a peer's `connect` names. */
export interface ConnectNames {
  readonly app: string;
  /** Host of tcUrl. */
  readonly host: string | undefined;
  /** Arguments of the app and of tcUrl, the app's first. */
  readonly queries: readonly URLSearchParams[];
}

/** Takes the names out of `connect`; nothing of it is trusted. */
export function connectNames({ app, tcUrl }: Pick<ConnectArguments, 'app' | 'tcUrl'>): ConnectNames {
  const named = splitName(app);
  const url = parseTcUrl(tcUrl);
  return {
    app: withoutOuterSlashes(named.name),
    host: url.host,
    queries: [named.query, url.query],
  };
}

/** A loop, because an expression for the slashes at the end tries each slash of every run: seconds for 64 KiB of them. */
function withoutOuterSlashes(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text[start] === '/') start += 1;
  while (start < end && text[end - 1] === '/') end -= 1;
  return text.slice(start, end);
}

/** What an RTMP peer asks for with `publish` or `play`. */
export function rtmpRequest(
  connect: ConnectNames,
  name: string,
  peer: { kind: PeerRequest['kind']; clientAddress: string },
): PeerRequest {
  const { name: stream, query } = splitName(name);
  const queries = [query, ...connect.queries];
  return {
    ...peer,
    domain: argument(queries, 'vhost') ?? connect.host,
    app: connect.app,
    stream,
    path: `/${connect.app}/${stream}`,
    authKey: argument(queries, 'auth_key'),
  };
}

/** What an HTTP or WebSocket player asks for; undefined when the path is not `/{app}/{stream}.flv`. */
export function flvRequest(
  url: string,
  host: string | undefined,
  clientAddress: string,
): PeerRequest | undefined {
  const { name: path, query } = splitName(url);
  const match = /^\/([^/]+)\/([^/]+)\.flv$/.exec(path);
  if (!match) return undefined;
  const [, app = '', stream = ''] = match;
  const domain = argument([query], 'vhost') ?? host;
  return { kind: 'play', domain, app, stream, path, authKey: argument([query], 'auth_key'), clientAddress };
}

/** The first value of an argument that is not empty. */
function argument(queries: readonly URLSearchParams[], name: string): string | undefined {
  for (const query of queries) {
    const value = query.get(name);
    if (value) return value;
  }
  return undefined;
}

/** The longest text of a peer in logs and records, in characters. */
const MAX_TARGET = 256;

/**
 * What a peer asked for, or the key that it was admitted to, as logs and records show it: bounded, and cut where arguments may begin in any spelling, because
 * they carry the `auth_key`.
 */
export function targetOf(request: Pick<PeerRequest, 'domain' | 'app' | 'stream'>): string {
  const parts = [request.domain ?? '', request.app, request.stream];
  return parts
    .map((part) => part.split(/[?&]|%3f|%26/i, 1)[0] ?? '')
    .join('/')
    .slice(0, MAX_TARGET);
}
