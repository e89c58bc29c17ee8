import type { Clock } from './clock.ts';

/** Options of {@link withDeadline}. */
export interface Deadline {
  readonly clock: Clock;
  /** Milliseconds that the work may take. */
  readonly ms: number;
  /** Makes the error that the caller sees when time is up. */
  readonly expired: () => Error;
}

/** Waits for `work` at most `ms` milliseconds; the work itself goes on, and its late failure is swallowed. */
export function withDeadline<T>(work: Promise<T>, { clock, ms, expired }: Deadline): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = clock.after(ms, () => reject(expired()));
    work.then(
      (value) => {
        timer.cancel();
        resolve(value);
      },
      (reason: unknown) => {
        timer.cancel();
        reject(reason instanceof Error ? reason : new Error(String(reason)));
      },
    );
  });
}
