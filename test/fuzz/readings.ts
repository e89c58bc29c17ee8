import { expect } from 'vitest';

type ErrorClass = new (message: string) => Error;

/** What reading came to: what was read until it ended, and why it ended if it failed. */
export interface Reading<T> {
  readonly values: readonly T[];
  readonly problem: string | undefined;
}

/** Reads until the end or the first error; any error but the declared one fails the test. */
export function reading<T>(declared: ErrorClass, read: (out: T[]) => void): Reading<T> {
  const values: T[] = [];
  try {
    read(values);
    return { values, problem: undefined };
  } catch (error) {
    if (!(error instanceof declared)) throw error;
    return { values, problem: error.message };
  }
}

/** Runs `read`; any error but the declared one fails the test. */
export function survives<T>(declared: ErrorClass, read: () => T): T | undefined {
  return reading<T>(declared, (out) => out.push(read())).values[0];
}

/** Longer inputs are not cut into single bytes, which would take most of the time. */
const MAX_SINGLE = 1500;

/** Fails unless a reader finds the same in the input at once and in pieces; gives what it finds. */
export function sameInPieces<T>(input: Buffer, read: (pieces: readonly Buffer[]) => Reading<T>): Reading<T> {
  const whole = read([input]);
  for (const size of [input.length > MAX_SINGLE ? 13 : 1, 997]) expect(read(cut(input, size))).toEqual(whole);
  return whole;
}

/** The input in pieces of a size; the last may be shorter. */
export function cut(input: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(input.length / size) }, (_, i) =>
    input.subarray(i * size, (i + 1) * size),
  );
}
