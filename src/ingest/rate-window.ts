const BUCKET_MS = 500;

/** A sum over the last seconds, in buckets of half a second, so that it costs the same at any rate. */
export class RateWindow {
  readonly #buckets: Float64Array;
  readonly #startedAt: number;
  /** The bucket that was written last, counted from the epoch of the clock. */
  #last: number;

  /** `now` is the monotonic time at which counting begins, milliseconds. */
  constructor(now: number, windowMs = 5000) {
    this.#buckets = new Float64Array(Math.ceil(windowMs / BUCKET_MS) + 1);
    this.#startedAt = now;
    this.#last = Math.floor(now / BUCKET_MS);
  }

  add(now: number, amount: number): void {
    this.#moveTo(now);
    const slot = this.#last % this.#buckets.length;
    this.#buckets[slot] = (this.#buckets[slot] ?? 0) + amount;
  }

  /** The amount per second over the window, or since counting began; 0 in the first moments. */
  perSecond(now: number): number {
    this.#moveTo(now);
    const full = (this.#buckets.length - 1) * BUCKET_MS + (now % BUCKET_MS);
    const span = Math.min(full, now - this.#startedAt);
    return span < BUCKET_MS ? 0 : (this.#buckets.reduce((sum, bucket) => sum + bucket, 0) * 1000) / span;
  }

  /** Empties the buckets between the last one written and the one of `now`. */
  #moveTo(now: number): void {
    const bucket = Math.floor(now / BUCKET_MS);
    const steps = Math.min(bucket - this.#last, this.#buckets.length);
    for (let step = 0; step < steps; step += 1) this.#buckets[(bucket - step) % this.#buckets.length] = 0;
    this.#last = Math.max(this.#last, bucket);
  }
}
