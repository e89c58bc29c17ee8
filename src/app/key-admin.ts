import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { StartError } from '../base/errors.ts';
import { systemIds } from '../base/ids.ts';
import type { AccessKey } from '../core/access-keys.ts';
import type { AccountPlan } from '../core/account-changes.ts';
import type { Store } from '../core/ports.ts';
import { deleteKey, makeKeyPair, MAX_USER_KEYS, setKeyStatus } from '../core/ram/access-keys.ts';
import type { KeyPair } from '../core/ram/access-keys.ts';
import { RamError } from '../core/ram/ram-error.ts';
import { accountNamed, readAccounts, userNamed } from './account-store.ts';
import { recordCommand } from './command-line-record.ts';
import type { Config } from './config.ts';
import { readIfPresent, writePrivateFile } from './data-folder.ts';
import { createRootKey, ROOT_KEY_FILE } from './root-key.ts';
import { withStore } from './with-store.ts';

/** A key as lists show it: everything but the secret, and the name of its user; null: the account owner's. */
export type KeyFacts = Omit<AccessKey, 'secret' | 'version'> & { readonly userName: string | null };

/** Whose key is to be made, and what for. */
export interface KeyWish {
  /** Absent: the root account. */
  readonly account?: string;
  /** Name of a RAM user; absent: the account's owner. */
  readonly user?: string;
  /** What the key is for. */
  readonly note?: string;
}

/** The access keys of a store, for the operator on its machine; works while the service runs and while it does not. */
export interface KeyAdmin {
  list(): Promise<KeyFacts[]>;
  /** The new pair; its secret is not shown again. @throws StartError naming what cannot be */
  create(wish: KeyWish): Promise<KeyPair>;
  /** @throws StartError when there is no such key */
  enable(accessKeyId: string): Promise<void>;
  /** @throws StartError when there is no such key, or it is the last one that lets its owner in and `force` is false */
  disable(accessKeyId: string, force: boolean): Promise<void>;
  /** @throws StartError as {@link KeyAdmin.disable} */
  delete(accessKeyId: string, force: boolean): Promise<void>;
  /** Makes a new root key and writes it to the root key file, keeping the old file (`*.old`) if there is one. */
  recover(): Promise<{ pair: KeyPair; path: string; oldPath: string | undefined }>;
}

/**
 * Opens the store of the data folder, lets `work` change its keys, and closes it. A running service takes the changes
 * from the change feed.
 * @throws StartError when there is no store, or it cannot be opened
 */
export function withKeyAdmin<T>(config: Config, work: (admin: KeyAdmin) => Promise<T>): Promise<T> {
  return withStore(config, (store) => work(keyAdmin(store, config.options.data)));
}

function keyAdmin(store: Store, directory: string): KeyAdmin {
  const { keys } = store;
  return {
    list: () => list(store),
    create: (wish) => create(store, wish),
    enable: (accessKeyId) =>
      changeKey(store, { accessKeyId, command: 'enable' }, (held) =>
        setKeyStatus(held, { accessKeyId, status: 'active' }),
      ),
    disable: (accessKeyId, force) =>
      changeKey(store, { accessKeyId, command: 'disable' }, (held) =>
        setKeyStatus(held, { accessKeyId, status: 'disabled', force }),
      ),
    delete: (accessKeyId, force) =>
      changeKey(store, { accessKeyId, command: 'delete' }, (held) => deleteKey(held, { accessKeyId, force })),
    async recover() {
      const path = join(directory, ROOT_KEY_FILE);
      const oldPath = await keepOldFile(path);
      const pair = await createRootKey({ keys, directory, clock: systemClock, ids: systemIds }, undefined);
      const accountId = await keys.rootAccountId();
      recordKey(store, 'recover', { accountId, accessKeyId: pair.accessKeyId, userId: null, root: true });
      return { pair, path, oldPath };
    },
  };
}

/** Whose key it is goes along: a key that is gone tells no more. */
function recordKey(
  store: Store,
  command: string,
  { accountId, accessKeyId, userId, root }: Pick<AccessKey, 'accountId' | 'accessKeyId' | 'userId' | 'root'>,
): void {
  const effect = userId === null ? { Root: root } : { UserId: userId };
  recordCommand(store, { accountId, action: `sluice keys ${command}`, target: accessKeyId, effect });
}

async function list(store: Store): Promise<KeyFacts[]> {
  const { directory } = await readAccounts(store);
  const known = await store.keys.listKeys();
  return known.map(({ secret: _secret, version: _version, ...facts }) => {
    const user = facts.userId === null ? undefined : directory.user(facts.userId);
    return { ...facts, userName: user?.name ?? facts.userId };
  });
}

/** A copy, so that there is a key file at every moment; gives its path. */
async function keepOldFile(path: string): Promise<string | undefined> {
  const text = await readIfPresent(path);
  if (text === undefined) return undefined;
  const oldPath = `${path}.old`;
  await writePrivateFile(oldPath, text);
  return oldPath;
}

/** A change of the account, so that a user who is deleted in this moment gets no key. */
async function create(store: Store, { account, user, note }: KeyWish): Promise<KeyPair> {
  const accounts = await readAccounts(store);
  const accountId = accountNamed(accounts, account);
  const pair = makeKeyPair(systemIds);
  const { accessKeyId, accessKeySecret: secret } = pair;
  const made = await accounts.changes.change(accountId, null, (_, createdAt) => {
    const userId = user === undefined ? null : userNamed(accounts, accountId, user).id;
    if (userId !== null && accounts.keys.listOf(accountId, userId).length >= MAX_USER_KEYS)
      throw new StartError(`user ${user} has ${MAX_USER_KEYS} access keys already: delete one first`);
    const key = { accessKeyId, secret, accountId, userId, note: note ?? null, root: false, createdAt };
    return { keys: [{ kind: 'create', key }], result: key };
  });
  recordKey(store, 'create', made);
  return pair;
}

/** A change of one key by the rules that the API goes by too. @throws StartError as {@link KeyAdmin.disable} */
async function changeKey(
  store: Store,
  { accessKeyId, command }: { readonly accessKeyId: string; readonly command: string },
  plan: (held: readonly AccessKey[]) => AccountPlan<undefined>,
): Promise<void> {
  const { keys, changes } = await readAccounts(store);
  const key = keys.find(accessKeyId);
  if (!key) throw noSuchKey(accessKeyId);
  const { accountId, userId } = key;
  try {
    await changes.change(accountId, null, () => plan(keys.listOf(accountId, userId)));
  } catch (error) {
    throw error instanceof RamError ? refusalOf(error, key) : error;
  }
  recordKey(store, command, key);
}

function refusalOf({ problem }: RamError, { accessKeyId, root }: AccessKey): StartError {
  if (problem.kind !== 'last-key') return noSuchKey(accessKeyId);
  const [what, maker] = root ? ['root key', 'recover'] : ['key of its account', 'create'];
  return new StartError(
    `${accessKeyId} is the last active ${what}: make another with sluice keys ${maker} first, or add --force`,
  );
}

function noSuchKey(accessKeyId: string): StartError {
  return new StartError(`there is no access key ${accessKeyId}: sluice keys list shows them`);
}
