import type { AccessKey } from '../core/access-keys.ts';
import type {
  ChangeFeed,
  DirectoryStore,
  FeedChange,
  KeyStore,
  KeyWrite,
  NewKey,
  Snapshot,
} from '../core/ports.ts';
import type { Clock } from '../base/clock.ts';
import { messageOf, StartError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { NewSealedKey, SealedKey } from './key-rows.ts';
import type { SealedKeyWrite } from './directory.ts';
import type { SecretBox } from './secret-box.ts';
import type { StoreLink } from './link.ts';

/** What opening and sealing keys needs. */
export interface KeyStoreDeps {
  readonly link: StoreLink;
  readonly box: SecretBox;
  readonly clock: Clock;
  readonly log: Logger;
  readonly rootAccountId: string;
}

/** The keys with their secrets opened; the master key never leaves this thread. */
export function createKeyStore({
  link,
  box,
  clock,
  log,
  rootAccountId,
}: KeyStoreDeps): KeyStore & ChangeFeed & DirectoryStore & { wipe(rootKey: NewKey): Promise<void> } {
  /** A key whose secret cannot be opened is no key: its calls are refused, all others work. */
  const open = ({ sealedSecret, ...key }: SealedKey): AccessKey | null => {
    try {
      return { ...key, secret: box.open(sealedSecret, key.accessKeyId) };
    } catch (error) {
      const { accessKeyId } = key;
      log.error({ accessKeyId, error: messageOf(error) }, 'a stored secret cannot be opened');
      return null;
    }
  };
  const openAll = (keys: SealedKey[]): AccessKey[] => keys.flatMap((key) => open(key) ?? []);
  const seal = ({ secret, ...key }: NewKey): NewSealedKey => ({
    ...key,
    sealedSecret: box.seal(secret, key.accessKeyId),
  });
  const sealWrite = (write: KeyWrite): SealedKeyWrite =>
    write.kind === 'create' ? { kind: 'create', key: seal(write.key) } : write;
  return {
    async createKey(key) {
      const { version } = await link.call('createKey', seal(key));
      return { ...key, status: 'active', version };
    },
    async writeDirectory(write) {
      const outcome = await link.call('writeDirectory', { ...write, keys: write.keys.map(sealWrite) });
      if (outcome.kind !== 'done') return outcome;
      const keys = outcome.keys.map((change) => ({ ...change, key: change.key && open(change.key) }));
      return { ...outcome, keys };
    },
    beginCall: (caller) => link.call('beginCall', { caller, now: clock.now() }),
    async listKeys() {
      const sealed = await link.call('listKeys', null);
      const keys = openAll(sealed);
      // No key at all means a first start, which makes one; damaged keys must not look like that.
      if (keys.length === 0 && sealed.length > 0)
        throw new StartError('none of the access keys in the store can be opened: restore a backup');
      return keys;
    },
    wipe: (rootKey) => link.call('wipe', { rootKey: seal(rootKey) }),
    rootAccountId: () => Promise.resolve(rootAccountId),
    async snapshot(): Promise<Snapshot> {
      const { keys, ...rest } = await link.call('snapshot', null);
      return { ...rest, keys: openAll(keys) };
    },
    head: () => link.call('head', null),
    async changesSince(seq) {
      const { changes, gap } = await link.call('changesSince', { seq });
      const opened = changes.map((change): FeedChange =>
        change.kind !== 'key' ? change : { ...change, key: change.key && open(change.key) },
      );
      return { changes: opened, gap };
    },
  };
}
