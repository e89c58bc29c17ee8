import { systemClock } from '../base/clock.ts';
import { StartError } from '../base/errors.ts';
import { AccountChanges } from '../core/account-changes.ts';
import { KeyRing } from '../core/access-keys.ts';
import { Directory } from '../core/directory.ts';
import type { UserEntity } from '../core/entities.ts';
import type { Store } from '../core/ports.ts';

/** The accounts of a store with their keys, for the commands that work on the store itself. */
export interface AccountStore {
  readonly rootAccountId: string;
  readonly directory: Directory;
  readonly keys: KeyRing;
  readonly changes: AccountChanges;
}

/** Reads the accounts; a running service takes what is changed from the change feed. @throws StoreUnavailableError */
export async function readAccounts(store: Store): Promise<AccountStore> {
  const [directory, keys] = [new Directory(), new KeyRing()];
  const refresh = async (): Promise<void> => {
    const snapshot = await store.feed.snapshot();
    directory.reset(snapshot.entities, snapshot.seq);
    keys.reset(snapshot.keys, snapshot.seq);
  };
  await refresh();
  const changes = new AccountChanges({
    clock: systemClock,
    directory,
    keys,
    store: store.directory,
    refresh,
  });
  return { rootAccountId: await store.keys.rootAccountId(), directory, keys, changes };
}

/** The account of an id, the root account when none is named. @throws StartError when there is none */
export function accountNamed(
  { directory, rootAccountId }: AccountStore,
  accountId: string | undefined,
): string {
  if (accountId === undefined || accountId === rootAccountId) return rootAccountId;
  if (directory.account(accountId)) return accountId;
  throw new StartError(`there is no account ${accountId}: sluice accounts list shows them`);
}

/** A user of an account. @throws StartError when there is none */
export function userNamed({ directory }: AccountStore, accountId: string, name: string): UserEntity {
  const user = directory.view(accountId).users.get(name);
  if (user) return user;
  throw new StartError(
    `account ${accountId} has no user ${name}: make it with sluice call CreateUser --UserName ${name}`,
  );
}
