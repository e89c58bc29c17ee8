import type { Clock, Timer } from './clock.ts';

/**
 * A clock whose calendar can be moved while time goes on: `now` is away from the clock beneath by the shift. Durations
 * and timers are those of the clock beneath, so that nothing times out by a move.
 */
export class ShiftedClock implements Clock {
  /** The clock beneath, whose calendar nobody moves. */
  readonly base: Clock;
  #shiftMs = 0;

  constructor(base: Clock) {
    this.base = base;
  }

  /** Milliseconds that the calendar is ahead of the clock beneath; below 0: behind. */
  get shiftMs(): number {
    return this.#shiftMs;
  }

  now(): number {
    return this.base.now() + this.#shiftMs;
  }

  monotonic(): number {
    return this.base.monotonic();
  }

  after(ms: number, task: () => void): Timer {
    return this.base.after(ms, task);
  }

  every(ms: number, task: () => void): Timer {
    return this.base.every(ms, task);
  }

  /** Moves the calendar to `at`, epoch milliseconds; it goes on from there. */
  moveTo(at: number): void {
    this.#shiftMs = at - this.base.now();
  }

  /** Moves the calendar on by `ms`. */
  moveBy(ms: number): void {
    this.#shiftMs += ms;
  }

  /** Back to the calendar of the clock beneath. */
  reset(): void {
    this.#shiftMs = 0;
  }
}
