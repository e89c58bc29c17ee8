import type { Clock, Timer } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { KeyRing } from './access-keys.ts';
import type { BlockSet } from './blocks.ts';
import type { ChangeFeed, FeedChange } from './ports.ts';
import type { StreamControl } from './stream-control.ts';

/** Milliseconds between two looks at the feed: a change of another process acts within 100 ms. */
export const FEED_POLL_MS = 50;

/** What following the feed needs. */
export interface FeedTailDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly feed: ChangeFeed;
  readonly blocks: BlockSet;
  readonly keys: KeyRing;
  readonly control: Pick<StreamControl, 'applyBlock'>;
}

/**
 * Follows the change feed: what other processes write, and commits that came after their deadline. While the store is
 * away the node keeps enforcing what it knows; after a gap it loads everything anew.
 */
export class FeedTail {
  readonly #deps: FeedTailDeps;
  #seq = 0;
  #timer: Timer | undefined;
  #current: Promise<void> | undefined;
  #lastGoodAt = 0;
  #failing = false;

  constructor(deps: FeedTailDeps) {
    this.#deps = deps;
  }

  /** Loads the snapshot and begins to follow. @throws StoreUnavailableError when the first load fails. */
  async start(): Promise<void> {
    await this.#load();
    this.#timer = this.#deps.clock.every(FEED_POLL_MS, () => {
      this.#current ??= this.#poll().finally(() => (this.#current = undefined));
    });
  }

  /** Milliseconds since the feed was last read. */
  staleness(): number {
    return this.#deps.clock.monotonic() - this.#lastGoodAt;
  }

  /** Stops following; waits for the look under way. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#current;
  }

  async #load(): Promise<void> {
    const { feed, blocks, keys, clock } = this.#deps;
    const snapshot = await feed.snapshot();
    blocks.forgetUpTo(snapshot.seq);
    for (const block of snapshot.blocks)
      this.#deps.control.applyBlock({ key: block.key, version: block.version, block });
    keys.reset(snapshot.keys);
    this.#seq = snapshot.seq;
    this.#lastGoodAt = clock.monotonic();
  }

  async #poll(): Promise<void> {
    const { feed, clock, log } = this.#deps;
    try {
      const { changes, gap } = await feed.changesSince(this.#seq);
      if (gap) await this.#load();
      else for (const change of changes) this.#apply(change);
      this.#lastGoodAt = clock.monotonic();
      if (this.#failing) log.info('the change feed is followed again');
      this.#failing = false;
    } catch (error) {
      if (!this.#failing)
        log.error(
          { error: messageOf(error) },
          'the change feed cannot be read; the last known list stays in force',
        );
      this.#failing = true;
    }
  }

  #apply(change: FeedChange): void {
    if (change.kind === 'block') this.#deps.control.applyBlock(change.change);
    else this.#deps.keys.apply(change.accessKeyId, change.key, change.seq);
    this.#seq = change.seq;
    this.#deps.blocks.prune(change.seq);
    this.#deps.keys.prune(change.seq);
  }
}
