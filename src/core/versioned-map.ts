interface Entry<T> {
  readonly version: number;
  /** Null: the thing is gone. */
  readonly value: T | null;
}

/**
 * Things by their id, applied by version and never by arrival: a change that comes late cannot undo the one after it.
 * What is gone leaves a tombstone until the feed has passed it, so that no change still under way brings it back.
 */
export class VersionedMap<T> {
  readonly #entries = new Map<string, Entry<T>>();
  /** Ids of what is gone: forgetting must not cost a look at all that is there. */
  readonly #tombstones = new Set<string>();

  /** The thing of this id, or undefined when there is none. */
  get(id: string): T | undefined {
    return this.#entries.get(id)?.value ?? undefined;
  }

  /** The version of the last change of an id, a tombstone's too; 0 when there is none. */
  versionOf(id: string): number {
    return this.#entries.get(id)?.version ?? 0;
  }

  /** All things that are there. */
  *values(): Generator<T> {
    for (const { value } of this.#entries.values()) if (value !== null) yield value;
  }

  /** Applies a change (null: the thing is gone); false when a newer state of the id is known already. */
  apply(id: string, value: T | null, version: number): boolean {
    const known = this.#entries.get(id);
    if (known && known.version >= version) return false;
    this.#entries.set(id, { version, value });
    if (value === null) this.#tombstones.add(id);
    else this.#tombstones.delete(id);
    return true;
  }

  /** Forgets all that is not newer than `seq`, before a snapshot of that age is applied; gives what was there of it. */
  forgetUpTo(seq: number): T[] {
    const forgotten: T[] = [];
    for (const [id, { version, value }] of this.#entries) {
      if (version > seq) continue;
      this.#forget(id);
      if (value !== null) forgotten.push(value);
    }
    return forgotten;
  }

  /** Forgets tombstones that no change still under way can contradict: those up to `seq`, once the feed has passed it. */
  prune(seq: number): void {
    for (const id of this.#tombstones) if (this.versionOf(id) <= seq) this.#forget(id);
  }

  /** Entries held, tombstones included. */
  get size(): number {
    return this.#entries.size;
  }

  #forget(id: string): void {
    this.#entries.delete(id);
    this.#tombstones.delete(id);
  }
}
