import { request } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { FlvError, FlvReader } from '../wire/flv/tag.ts';
import type { FlvTag } from '../wire/flv/tag.ts';

/** Plays an HTTP-FLV URL. */
export interface FlvPlayerOptions {
  readonly url: string;
  readonly onTag: (tag: FlvTag) => void;
}

/** How an HTTP-FLV answer ended. */
export interface FlvEnd {
  /** False when the connection broke in the middle, or was broken off because of the `problem`. */
  readonly complete: boolean;
  /** What is wrong with the FLV that the server sent. */
  readonly problem?: FlvError;
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
export function playFlv({ url, onTag }: FlvPlayerOptions): Promise<FlvPlayer> {
  const call = request(url, { agent: false });
  return new Promise((resolve, reject) => {
    // Listens within this event: what breaks in the same read as the head is over in the next tick.
    call.once('response', (response) => {
      if (response.statusCode === 200) {
        resolve({ ended: follow(call, response, onTag), close: () => call.destroy() });
        return;
      }
      call.destroy();
      reject(new FlvRefusedError(response.statusCode ?? 0));
    });
    // Also after the answer: a player that is closed breaks its own connection.
    call.on('error', reject);
    // A change of protocol that nobody asked for is neither an answer nor an error.
    call.once('close', () => reject(new Error('the server closed without an answer')));
    call.end();
  });
}

function follow(
  call: ClientRequest,
  response: IncomingMessage,
  onTag: FlvPlayerOptions['onTag'],
): Promise<FlvEnd> {
  const reader = new FlvReader();
  return new Promise((resolve) => {
    response.on('data', (bytes: Buffer) => {
      const problem = readTags(reader, bytes, onTag);
      if (!problem) return;
      resolve({ complete: false, problem });
      call.destroy();
    });
    response.on('error', () => undefined);
    response.once('close', () => resolve({ complete: response.complete }));
  });
}

/** Hands on the tags that the bytes complete; gives what is wrong with them, if anything is. */
function readTags(reader: FlvReader, bytes: Buffer, onTag: FlvPlayerOptions['onTag']): FlvError | undefined {
  try {
    reader.push(bytes);
    for (let tag = reader.next(); tag; tag = reader.next()) onTag(tag);
    return undefined;
  } catch (error) {
    if (error instanceof FlvError) return error;
    throw error;
  }
}
