import type { Clock } from '../../base/clock.ts';

/** Something that the demo promises did not happen. */
export class DemoFailure extends Error {
  override name = 'DemoFailure';
}

/** Tells what happens and when, counted from the demo's beginning. */
export class Narrator {
  readonly #out: (text: string) => void;
  readonly #clock: Clock;
  readonly #startedAt: number;
  #chapter = 0;

  constructor(out: (text: string) => void, clock: Clock) {
    this.#out = out;
    this.#clock = clock;
    this.#startedAt = clock.monotonic();
  }

  /** Opens a numbered part. */
  chapter(title: string): void {
    this.#chapter++;
    this.#out(`\n${this.#chapter}. ${title}\n`);
  }

  /** One line with the seconds since the beginning. */
  say(text: string): void {
    this.#out(`${this.seconds().toFixed(2).padStart(8)} s  ${text}\n`);
  }

  /** Lines without a time. */
  plain(text: string): void {
    this.#out(text);
  }

  /** Seconds since the beginning. */
  seconds(): number {
    return (this.#clock.monotonic() - this.#startedAt) / 1000;
  }
}

/** @throws DemoFailure when what must hold does not */
export function verify(holds: boolean, failure: string): asserts holds {
  if (!holds) throw new DemoFailure(failure);
}
