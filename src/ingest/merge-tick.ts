import type { Clock, Timer } from '../base/clock.ts';

/** What has collected frames. */
export interface Flushable {
  flush(): void;
}

/** One timer for all streams that have collected frames: fewer and larger writes cost half the processor time. */
export class MergeTick {
  readonly #clock: Clock;
  readonly #ms: number;
  #dirty = new Set<Flushable>();
  #timer: Timer | undefined;

  /** `ms` 0: no collecting. */
  constructor(clock: Clock, ms: number) {
    this.#clock = clock;
    this.#ms = ms;
  }

  /** Flushes `one` when the time has come. */
  request(one: Flushable): void {
    if (this.#ms === 0) {
      one.flush();
      return;
    }
    this.#dirty.add(one);
    this.#timer ??= this.#clock.after(this.#ms, () => this.#run());
  }

  cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#dirty.clear();
  }

  #run(): void {
    const due = this.#dirty;
    this.#dirty = new Set();
    this.#timer = undefined;
    for (const one of due) one.flush();
  }
}
