import type { Clock, Timer } from '../base/clock.ts';
import { messageOf, StoreUnavailableError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';

/** Items that wait at most; what comes beyond is dropped and counted. */
const CAPACITY = 10_000;

/** Items sent together at most. */
const BATCH = 200;

/** Milliseconds until a batch that the store could not take is sent again. */
const RETRY_MS = 1000;

/** Milliseconds between two log lines about what was lost. */
const QUIET_MS = 60_000;

/** What a queue needs. */
export interface BatchQueueOptions<T> {
  /** What the items are, for the log. */
  readonly what: string;
  readonly clock: Clock;
  readonly log: Logger;
  send(items: T[]): Promise<unknown>;
}

/**
 * Sends items to the store without making anybody wait: one batch is under way, the next one gathers meanwhile. Bounded;
 * a store that is away costs the items beyond the bound, which are counted in the log, and nothing else.
 */
export class BatchQueue<T> {
  readonly #options: BatchQueueOptions<T>;
  #items: T[] = [];
  #sending: Promise<void> | undefined;
  /** The batch that is under way. */
  #round: Promise<void> | undefined;
  /** Items that came in, and those of them that are done with. */
  #added = 0;
  #settled = 0;
  #retry: Timer | undefined;
  #dropped = 0;
  #quietUntil = 0;
  #closed = false;

  constructor(options: BatchQueueOptions<T>) {
    this.#options = options;
  }

  /** Never throws. */
  add(item: T): void {
    if (this.#closed) return;
    if (this.#items.length >= CAPACITY) this.#drop(1);
    else {
      this.#items.push(item);
      this.#added += 1;
    }
    this.#begin();
  }

  /**
   * Tries to send what is waiting, and not what comes meanwhile; resolves when that is done or the store does not take
   * it. Never rejects.
   */
  async flush(): Promise<void> {
    this.#retry?.cancel();
    this.#retry = undefined;
    this.#begin();
    const last = this.#added;
    while (this.#isSending(last)) await this.#round;
  }

  /** Flushes and takes nothing more; what the store does not take now is lost, and counted. */
  async close(): Promise<void> {
    await this.flush();
    await this.#sending;
    this.#closed = true;
    this.#retry?.cancel();
    this.#dropped += this.#items.length;
    this.#items = [];
    this.#report(true);
  }

  /** Whether the items up to the `last` are still on their way. */
  #isSending(last: number): boolean {
    return this.#settled < last && this.#sending !== undefined && !this.#retry;
  }

  #begin(): void {
    if (this.#items.length === 0 || this.#retry) return;
    this.#sending ??= this.#sendAll();
  }

  async #sendAll(): Promise<void> {
    while (this.#items.length > 0 && !this.#retry) {
      this.#round = this.#sendBatch(this.#items.splice(0, BATCH));
      await this.#round;
    }
    // In the same breath as the last look: an item that comes now begins a sending of its own.
    this.#sending = undefined;
  }

  async #sendBatch(batch: T[]): Promise<void> {
    try {
      await this.#options.send(batch);
      this.#report();
    } catch (error) {
      if (error instanceof StoreUnavailableError) {
        this.#putBack(batch);
        return;
      }
      this.#refused(batch, error);
    }
    this.#settled += batch.length;
  }

  #putBack(batch: T[]): void {
    this.#items = [...batch, ...this.#items];
    this.#retry = this.#options.clock.after(RETRY_MS, () => {
      this.#retry = undefined;
      this.#begin();
    });
  }

  #refused(batch: T[], error: unknown): void {
    const { what, log } = this.#options;
    log.error({ lost: batch.length, error: messageOf(error) }, `the store refuses ${what}`);
  }

  #drop(count: number): void {
    this.#dropped += count;
    this.#report();
  }

  /** One line per minute, however many are lost. */
  #report(last = false): void {
    const { what, log, clock } = this.#options;
    const now = clock.monotonic();
    if (this.#dropped === 0 || (now < this.#quietUntil && !last)) return;
    log.error({ lost: this.#dropped }, `the store does not keep up: ${what} were lost`);
    this.#dropped = 0;
    this.#quietUntil = now + QUIET_MS;
  }
}
