import { request } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { FlvReader } from '../wire/flv/tag.ts';
import type { FlvTag } from '../wire/flv/tag.ts';

/** Plays an HTTP-FLV URL. */
export interface FlvPlayerOptions {
  readonly url: string;
  readonly onTag: (tag: FlvTag) => void;
}

/** How an HTTP-FLV answer ended: `complete` is false when the connection broke in the middle. */
export interface FlvEnd {
  readonly complete: boolean;
}

/** A running HTTP-FLV player. */
export interface FlvPlayer {
  readonly ended: Promise<FlvEnd>;
  close(): void;
}

/** The server answered with another status than 200. */
export class FlvRefusedError extends Error {
  override name = 'FlvRefusedError';
  readonly status: number;

  constructor(status: number) {
    super(`the server answered ${status}`);
    this.status = status;
  }
}

/** Begins to play; resolves with the first byte of the answer. @throws FlvRefusedError, or the connection's error */
export async function playFlv({ url, onTag }: FlvPlayerOptions): Promise<FlvPlayer> {
  const call = request(url, { agent: false });
  const response = await answerOf(call);
  if (response.statusCode !== 200) {
    call.destroy();
    throw new FlvRefusedError(response.statusCode ?? 0);
  }
  const reader = new FlvReader();
  response.on('data', (bytes: Buffer) => {
    reader.push(bytes);
    for (let tag = reader.next(); tag; tag = reader.next()) onTag(tag);
  });
  const ended = new Promise<FlvEnd>((resolve) => {
    response.on('error', () => undefined);
    response.once('close', () => resolve({ complete: response.complete }));
  });
  return { ended, close: () => call.destroy() };
}

function answerOf(call: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    call.once('response', resolve);
    // Also after the answer: a player that is closed breaks its own connection.
    call.on('error', reject);
    call.end();
  });
}
