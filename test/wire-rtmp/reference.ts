import { createHmac } from 'node:crypto';
import type { RtmpMessage } from '../../src/wire/rtmp/messages.ts';

/**
 * Second, slower implementations of what the wire room does, written from the specification and sharing no code with it,
 * so that a mistake cannot hide in both sides of a round trip.
 */

/** How the sender of a chunk stream chooses its headers. */
export interface SenderOptions {
  /** Repeat the extended timestamp in fmt 3 chunks, as the specification wants. */
  repeatExtended: boolean;
  /** Use fmt 1, 2 and 3 for the first chunk of a message wherever they can express it; else always fmt 0. */
  compress: boolean;
}

interface Sent {
  type: number;
  streamId: number;
  length: number;
  timestamp: number;
  delta: number;
}

/** Cuts messages into chunks with every header form; `chunkSize` may be changed between messages. */
export class ReferenceSender {
  chunkSize = 128;
  readonly #options: SenderOptions;
  readonly #sent = new Map<number, Sent>();

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** The chunks of one message, to be sent in this order but with chunks of other chunk streams between them. */
  chunks(message: RtmpMessage): Buffer[] {
    const { type, streamId, chunkStreamId, timestamp, payload } = message;
    const before = this.#sent.get(chunkStreamId);
    const fmt = this.#fmt(message, before);
    const delta = fmt === 0 ? timestamp : (timestamp - before!.timestamp) >>> 0;
    this.#sent.set(chunkStreamId, { type, streamId, length: payload.length, timestamp, delta });
    const extended = delta >= 0xffffff;
    const time = extended ? [255, 255, 255] : [delta >> 16, (delta >> 8) & 255, delta & 255];
    const length = payload.length;
    const header = [
      ...(fmt < 3 ? time : []),
      ...(fmt < 2 ? [length >> 16, (length >> 8) & 255, length & 255, type] : []),
      ...(fmt === 0
        ? [streamId & 255, (streamId >> 8) & 255, (streamId >> 16) & 255, (streamId >> 24) & 255]
        : []),
    ];
    const extension = extended
      ? [(delta >>> 24) & 255, (delta >>> 16) & 255, (delta >>> 8) & 255, delta & 255]
      : [];
    const repeated = this.#options.repeatExtended ? extension : [];
    const first = [...basic(fmt, chunkStreamId), ...header, ...(fmt === 3 ? repeated : extension)];
    const out = [Buffer.concat([Buffer.from(first), payload.subarray(0, this.chunkSize)])];
    for (let at = this.chunkSize; at < payload.length; at += this.chunkSize) {
      const head = Buffer.from([...basic(3, chunkStreamId), ...repeated]);
      out.push(Buffer.concat([head, payload.subarray(at, at + this.chunkSize)]));
    }
    return out;
  }

  #fmt(message: RtmpMessage, before: Sent | undefined): number {
    if (!this.#options.compress || before?.streamId !== message.streamId) return 0;
    if (before.type !== message.type || before.length !== message.payload.length) return 1;
    return before.delta === (message.timestamp - before.timestamp) >>> 0 ? 3 : 2;
  }
}

function basic(fmt: number, id: number): number[] {
  const high = fmt * 64;
  if (id <= 63) return [high + id];
  if (id <= 319) return [high, id - 64];
  return [high + 1, (id - 64) % 256, Math.floor((id - 64) / 256)];
}

const TAIL = 'F0EEC24A8068BEE82E00D0D1029E7E576EEC5D2D29806FAB93B8E636CFEB31AE';
const KEYS = {
  player: Buffer.from('Genuine Adobe Flash Player 001', 'ascii'),
  server: Buffer.from('Genuine Adobe Flash Media Server 001', 'ascii'),
  serverFull: Buffer.concat([
    Buffer.from('Genuine Adobe Flash Media Server 001', 'ascii'),
    Buffer.from(TAIL, 'hex'),
  ]),
};

/** Where the digest is: `base` 12 is the block at 8, `base` 776 the block at 772. */
export function digestPosition(packet: Buffer, base: 12 | 776): number {
  let sum = 0;
  for (const byte of packet.subarray(base - 4, base)) sum += byte;
  return base + (sum % 728);
}

/** The digest that belongs into a C1 (`player`) or S1 (`server`). */
export function digestOf(packet: Buffer, position: number, who: 'player' | 'server'): Buffer {
  const rest = Buffer.concat([packet.subarray(0, position), packet.subarray(position + 32)]);
  return createHmac('sha256', KEYS[who]).update(rest).digest();
}

/** The signature at the end of an S2 that answers a C1 with this digest. */
export function s2Signature(s2: Buffer, c1Digest: Buffer): Buffer {
  const key = createHmac('sha256', KEYS.serverFull).update(c1Digest).digest();
  return createHmac('sha256', key).update(s2.subarray(0, 1504)).digest();
}
