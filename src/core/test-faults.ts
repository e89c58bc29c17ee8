import type { Clock, Timer } from '../base/clock.ts';

/** What a call can meet: `throttle`, `error500` and `unavailable` answer in its place, `delay` holds it up. */
export const FAULT_KINDS = ['throttle', 'error500', 'delay', 'unavailable'] as const;

/** One of {@link FAULT_KINDS}. */
export type FaultKind = (typeof FAULT_KINDS)[number];

/** A fault as it is asked for. */
export interface FaultRequest {
  /** Name of an operation; `*`: every one that is not of test mode itself. */
  readonly action: string;
  readonly kind: FaultKind;
  /** Calls that meet it; null: all until a reset. */
  readonly count: number | null;
  /** Milliseconds that a `delay` lasts; 0 for the others. */
  readonly delayMs: number;
}

/** A fault and the calls that have met it so far. */
export interface Fault extends FaultRequest {
  hits: number;
}

/** Faults that are kept at most, those that are used up included. */
export const MAX_FAULTS = 100;

/** Faults for chosen calls, and the calls that a delay holds up. */
export class TestFaults {
  readonly #clock: Clock;
  #faults: Fault[] = [];
  readonly #held = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Adds a fault behind those that are there; false when there are too many. One that is used up makes room. */
  inject(request: FaultRequest): boolean {
    if (this.#faults.length >= MAX_FAULTS) this.#faults = this.#faults.filter(isLeft);
    if (this.#faults.length >= MAX_FAULTS) return false;
    this.#faults.push({ ...request, hits: 0 });
    return true;
  }

  /** The fault that the next call of an operation meets: the oldest that is for it and not used up. */
  next(action: string): Fault | undefined {
    return this.#faults.find((fault) => isLeft(fault) && (fault.action === action || fault.action === '*'));
  }

  /** All that are kept, the oldest first. */
  list(): readonly Fault[] {
    return this.#faults;
  }

  /** Resolves after `ms` of real time, or when the faults are cleared. */
  hold(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const release = (): void => {
        timer.cancel();
        this.#held.delete(release);
        resolve();
      };
      const timer: Timer = this.#clock.after(ms, release);
      this.#held.add(release);
    });
  }

  /** Forgets all faults and lets the calls go on that are held up. */
  clear(): void {
    this.#faults = [];
    for (const release of [...this.#held]) release();
  }
}

function isLeft({ count, hits }: Fault): boolean {
  return count === null || hits < count;
}
