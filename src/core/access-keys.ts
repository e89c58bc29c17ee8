import { VersionedMap } from './versioned-map.ts';

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
  readonly #keys = new VersionedMap<AccessKey>();

  /** The key of this id, or undefined when there is none. */
  find(accessKeyId: string): AccessKey | undefined {
    return this.#keys.get(accessKeyId);
  }

  /** The keys of an account's user, or of the account's owner (null), the oldest first. */
  listOf(accountId: string, userId: string | null): AccessKey[] {
    return [...this.#keys.values()]
      .filter((key) => key.accountId === accountId && key.userId === userId)
      .sort((a, b) => a.createdAt - b.createdAt || a.version - b.version);
  }

  /** Applies a change of the feed unless a newer state is known. */
  apply(accessKeyId: string, key: AccessKey | null, version: number): void {
    this.#keys.apply(accessKeyId, key, version);
  }

  /** Replaces everything that is not newer than `seq` by a snapshot of that age. */
  reset(keys: readonly AccessKey[], seq: number): void {
    this.#keys.forgetUpTo(seq);
    for (const key of keys) this.apply(key.accessKeyId, key, key.version);
  }

  /** Forgets deleted keys that the feed has passed. */
  prune(seq: number): void {
    this.#keys.prune(seq);
  }
}
