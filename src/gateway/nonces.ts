import { createHash } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { NONCE_LIFETIME_MS } from '../core/access-keys.ts';

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

  /** Remembers a bounded nonce; false when it is remembered already. */
  remember(accessKeyId: string, nonce: string): boolean {
    const now = this.#deps.clock.monotonic();
    this.#expire(now);
    const id = ownText(`${accessKeyId}\n${nonce}`);
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

/**
 * The same text in memory of its own: one that was put together keeps its parts alive, and those keep what they were cut
 * from, which makes three times as much.
 */
function ownText(text: string): string {
  return Buffer.from(text).toString();
}

const LONGEST_KEPT = 100;

/**
 * A nonce as it is remembered, in memory and in the store: nonces may have any length, so a long one is kept as its hash.
 */
export function boundedNonce(nonce: string): string {
  return nonce.length <= LONGEST_KEPT ? nonce : createHash('sha256').update(nonce).digest('base64');
}
