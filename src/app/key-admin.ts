import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { StartError } from '../base/errors.ts';
import { systemIds } from '../base/ids.ts';
import type { AccessKey } from '../core/access-keys.ts';
import type { KeyStore } from '../core/ports.ts';
import type { Config } from './config.ts';
import { readIfPresent, writePrivateFile } from './data-folder.ts';
import { createRootKey, makeKeyPair, ROOT_KEY_FILE } from './root-key.ts';
import type { KeyPair } from './root-key.ts';
import { withStore } from './with-store.ts';

/** A key as lists show it: everything but the secret. */
export type KeyFacts = Omit<AccessKey, 'secret' | 'version'>;

/** The access keys of a store, for the operator on its machine; works while the service runs and while it does not. */
export interface KeyAdmin {
  list(): Promise<KeyFacts[]>;
  /** The new pair; its secret is not shown again. */
  create(note: string | null): Promise<KeyPair>;
  /** @throws StartError when there is no such key, or it is the last active root key and `force` is false */
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
  return withStore(config, (store) => work(keyAdmin(store.keys, config.options.data)));
}

function keyAdmin(keys: KeyStore, directory: string): KeyAdmin {
  return {
    list: async () => (await keys.listKeys()).map(factsOf),
    create: (note) => create(keys, note),
    async disable(accessKeyId, force) {
      await guard(keys, accessKeyId, force);
      await keys.setKeyStatus(accessKeyId, 'disabled');
    },
    async delete(accessKeyId, force) {
      await guard(keys, accessKeyId, force);
      await keys.deleteKey(accessKeyId);
    },
    async recover() {
      const path = join(directory, ROOT_KEY_FILE);
      const oldPath = await keepOldFile(path);
      const pair = await createRootKey({ keys, directory, clock: systemClock, ids: systemIds }, undefined);
      return { pair, path, oldPath };
    },
  };
}

/** A copy, so that there is a key file at every moment; gives its path. */
async function keepOldFile(path: string): Promise<string | undefined> {
  const text = await readIfPresent(path);
  if (text === undefined) return undefined;
  const oldPath = `${path}.old`;
  await writePrivateFile(oldPath, text);
  return oldPath;
}

async function create(keys: KeyStore, note: string | null): Promise<KeyPair> {
  const pair = makeKeyPair(systemIds);
  await keys.createKey({
    accessKeyId: pair.accessKeyId,
    secret: pair.accessKeySecret,
    accountId: await keys.rootAccountId(),
    userId: null,
    note,
    root: false,
    createdAt: systemClock.now(),
  });
  return pair;
}

/** The last way in is not closed by accident. */
async function guard(keys: KeyStore, accessKeyId: string, force: boolean): Promise<void> {
  const known = await keys.listKeys();
  const key = known.find((candidate) => candidate.accessKeyId === accessKeyId);
  if (!key) throw new StartError(`there is no access key ${accessKeyId}: sluice keys list shows them`);
  const roots = known.filter(({ root, status }) => root && status === 'active');
  if (!force && roots.length === 1 && roots[0] === key)
    throw new StartError(
      `${accessKeyId} is the last active root key: make another with sluice keys recover first, or add --force`,
    );
}

function factsOf({ secret: _secret, version: _version, ...facts }: AccessKey): KeyFacts {
  return facts;
}
