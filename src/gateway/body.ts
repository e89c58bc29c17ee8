import type { IncomingMessage } from 'node:http';
import type { ByteBudget } from '../base/byte-budget.ts';
import type { CommonCode } from './errors.ts';

/** The most bytes of a body. */
const BODY_LIMIT = 1024 * 1024;

/** What every body may take without asking: calls in earnest need no more, and so get in when the budget is spent. */
const FREE_BYTES = 8 * 1024;

/** One body in memory. It is one buffer that grows: a chunk may be a single byte, and a buffer for each would cost a hundred. */
export class HeldBody {
  readonly #budget: ByteBudget;
  #buffer: Buffer = Buffer.alloc(0);
  #size = 0;
  #taken = 0;
  #refusal: CommonCode | undefined;

  /** `budget`: what the bodies of all unfinished requests may take together, but for the free part of each. */
  constructor(budget: ByteBudget) {
    this.#budget = budget;
  }

  /** Why the body is not kept. */
  get refusal(): CommonCode | undefined {
    return this.#refusal;
  }

  /** What has come so far; nothing when it was refused or released. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#size);
  }

  /** Keeps a chunk; false when that cannot be and the whole body is refused. */
  add(chunk: Buffer): boolean {
    const size = this.#size + chunk.length;
    if (size > BODY_LIMIT) return this.#refuse('RequestEntityTooLarge');
    if (!this.#makeRoom(size)) return this.#refuse('ServiceUnavailable');
    chunk.copy(this.#buffer, this.#size);
    this.#size = size;
    return true;
  }

  /** Forgets the bytes and gives back what they took. May be called twice. */
  release(): void {
    this.#budget.give(this.#taken);
    this.#taken = 0;
    this.#buffer = Buffer.alloc(0);
    this.#size = 0;
  }

  #refuse(code: CommonCode): false {
    this.release();
    this.#refusal = code;
    return false;
  }

  #makeRoom(size: number): boolean {
    const present = this.#buffer.length;
    if (size <= present) return true;
    const capacity = Math.min(Math.max(size, 2 * present), BODY_LIMIT);
    const more = Math.max(capacity - FREE_BYTES, 0) - this.#taken;
    if (!this.#budget.take(more)) return false;
    this.#taken += more;
    const larger = Buffer.allocUnsafeSlow(capacity);
    this.#buffer.copy(larger, 0, 0, this.#size);
    this.#buffer = larger;
    return true;
  }
}

/**
 * Collects a body, whatever its type. One that is refused is reported at once and then read to its end without being
 * kept: closing the connection while the peer still sends would take the answer away from it. Who gets a body releases
 * it; that of a request that breaks off is released here.
 */
export function collectBody(
  payload: Pick<IncomingMessage, 'on'>,
  budget: ByteBudget,
  done: (error: Error | null, body?: HeldBody) => void,
): void {
  const body = new HeldBody(budget);
  let ended = false;
  payload.on('data', (chunk: Buffer) => {
    if (body.refusal === undefined && !body.add(chunk)) done(null, body);
  });
  payload.on('end', () => {
    ended = true;
    if (body.refusal === undefined) done(null, body);
  });
  payload.on('error', (error: Error) => {
    if (body.refusal === undefined) done(error);
  });
  payload.on('close', () => {
    if (!ended) body.release();
  });
}
