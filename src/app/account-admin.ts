import { systemClock } from '../base/clock.ts';
import { StartError } from '../base/errors.ts';
import { systemIds } from '../base/ids.ts';
import type { Store } from '../core/ports.ts';
import { makeKeyPair } from '../core/ram/access-keys.ts';
import type { KeyPair } from '../core/ram/access-keys.ts';
import { newAccountId } from '../core/ram/ram-ids.ts';
import { readAccounts } from './account-store.ts';
import type { AccountStore } from './account-store.ts';
import { recordCommand } from './command-line-record.ts';
import type { Config } from './config.ts';
import { withStore } from './with-store.ts';

/** An account as lists show it. */
export interface AccountFacts {
  readonly accountId: string;
  readonly name: string;
  /** Whether it owns the installation. */
  readonly root: boolean;
  /** Epoch milliseconds; null: the root account, of which nothing was written yet. */
  readonly createdAt: number | null;
  readonly users: number;
  readonly roles: number;
  /** Domains that its calls named first; those of `domains.owners` are the configuration's. */
  readonly domains: number;
  /** Keys of its owner. */
  readonly ownerKeys: number;
}

/** The accounts of a store, for the operator on its machine; works while the service runs and while it does not. */
export interface AccountAdmin {
  /** The root account first, then by age. */
  list(): Promise<AccountFacts[]>;
  /** The new account with its owner's first key, whose secret is not shown again. @throws StartError for a name in use */
  create(name: string): Promise<{ accountId: string; pair: KeyPair }>;
}

/**
 * Opens the store of the data folder, lets `work` look at its accounts and add some, and closes it.
 * @throws StartError when there is no store, or it cannot be opened
 */
export function withAccountAdmin<T>(config: Config, work: (admin: AccountAdmin) => Promise<T>): Promise<T> {
  return withStore(config, (store) =>
    work({ list: () => list(store), create: (name) => create(store, name) }),
  );
}

async function list(store: Store): Promise<AccountFacts[]> {
  const accounts = await readAccounts(store);
  const { directory, rootAccountId } = accounts;
  const others = directory.accounts().filter(({ id }) => id !== rootAccountId);
  others.sort((a, b) => a.createdAt - b.createdAt);
  return [rootAccountId, ...others.map(({ id }) => id)].map((id) => factsOf(accounts, id));
}

function factsOf({ directory, keys, rootAccountId }: AccountStore, accountId: string): AccountFacts {
  const { users, roles, domains } = directory.view(accountId);
  const account = directory.account(accountId);
  return {
    accountId,
    name: account?.name ?? accountId,
    root: accountId === rootAccountId,
    createdAt: account?.createdAt ?? null,
    users: users.size,
    roles: roles.size,
    domains: domains.size,
    ownerKeys: keys.listOf(accountId, null).length,
  };
}

async function create(store: Store, name: string): Promise<{ accountId: string; pair: KeyPair }> {
  const accounts = await readAccounts(store);
  const { directory, rootAccountId, changes } = accounts;
  const accountId = newAccountId(systemIds);
  const pair = makeKeyPair(systemIds);
  const { accessKeyId, accessKeySecret: secret } = pair;
  const owner = { accountId, userId: null, note: 'first key', root: false };
  const key = { ...owner, accessKeyId, secret, createdAt: systemClock.now() };
  await changes.change(accountId, null, () => {
    const taken = directory.accounts().find((known) => known.name === name);
    if (taken) throw new StartError(`account ${taken.id} has the name ${name} already`);
    // One in 10^15; but the other's account would be renamed.
    if (directory.account(accountId) || accountId === rootAccountId) throw new StartError('call it again');
    return { name, keys: [{ kind: 'create', key }], result: undefined };
  });
  const effect = { AccountName: name, AccessKeyId: accessKeyId };
  recordCommand(store, { accountId, action: 'sluice accounts create', target: accountId, effect });
  return { accountId, pair };
}
