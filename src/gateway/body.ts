import type { IncomingMessage } from 'node:http';

/** The most bytes of a body. */
const BODY_LIMIT = 1024 * 1024;

/** A body that was larger than 1 MiB. */
export const TOO_LARGE = Symbol('too large');

/**
 * Collects a body, whatever its type. One that is too large is reported at once and then read to its end without being
 * kept: closing the connection while the peer still sends would take the answer away from it.
 */
export function collectBody(
  payload: Pick<IncomingMessage, 'on'>,
  done: (error: Error | null, body?: Buffer | typeof TOO_LARGE) => void,
): void {
  let chunks: Buffer[] = [];
  let size = 0;
  payload.on('data', (chunk: Buffer) => {
    const before = size;
    size += chunk.length;
    if (size <= BODY_LIMIT) chunks.push(chunk);
    else if (before <= BODY_LIMIT) {
      chunks = [];
      done(null, TOO_LARGE);
    }
  });
  payload.on('end', () => {
    if (size <= BODY_LIMIT) done(null, Buffer.concat(chunks));
  });
  payload.on('error', (error: Error) => {
    if (size <= BODY_LIMIT) done(error);
  });
}
