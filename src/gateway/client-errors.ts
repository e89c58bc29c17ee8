import type { ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { commonError } from './errors.ts';
import type { CommonCode } from './errors.ts';
import type { HttpAnswer } from './exchange.ts';

/** What Node's HTTP parser says of a connection. */
export interface ClientError extends Error {
  readonly code?: string;
  /** The bytes that could not be read, as far as they are at hand (a Buffer). */
  readonly rawPacket?: unknown;
}

const CODES: Readonly<Record<string, CommonCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'RequestTimeout',
  HPE_HEADER_OVERFLOW: 'RequestHeaderTooLarge',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'RequestEntityTooLarge',
};

/** The error of a connection that broke off, or undefined when there is nobody to answer. */
export function errorOfClient(error: ClientError): Error | undefined {
  if (error.code === 'ECONNRESET' || error.code === 'EPIPE') return undefined;
  // A TLS hello or random bytes are no valid method either; only a word in capitals was meant as one.
  const isMethod = error.code === 'HPE_INVALID_METHOD' && isWord(error.rawPacket);
  return commonError(isMethod ? 'UnsupportedHTTPMethod' : (CODES[error.code ?? ''] ?? 'MalformedRequest'));
}

/** What a request did wrong before its route was reached, as the API says it; anything else is a fault and stays as it is. */
export function problemOf(error: unknown): unknown {
  // The peer was gone before its body was complete: nobody reads the answer, but it is no fault of ours to log.
  if (error instanceof Error && 'code' in error && error.code === 'ECONNRESET')
    return commonError('MalformedRequest');
  const statusCode = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode > 499) return error;
  if (statusCode !== 413) return commonError('MalformedRequest');
  return commonError('RequestEntityTooLarge', { message: 'The request body is too large.' });
}

function isWord(packet: unknown): boolean {
  return packet instanceof Buffer && /^[A-Z-]{1,30} \S/.test(packet.toString('latin1', 0, 40));
}

/** Writes an answer to a bare socket and ends it. */
export function writeAnswer(socket: Duplex, { status, headers, body }: HttpAnswer): void {
  const lines = Object.entries({
    ...headers,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  // Node's own listener is gone from a socket that it gave away, and the peer may have reset it by now.
  socket.on('error', () => socket.destroy());
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n`;
  socket.end(head + body, () => socket.destroy());
}

/**
 * Whether an answer is on its way on a connection, so that bytes of another would land inside it; `response` is the one
 * to the connection's last request. Behind an answer that is not through it has no socket yet.
 */
export function isAnswering(response: ServerResponse | undefined): boolean {
  if (response === undefined) return false;
  const waits = response.socket === null && !response.writableFinished;
  return waits || (response.headersSent && !response.writableEnded);
}
