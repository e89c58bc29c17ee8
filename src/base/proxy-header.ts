import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import { nameClient } from './client-address.ts';
import type { Clock } from './clock.ts';
import { plainAddress } from './net-address.ts';

/** A header of the PROXY protocol: its length in bytes and the client that it names, if it names one. */
export interface ProxyHeader {
  readonly length: number;
  readonly source: string | undefined;
}

const V2_SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const V1_SIGNATURE = Buffer.from('PROXY ');
/** The longest header of version 1, with its end of line. */
const MAX_V1 = 107;
/** The longest header of version 2 that is read: addresses and some extensions. */
const MAX_V2 = 4096;

/**
 * Reads a PROXY protocol header, version 1 or 2 (HAProxy, proxy-protocol.txt), at the beginning of a connection.
 * `none`: there is no header; `more`: it is not whole yet; `malformed`: it is one and cannot be read.
 */
export function parseProxyHeader(bytes: Buffer): ProxyHeader | 'none' | 'more' | 'malformed' {
  if (startsLike(bytes, V2_SIGNATURE)) return bytes.length < 16 ? 'more' : parseV2(bytes);
  if (startsLike(bytes, V1_SIGNATURE)) return bytes.length < V1_SIGNATURE.length ? 'more' : parseV1(bytes);
  return 'none';
}

/** Whether the bytes are the signature as far as they go; no bytes are. */
function startsLike(bytes: Buffer, signature: Buffer): boolean {
  const length = Math.min(bytes.length, signature.length);
  return bytes.subarray(0, length).equals(signature.subarray(0, length));
}

function parseV1(bytes: Buffer): ProxyHeader | 'more' | 'malformed' {
  const end = bytes.subarray(0, MAX_V1).indexOf('\r\n');
  if (end < 0) return bytes.length < MAX_V1 ? 'more' : 'malformed';
  const [, family, source = ''] = bytes.toString('latin1', 0, end).split(' ');
  const length = end + 2;
  if (family === 'UNKNOWN') return { length, source: undefined };
  if ((family !== 'TCP4' && family !== 'TCP6') || isIP(source) === 0) return 'malformed';
  return { length, source: plainAddress(source) };
}

function parseV2(bytes: Buffer): ProxyHeader | 'more' | 'malformed' {
  const versionAndCommand = bytes.readUInt8(12);
  const family = bytes.readUInt8(13) >> 4;
  const length = 16 + bytes.readUInt16BE(14);
  if (versionAndCommand >> 4 !== 2 || length > MAX_V2) return 'malformed';
  if (bytes.length < length) return 'more';
  // LOCAL (the proxy's own health check) and other families name no client.
  if ((versionAndCommand & 15) !== 1 || (family !== 1 && family !== 2)) return { length, source: undefined };
  const size = family === 1 ? 4 : 16;
  if (length < 16 + 2 * size) return 'malformed';
  return { length, source: addressOf(bytes.subarray(16, 16 + size)) };
}

function addressOf(bytes: Buffer): string {
  if (bytes.length === 4) return [...bytes].join('.');
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16));
  return plainAddress(groups.join(':'));
}

/**
 * The client's address of a connection from a trusted proxy: the one of its PROXY header, or the proxy's own when it
 * sends none. From then on it is the socket's client (`socketClient`). The bytes after the header stay to be read. Calls
 * back once, with undefined when the header is malformed, or not whole after `ms` milliseconds; not at all when the
 * socket closes first.
 */
export function readProxyHeader(
  socket: Socket,
  { clock, ms }: { clock: Clock; ms: number },
  done: (client: string | undefined) => void,
): void {
  const proxy = plainAddress(socket.remoteAddress ?? '');
  let bytes: Buffer = Buffer.alloc(0);
  const finish = (client: string | undefined): void => {
    timer.cancel();
    socket.off('readable', read);
    if (client !== undefined) nameClient(socket, client);
    done(client);
  };
  const read = (): void => {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) return;
    bytes = Buffer.concat([bytes, chunk]);
    const header = parseProxyHeader(bytes);
    if (header === 'more') return;
    const rest = typeof header === 'string' ? bytes : bytes.subarray(header.length);
    if (rest.length > 0) socket.unshift(rest);
    if (header === 'malformed') finish(undefined);
    else finish(header === 'none' ? proxy : (header.source ?? proxy));
  };
  const timer = clock.after(ms, () => finish(undefined));
  socket.once('close', () => timer.cancel());
  socket.on('readable', read);
}
