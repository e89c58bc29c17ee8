/** Milliseconds that the nonce of a call is refused: the whole width of the clock window and a minute more. */
export const NONCE_LIFETIME_MS = 31 * 60_000;

/** An access key of an account. The secret is plain here; the store seals it. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secret: string;
  readonly accountId: string;
  /** The RAM user whose key it is; null: it is the account owner's. */
  readonly userId: string | null;
  readonly status: 'active' | 'disabled';
  /** What the operator wrote to tell keys apart. */
  readonly note: string | null;
  /** The account's first key: it can be rotated but not left out. */
  readonly root: boolean;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** The feed sequence number of the change that made this state. */
  readonly version: number;
}

/** The access keys as the gateway sees them: in memory, applied by version. */
export class KeyRing {
  readonly #keys = new Map<string, { version: number; key: AccessKey | null }>();
  /** Ids of keys that are gone. */
  readonly #tombstones = new Set<string>();

  /** The key of this id, or undefined when there is none. */
  find(accessKeyId: string): AccessKey | undefined {
    return this.#keys.get(accessKeyId)?.key ?? undefined;
  }

  /** The keys of an account's user, or of the account's owner (null), the oldest first. */
  listOf(accountId: string, userId: string | null): AccessKey[] {
    const keys = [...this.#keys.values()].flatMap(({ key }) => (key ? [key] : []));
    return keys
      .filter((key) => key.accountId === accountId && key.userId === userId)
      .sort((a, b) => a.createdAt - b.createdAt || a.version - b.version);
  }

  /** Applies a change of the feed unless a newer state is known. */
  apply(accessKeyId: string, key: AccessKey | null, version: number): void {
    const known = this.#keys.get(accessKeyId);
    if (known && known.version >= version) return;
    this.#keys.set(accessKeyId, { version, key });
    if (key === null) this.#tombstones.add(accessKeyId);
    else this.#tombstones.delete(accessKeyId);
  }

  /** Replaces everything that is not newer than `seq` by a snapshot of that age. */
  reset(keys: readonly AccessKey[], seq: number): void {
    for (const [id, { version }] of this.#keys) {
      if (version > seq) continue;
      this.#keys.delete(id);
      this.#tombstones.delete(id);
    }
    for (const key of keys) this.apply(key.accessKeyId, key, key.version);
  }

  /** Forgets deleted keys that the feed has passed. */
  prune(seq: number): void {
    for (const id of this.#tombstones) {
      if ((this.#keys.get(id)?.version ?? 0) > seq) continue;
      this.#keys.delete(id);
      this.#tombstones.delete(id);
    }
  }
}
