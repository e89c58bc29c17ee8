import { SUMS_PER_MINUTE } from './retention.ts';

const MINUTE_MS = 60_000;

/** The sum of one minute and one thing. */
export interface MinuteSum<T> {
  /** Epoch milliseconds of the minute's beginning. */
  readonly minute: number;
  readonly what: T;
  readonly count: number;
}

/** Counts things per minute, for as many things as a minute may have rows; all others count as one thing. */
export class MinuteSums<T extends readonly string[]> {
  readonly #others: T;
  readonly #emit: (sum: MinuteSum<T>) => void;
  #minute = 0;
  #sums = new Map<string, { what: T; count: number }>();

  constructor(others: T, emit: (sum: MinuteSum<T>) => void) {
    this.#others = others;
    this.#emit = emit;
  }

  /** Counts one; hands out the sums of the minute before when a new one began. */
  add(at: number, what: T): void {
    this.roll(at);
    const id = JSON.stringify(what);
    const known = this.#sums.get(id);
    if (known) known.count += 1;
    else if (this.#sums.size < SUMS_PER_MINUTE) this.#sums.set(id, { what, count: 1 });
    else this.#countOther();
  }

  /** Hands out the sums unless they are of the minute of `now`. */
  roll(now: number): void {
    const minute = now - (now % MINUTE_MS);
    if (minute === this.#minute) return;
    this.flush();
    this.#minute = minute;
  }

  /** Hands out the sums as they stand. */
  flush(): void {
    for (const sum of this.#sums.values()) this.#emit({ minute: this.#minute, ...sum });
    this.#sums = new Map();
  }

  #countOther(): void {
    const id = JSON.stringify(this.#others);
    const sum = this.#sums.get(id) ?? { what: this.#others, count: 0 };
    sum.count += 1;
    this.#sums.set(id, sum);
  }
}
