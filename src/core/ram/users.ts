import type { Ids } from '../../base/ids.ts';
import type { AccessKey } from '../access-keys.ts';
import type { AccountPlan } from '../account-changes.ts';
import type { AccountView } from '../directory.ts';
import type { UserEntity } from '../entities.ts';
import { found, RamError } from './ram-error.ts';
import { newEntityId } from './ram-ids.ts';

/** The most users of an account (the vendor's default). */
export const MAX_USERS = 1000;

/** What a caller can say of a user; what is left out stays as it is. */
export interface UserDetails {
  readonly displayName?: string;
  readonly mobilePhone?: string;
  readonly email?: string;
  readonly comments?: string;
}

/** Adds a user. @throws RamError `exists`, `limit` */
export function createUser(
  account: AccountView,
  asked: UserDetails & { readonly name: string; readonly accountId: string },
  { ids, now }: { ids: Ids; now: number },
): AccountPlan<UserEntity> {
  const { name, accountId } = asked;
  if (account.users.has(name)) throw new RamError({ kind: 'exists', thing: 'user' });
  if (account.users.size >= MAX_USERS) throw new RamError({ kind: 'limit', thing: 'user' });
  const user: UserEntity = {
    kind: 'user',
    id: newEntityId(ids),
    accountId,
    name,
    displayName: asked.displayName ?? name,
    mobilePhone: asked.mobilePhone ?? null,
    email: asked.email ?? null,
    comments: asked.comments ?? null,
    createdAt: now,
    updatedAt: now,
    policies: [],
  };
  return { puts: [user], result: user };
}

/** Changes a user, its name too. @throws RamError `not-found`, `exists` */
export function updateUser(
  account: AccountView,
  { name, newName = name, ...details }: UserDetails & { readonly name: string; readonly newName?: string },
  now: number,
): AccountPlan<UserEntity> {
  const known = found('user', account.users.get(name));
  if (newName !== name && account.users.has(newName)) throw new RamError({ kind: 'exists', thing: 'user' });
  const user = { ...known, ...details, name: newName, updatedAt: now };
  return { puts: [user], result: user };
}

/** Deletes a user that has nothing left; `keysOf` gives the keys of a user. @throws RamError `not-found`, `in-use` */
export function deleteUser(
  account: AccountView,
  name: string,
  keysOf: (userId: string) => readonly AccessKey[],
): AccountPlan<undefined> {
  const user = found('user', account.users.get(name));
  const inUse = (by: 'access-key' | 'group' | 'policy'): RamError =>
    new RamError({ kind: 'in-use', thing: 'user', by });
  if (keysOf(user.id).length > 0) throw inUse('access-key');
  if (user.policies.length > 0) throw inUse('policy');
  const groups = [...account.groups.values()];
  if (groups.some(({ members }) => members.some(({ userId }) => userId === user.id))) throw inUse('group');
  return { removes: [{ kind: 'user', id: user.id }], result: undefined };
}
