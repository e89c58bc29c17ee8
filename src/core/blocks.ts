import { formatKey } from './names.ts';
import type { StreamKey } from './names.ts';

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

interface Entry {
  version: number;
  block: Block | null;
}

/**
 * The blocks as admission sees them: in memory, no I/O. Changes are applied by version, never by arrival, so that a
 * forbid that answers late cannot undo the resume that came after it. Removed keys leave a tombstone until the feed has
 * passed them.
 */
export class BlockSet {
  readonly #entries = new Map<string, Entry>();
  /** Keys whose block is gone. */
  readonly #tombstones = new Set<string>();

  /** The block in force for a key at `now`, or undefined. */
  find(key: StreamKey, now: number): Block | undefined {
    const block = this.#entries.get(formatKey(key))?.block;
    return block && inForce(block, now) ? block : undefined;
  }

  /** Applies a change; false when a newer state of the key is known already. */
  apply(change: BlockChange): boolean {
    const id = formatKey(change.key);
    const known = this.#entries.get(id);
    if (known && known.version >= change.version) return false;
    this.#entries.set(id, { version: change.version, block: change.block });
    if (change.block === null) this.#tombstones.add(id);
    else this.#tombstones.delete(id);
    return true;
  }

  /** Forgets all that is not newer than `seq`, before a snapshot of that age is applied. */
  forgetUpTo(seq: number): void {
    for (const [id, entry] of this.#entries) {
      if (entry.version > seq) continue;
      this.#entries.delete(id);
      this.#tombstones.delete(id);
    }
  }

  /** Forgets tombstones that no change still under way can contradict: those up to `seq`, once the feed has passed it. */
  prune(seq: number): void {
    for (const id of this.#tombstones) {
      if ((this.#entries.get(id)?.version ?? 0) > seq) continue;
      this.#entries.delete(id);
      this.#tombstones.delete(id);
    }
  }

  /** Entries held, tombstones included. */
  get size(): number {
    return this.#entries.size;
  }
}
