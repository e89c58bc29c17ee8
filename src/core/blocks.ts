import { formatKey } from './names.ts';
import type { StreamKey } from './names.ts';
import { VersionedMap } from './versioned-map.ts';

/** A stream that is kept out. Times are epoch milliseconds. */
export interface Block {
  readonly key: StreamKey;
  readonly accountId: string;
  /** The feed sequence number of the change that made this state: the higher one wins. */
  readonly version: number;
  /** When the block ends by itself; null: it stays until a resume. */
  readonly resumeAt: number | null;
  readonly reason: string | null;
  /** AccessKeyId of the caller. */
  readonly actor: string;
  /** When the stream was forbidden (kept by a Replace). */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** The state of one key after a change: its block, or null when the block is gone. */
export interface BlockChange {
  readonly key: StreamKey;
  readonly version: number;
  readonly block: Block | null;
}

/** Whether the block is in force at `now` (epoch milliseconds); expiry needs no job. */
export function inForce(block: Block, now: number): boolean {
  return block.resumeAt === null || now < block.resumeAt;
}

/** The blocks as admission sees them: in memory, no I/O. */
export class BlockSet {
  readonly #blocks = new VersionedMap<Block>();
  /** Numbers of the feed beyond `#passed` whose changes were applied: by those who made them. */
  readonly #ahead = new Set<number>();
  #passed = 0;

  /** The block in force for a key at `now`, or undefined. */
  find(key: StreamKey, now: number): Block | undefined {
    const block = this.#blocks.get(formatKey(key));
    return block && inForce(block, now) ? block : undefined;
  }

  /** Applies a change; false when a newer state of the key is known already. */
  apply({ key, block, version }: BlockChange): boolean {
    if (version > this.#passed) this.#ahead.add(version);
    return this.#blocks.apply(formatKey(key), block, version);
  }

  /** The number up to which everything that the feed has after `seq` was applied here; `newest` at most. */
  appliedAfter(seq: number, newest: number): number {
    let last = seq;
    while (last < newest && this.#ahead.has(last + 1)) last += 1;
    return last;
  }

  /** Forgets all that is not newer than `seq`, before a snapshot of that age is applied. */
  forgetUpTo(seq: number): void {
    this.#blocks.forgetUpTo(seq);
    // After a gap the numbers may be those of another file.
    this.#ahead.clear();
    this.#passed = seq;
  }

  /** Forgets what is gone and the feed has passed. */
  prune(seq: number): void {
    this.#blocks.prune(seq);
    for (const version of this.#ahead) if (version <= seq) this.#ahead.delete(version);
    this.#passed = seq;
  }

  /** Entries held, tombstones included. */
  get size(): number {
    return this.#blocks.size;
  }
}
