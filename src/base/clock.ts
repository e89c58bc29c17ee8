/** A running timer; `cancel` is idempotent. */
export interface Timer {
  cancel(): void;
}

/** Time as every room takes it, so that tests can hold it still. */
export interface Clock {
  /** Wall clock, epoch milliseconds. */
  now(): number;
  /** Monotonic milliseconds with a fraction, for durations. */
  monotonic(): number;
  /** Runs `task` once after `ms` milliseconds. */
  after(ms: number, task: () => void): Timer;
  /** Runs `task` every `ms` milliseconds until cancelled. */
  every(ms: number, task: () => void): Timer;
}

/**
 * The machine's clock. A pending timer of this clock keeps the process alive only until its owner cancels it; the
 * periodic ones never do.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, task) {
    const handle = setTimeout(task, ms);
    return { cancel: () => clearTimeout(handle) };
  },
  every(ms, task) {
    const handle = setInterval(task, ms);
    handle.unref();
    return { cancel: () => clearInterval(handle) };
  },
};
