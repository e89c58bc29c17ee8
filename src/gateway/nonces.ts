import { createHash } from 'node:crypto';
import type { Clock } from '../base/clock.ts';

/** Milliseconds that a nonce is refused: the whole width of the clock window and a minute more. */
export const NONCE_LIFETIME_MS = 31 * 60_000;

/** What the memory of nonces needs. */
export interface NonceMemoryDeps {
  readonly clock: Clock;
  /** The most nonces remembered; beyond it the oldest goes first. */
  readonly capacity: number;
  /** Told of every nonce that went before its time. */
  readonly evicted: () => void;
}

/**
 * The nonces of the last 31 minutes. Only verified calls may enter, so that a forger can neither burn a caller's nonces
 * nor fill the memory. Calls that write are guarded by the store besides, across restarts and evictions.
 */
export class NonceMemory {
  /** Expiry by nonce; the order of insertion is the order of expiry. */
  readonly #expiries = new Map<string, number>();
  readonly #deps: NonceMemoryDeps;

  constructor(deps: NonceMemoryDeps) {
    this.#deps = deps;
  }

  /** Remembers the nonce; false when it is remembered already. */
  remember(accessKeyId: string, nonce: string): boolean {
    const now = this.#deps.clock.monotonic();
    this.#expire(now);
    const id = idOf(`${accessKeyId}\n${nonce}`);
    if (this.#expiries.has(id)) return false;
    this.#expiries.set(id, now + NONCE_LIFETIME_MS);
    if (this.#expiries.size > this.#deps.capacity) this.#evictOldest();
    return true;
  }

  /** Nonces remembered now. */
  get size(): number {
    return this.#expiries.size;
  }

  #expire(now: number): void {
    for (const [id, expiry] of this.#expiries) {
      if (expiry > now) return;
      this.#expiries.delete(id);
    }
  }

  #evictOldest(): void {
    for (const id of this.#expiries.keys()) {
      this.#expiries.delete(id);
      this.#deps.evicted();
      return;
    }
  }
}

/** Nonces may have any length; long ones are kept as a hash, so that the memory is bounded by its capacity. */
function idOf(text: string): string {
  return text.length <= 100 ? text : createHash('sha256').update(text).digest('base64');
}
