import type { AccessKey } from '../core/access-keys.ts';
import type { ChangeFeed, FeedChange, KeyStore, Snapshot } from '../core/ports.ts';
import type { Clock } from '../base/clock.ts';
import { messageOf, StartError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { SealedKey } from './key-rows.ts';
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
}: KeyStoreDeps): KeyStore & ChangeFeed {
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
  return {
    async createKey({ secret, ...key }) {
      const { accessKeyId, accountId, note, root, createdAt } = key;
      const sealedSecret = box.seal(secret, accessKeyId);
      const row = { accessKeyId, accountId, note, root, createdAt, sealedSecret };
      const { version } = await link.call('createKey', row);
      return { accessKeyId, accountId, note, root, createdAt, secret, status: 'active', version };
    },
    async listKeys() {
      const sealed = await link.call('listKeys', null);
      const keys = openAll(sealed);
      // No key at all means a first start, which makes one; damaged keys must not look like that.
      if (keys.length === 0 && sealed.length > 0)
        throw new StartError('none of the access keys in the store can be opened: restore a backup');
      return keys;
    },
    async setKeyStatus(accessKeyId, status) {
      const key = await link.call('setKeyStatus', { accessKeyId, status, at: clock.now() });
      return key && (open(key) ?? undefined);
    },
    deleteKey: (accessKeyId) => link.call('deleteKey', { accessKeyId, at: clock.now() }),
    rootAccountId: () => Promise.resolve(rootAccountId),
    async snapshot(): Promise<Snapshot> {
      const { keys, ...rest } = await link.call('snapshot', null);
      return { ...rest, keys: openAll(keys) };
    },
    async changesSince(seq) {
      const { changes, gap } = await link.call('changesSince', { seq });
      const opened = changes.map((change): FeedChange =>
        change.kind === 'block' ? change : { ...change, key: change.key && open(change.key) },
      );
      return { changes: opened, gap };
    },
  };
}
