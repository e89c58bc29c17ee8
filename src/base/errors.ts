/**
 * What keeps the service from starting, said in one readable line that tells the operator what to do. `main.ts` prints
 * it without a stack and exits with 1.
 */
export class StartError extends Error {
  override name = 'StartError';
}

/** The store cannot take or give anything now: it is closed, its worker died, the disk is full, a deadline passed. */
export class StoreUnavailableError extends Error {
  override name = 'StoreUnavailableError';
}

/** The text of whatever was thrown, for a log line. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
