import type { Clock } from '../base/clock.ts';
import type { CallLimit } from '../operations/operation.ts';

/** Absorbs the rounding that adds up over intervals such as 1000/30 ms. */
const EPSILON_MS = 0.1;

/**
 * The generic cell rate algorithm: one number per key, no timers. A key may take `limit.calls` at once, and as many
 * again every `limit.perSeconds`. When there are more keys than `capacity`, the one unused for longest is forgotten.
 */
export class RateLimiter {
  /** Per key the time at which its allowance is whole again, least recently used first. */
  readonly #wholeAt = new Map<string, number>();
  readonly #clock: Clock;
  readonly #capacity: number;

  constructor(clock: Clock, capacity: number) {
    this.#clock = clock;
    this.#capacity = capacity;
  }

  /** Takes one call of a key's allowance. Returns 0, or the milliseconds after which it would succeed. */
  take(key: string, limit: CallLimit): number {
    const now = this.#clock.monotonic();
    const windowMs = limit.perSeconds * 1000;
    const intervalMs = windowMs / limit.calls;
    const wholeAt = Math.max(this.#wholeAt.get(key) ?? now, now);
    const waitMs = wholeAt + intervalMs - windowMs - now;
    if (waitMs > EPSILON_MS) return waitMs;
    this.#wholeAt.delete(key);
    this.#wholeAt.set(key, wholeAt + intervalMs);
    if (this.#wholeAt.size > this.#capacity) this.#forgetOldest();
    return 0;
  }

  /** Makes every allowance whole again, but for the keys to keep. */
  clear(isKept: (key: string) => boolean = () => false): void {
    for (const key of [...this.#wholeAt.keys()]) if (!isKept(key)) this.#wholeAt.delete(key);
  }

  #forgetOldest(): void {
    for (const key of this.#wholeAt.keys()) {
      this.#wholeAt.delete(key);
      return;
    }
  }
}
