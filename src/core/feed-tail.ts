import type { Clock, Timer } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { KeyRing } from './access-keys.ts';
import type { BlockSet } from './blocks.ts';
import type { Directory } from './directory.ts';
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
  readonly directory: Directory;
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
      void this.#look();
    });
  }

  /** Brings the memory to what the store has now; does not throw when the store is away. */
  async refresh(): Promise<void> {
    // A look that is under way may have read before the change that the caller is after.
    await this.#current;
    await this.#look();
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

  #look(): Promise<void> {
    return (this.#current ??= this.#poll().finally(() => (this.#current = undefined)));
  }

  async #load(): Promise<void> {
    const { feed, blocks, keys, directory, clock } = this.#deps;
    const snapshot = await feed.snapshot();
    blocks.forgetUpTo(snapshot.seq);
    for (const block of snapshot.blocks)
      this.#deps.control.applyBlock({ key: block.key, version: block.version, block });
    keys.reset(snapshot.keys, snapshot.seq);
    directory.reset(snapshot.entities, snapshot.seq);
    this.#seq = snapshot.seq;
    this.#lastGoodAt = clock.monotonic();
  }

  async #poll(): Promise<void> {
    const { feed, clock, log, blocks } = this.#deps;
    try {
      const newest = await feed.head();
      // What this process forbade and resumed itself is in force already: its answers came before this one.
      this.#passTo(blocks.appliedAfter(this.#seq, newest));
      if (newest !== this.#seq) await this.#read();
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

  async #read(): Promise<void> {
    const { changes, gap } = await this.#deps.feed.changesSince(this.#seq);
    if (gap) return this.#load();
    for (const change of changes) this.#apply(change);
    this.#passTo(changes.at(-1)?.seq ?? this.#seq);
  }

  #passTo(seq: number): void {
    if (seq === this.#seq) return;
    this.#seq = seq;
    const { blocks, keys, directory } = this.#deps;
    blocks.prune(seq);
    keys.prune(seq);
    directory.prune(seq);
  }

  #apply(change: FeedChange): void {
    const { keys, directory, control } = this.#deps;
    if (change.kind === 'block') control.applyBlock(change.change);
    else if (change.kind === 'key') keys.apply(change.accessKeyId, change.key, change.seq);
    else directory.apply(change.change);
  }
}
