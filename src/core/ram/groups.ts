import type { Ids } from '../../base/ids.ts';
import type { AccountPlan } from '../account-changes.ts';
import type { AccountView } from '../directory.ts';
import type { GroupEntity, UserEntity } from '../entities.ts';
import { found, RamError } from './ram-error.ts';

/** The most groups of an account. */
export const MAX_GROUPS = 200;

/** The most groups that a user is in (the vendor's default). */
export const MAX_GROUPS_OF_USER = 50;

/** Adds a group without users. @throws RamError `exists`, `limit` */
export function createGroup(
  account: AccountView,
  asked: { readonly name: string; readonly accountId: string; readonly comments?: string },
  { ids, now }: { ids: Ids; now: number },
): AccountPlan<GroupEntity> {
  const { name, accountId } = asked;
  if (account.groups.has(name)) throw new RamError({ kind: 'exists', thing: 'group' });
  if (account.groups.size >= MAX_GROUPS) throw new RamError({ kind: 'limit', thing: 'group' });
  const group: GroupEntity = {
    kind: 'group',
    // The vendor's form of a group's id, unlike those of users and roles.
    id: `g-${ids.token(16)}`,
    accountId,
    name,
    comments: asked.comments ?? null,
    createdAt: now,
    updatedAt: now,
    members: [],
    policies: [],
  };
  return { puts: [group], result: group };
}

/** Changes a group, its name too; its users and policies stay. @throws RamError `not-found`, `exists` */
export function updateGroup(
  account: AccountView,
  asked: { readonly name: string; readonly newName?: string; readonly comments?: string },
  now: number,
): AccountPlan<GroupEntity> {
  const { name, newName = name } = asked;
  const known = found('group', account.groups.get(name));
  if (newName !== name && account.groups.has(newName)) throw new RamError({ kind: 'exists', thing: 'group' });
  const group = { ...known, comments: asked.comments ?? known.comments, name: newName, updatedAt: now };
  return { puts: [group], result: group };
}

/** Deletes a group that has nothing left. @throws RamError `not-found`, `in-use` */
export function deleteGroup(account: AccountView, name: string): AccountPlan<undefined> {
  const group = found('group', account.groups.get(name));
  const inUse = (by: 'user' | 'policy'): RamError => new RamError({ kind: 'in-use', thing: 'group', by });
  if (group.members.length > 0) throw inUse('user');
  if (group.policies.length > 0) throw inUse('policy');
  return { removes: [{ kind: 'group', id: group.id }], result: undefined };
}

/** A user and a group by their names. */
interface MembershipNames {
  readonly userName: string;
  readonly groupName: string;
}

/** Puts a user into a group. @throws RamError `not-found`, `exists`, `limit` */
export function addUserToGroup(
  account: AccountView,
  names: MembershipNames,
  now: number,
): AccountPlan<undefined> {
  const { user, group } = both(account, names);
  if (isMember(group, user)) throw new RamError({ kind: 'exists', thing: 'membership' });
  const count = [...account.groups.values()].filter((other) => isMember(other, user)).length;
  if (count >= MAX_GROUPS_OF_USER) throw new RamError({ kind: 'limit', thing: 'membership' });
  const members = [...group.members, { userId: user.id, joinedAt: now }];
  return { puts: [{ ...group, members }], result: undefined };
}

/** Takes a user out of a group. @throws RamError `not-found` */
export function removeUserFromGroup(account: AccountView, names: MembershipNames): AccountPlan<undefined> {
  const { user, group } = both(account, names);
  if (!isMember(group, user)) throw new RamError({ kind: 'not-found', thing: 'membership' });
  const members = group.members.filter(({ userId }) => userId !== user.id);
  return { puts: [{ ...group, members }], result: undefined };
}

/** The groups that a user is in, by name, and since when, epoch milliseconds. @throws RamError `not-found` */
export function groupsOfUser(
  account: AccountView,
  userName: string,
): { readonly group: GroupEntity; readonly joinedAt: number }[] {
  const user = found('user', account.users.get(userName));
  const joined = [...account.groups.values()].flatMap((group) =>
    group.members.flatMap(({ userId, joinedAt }) => (userId === user.id ? [{ group, joinedAt }] : [])),
  );
  return joined.sort((one, other) => (one.group.name < other.group.name ? -1 : 1));
}

/** The users of a group and since when, epoch milliseconds. @throws RamError `not-found` */
export function usersOfGroup(
  account: AccountView,
  groupName: string,
): { readonly user: UserEntity; readonly joinedAt: number }[] {
  const { members } = found('group', account.groups.get(groupName));
  const byId = new Map([...account.users.values()].map((user) => [user.id, user]));
  return members.flatMap(({ userId, joinedAt }) => {
    const user = byId.get(userId);
    return user ? [{ user, joinedAt }] : [];
  });
}

function both(account: AccountView, { userName, groupName }: MembershipNames) {
  const user = found('user', account.users.get(userName));
  return { user, group: found('group', account.groups.get(groupName)) };
}

function isMember(group: GroupEntity, user: UserEntity): boolean {
  return group.members.some(({ userId }) => userId === user.id);
}
