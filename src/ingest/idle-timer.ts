import type { Clock, Timer } from '../base/clock.ts';

/**
 * Calls back when nothing was touched for `ms` milliseconds. Touching only notes the time: a timer per frame would cost
 * more than the frame.
 */
export class IdleTimer {
  readonly #clock: Clock;
  readonly #ms: number;
  readonly #expired: () => void;
  #touchedAt: number;
  #timer: Timer;

  constructor(clock: Clock, ms: number, expired: () => void) {
    this.#clock = clock;
    this.#ms = ms;
    this.#expired = expired;
    this.#touchedAt = clock.monotonic();
    this.#timer = clock.after(ms, () => this.#check());
  }

  /** `now` is the clock's monotonic time. */
  touch(now: number): void {
    this.#touchedAt = now;
  }

  cancel(): void {
    this.#timer.cancel();
  }

  #check(): void {
    const left = this.#ms - (this.#clock.monotonic() - this.#touchedAt);
    if (left <= 0) this.#expired();
    // Rounded up: a timer that fires a fraction early must not spin.
    else this.#timer = this.#clock.after(Math.ceil(left), () => this.#check());
  }
}
