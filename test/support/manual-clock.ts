import type { Clock, Timer } from '../../src/base/clock.ts';

interface Pending {
  at: number;
  every: number | undefined;
  task: () => void;
}

/** A clock that moves only when told to; timers run in order of their time while it moves. */
export class ManualClock implements Clock {
  #now: number;
  readonly #pending = new Set<Pending>();

  constructor(start = Date.UTC(2026, 0, 1)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  after(ms: number, task: () => void): Timer {
    return this.#schedule({ at: this.#now + ms, every: undefined, task });
  }

  every(ms: number, task: () => void): Timer {
    return this.#schedule({ at: this.#now + ms, every: ms, task });
  }

  /** Timers that have not run. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Moves on by `ms`, running what falls due. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#now = Math.max(this.#now, next.at);
      if (next.every === undefined) this.#pending.delete(next);
      else next.at += next.every;
      next.task();
    }
    this.#now = end;
  }

  #next(end: number): Pending | undefined {
    const due = [...this.#pending].filter((pending) => pending.at <= end);
    return due.sort((a, b) => a.at - b.at)[0];
  }

  #schedule(pending: Pending): Timer {
    this.#pending.add(pending);
    return { cancel: () => this.#pending.delete(pending) };
  }
}
