import fc from 'fast-check';
import { expect, it } from 'vitest';
import { systemIds } from '../../../src/base/ids.ts';
import { KeyRing } from '../../../src/core/access-keys.ts';
import type { AccountPlan } from '../../../src/core/account-changes.ts';
import { Directory } from '../../../src/core/directory.ts';
import { createKey, deleteKey, keyHolder, MAX_USER_KEYS } from '../../../src/core/ram/access-keys.ts';
import {
  addUserToGroup,
  createGroup,
  deleteGroup,
  groupsOfUser,
  removeUserFromGroup,
  updateGroup,
  usersOfGroup,
} from '../../../src/core/ram/groups.ts';
import { RamError } from '../../../src/core/ram/ram-error.ts';
import type { RamProblem } from '../../../src/core/ram/ram-error.ts';
import { createUser, deleteUser, updateUser } from '../../../src/core/ram/users.ts';

const accountId = '2000000000000001';
const USERS = ['alice', 'bob', 'carol'];
const GROUPS = ['staff', 'crew'];

type Step =
  | { readonly kind: 'create-user' | 'delete-user' | 'create-key' | 'delete-key'; readonly user: string }
  | { readonly kind: 'rename-user'; readonly user: string; readonly to: string }
  | { readonly kind: 'create-group' | 'delete-group'; readonly group: string }
  | { readonly kind: 'rename-group'; readonly group: string; readonly to: string }
  | { readonly kind: 'join' | 'leave'; readonly user: string; readonly group: string };

const user = fc.constantFrom(...USERS);
const group = fc.constantFrom(...GROUPS);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('create-user', 'create-user', 'delete-user', 'create-key', 'delete-key'),
    user,
  }),
  fc.record({ kind: fc.constant('rename-user'), user, to: user }),
  fc.record({ kind: fc.constantFrom('create-group', 'create-group', 'delete-group'), group }),
  fc.record({ kind: fc.constant('rename-group'), group, to: group }),
  fc.record({ kind: fc.constantFrom('join', 'join', 'leave'), user, group }),
);

/** The rules over a directory and a key ring, applied as a store would. */
class Account {
  readonly directory = new Directory();
  readonly keys = new KeyRing();
  #version = 0;

  get view() {
    return this.directory.view(accountId);
  }

  keysOf(userId: string) {
    return this.keys.listOf(accountId, userId);
  }

  /** What the rules say: undefined for done. */
  take(step: Step): RamProblem | undefined {
    try {
      this.#apply(this.#plan(step));
      return undefined;
    } catch (error) {
      if (error instanceof RamError) return error.problem;
      throw error;
    }
  }

  #plan(step: Step): AccountPlan<unknown> {
    const { view } = this;
    const made = { ids: systemIds, now: this.#version };
    switch (step.kind) {
      case 'create-user':
        return createUser(view, { name: step.user, accountId }, made);
      case 'rename-user':
        return updateUser(view, { name: step.user, newName: step.to }, made.now);
      case 'delete-user':
        return deleteUser(view, step.user, (userId) => this.keysOf(userId));
      case 'create-key': {
        const holder = this.#holder(step.user);
        return createKey(holder, this.keysOf(holder.userId!), made);
      }
      case 'delete-key': {
        const held = this.keysOf(this.#holder(step.user).userId!);
        return deleteKey(held, { accessKeyId: held[0]?.accessKeyId ?? 'none' });
      }
      case 'create-group':
        return createGroup(view, { name: step.group, accountId }, made);
      case 'rename-group':
        return updateGroup(view, { name: step.group, newName: step.to }, made.now);
      case 'delete-group':
        return deleteGroup(view, step.group);
      case 'join':
        return addUserToGroup(view, { userName: step.user, groupName: step.group }, made.now);
      case 'leave':
        return removeUserFromGroup(view, { userName: step.user, groupName: step.group });
    }
  }

  #holder(userName: string) {
    return keyHolder(this.view, { principal: { kind: 'owner', accountId }, userName });
  }

  #apply({ puts = [], removes = [], keys = [] }: AccountPlan<unknown>): void {
    for (const { kind, id } of removes)
      this.directory.apply({ kind, id, version: ++this.#version, entity: null });
    for (const entity of puts)
      this.directory.apply({ kind: entity.kind, id: entity.id, version: ++this.#version, entity });
    for (const write of keys) {
      const version = ++this.#version;
      if (write.kind === 'create')
        this.keys.apply(write.key.accessKeyId, { ...write.key, status: 'active', version }, version);
      else this.keys.apply(write.accessKeyId, null, version);
    }
  }
}

/** The same told with sets of objects: who is who does not hang on names. */
class Model {
  readonly users = new Map<string, { keys: number }>();
  readonly groups = new Map<string, Set<object>>();

  take(step: Step): RamProblem | undefined {
    if ('user' in step && step.kind !== 'create-user' && !this.users.has(step.user))
      return { kind: 'not-found', thing: 'user' };
    if ('group' in step && step.kind !== 'create-group' && !this.groups.has(step.group))
      return { kind: 'not-found', thing: 'group' };
    switch (step.kind) {
      case 'create-user':
        if (this.users.has(step.user)) return { kind: 'exists', thing: 'user' };
        return void this.users.set(step.user, { keys: 0 });
      case 'create-group':
        if (this.groups.has(step.group)) return { kind: 'exists', thing: 'group' };
        return void this.groups.set(step.group, new Set());
      case 'rename-user':
        return rename(this.users, { from: step.user, to: step.to }, 'user');
      case 'rename-group':
        return rename(this.groups, { from: step.group, to: step.to }, 'group');
      default:
        return this.#others(step);
    }
  }

  #others(step: Step): RamProblem | undefined {
    const someone = 'user' in step ? this.users.get(step.user) : undefined;
    const members = 'group' in step ? this.groups.get(step.group) : undefined;
    switch (step.kind) {
      case 'delete-user':
        if (someone!.keys > 0) return { kind: 'in-use', thing: 'user', by: 'access-key' };
        if ([...this.groups.values()].some((set) => set.has(someone!)))
          return { kind: 'in-use', thing: 'user', by: 'group' };
        return void this.users.delete(step.user);
      case 'create-key':
        if (someone!.keys >= MAX_USER_KEYS) return { kind: 'limit', thing: 'access-key' };
        someone!.keys++;
        return undefined;
      case 'delete-key':
        if (someone!.keys === 0) return { kind: 'not-found', thing: 'access-key' };
        someone!.keys--;
        return undefined;
      case 'delete-group':
        if (members!.size > 0) return { kind: 'in-use', thing: 'group', by: 'user' };
        return void this.groups.delete(step.group);
      case 'join':
        if (members!.has(someone!)) return { kind: 'exists', thing: 'membership' };
        return void members!.add(someone!);
      case 'leave':
        return members!.delete(someone!) ? undefined : { kind: 'not-found', thing: 'membership' };
      default:
        throw new Error(`not here: ${step.kind}`);
    }
  }

  /** See {@link stateOf}. */
  state() {
    const namesIn = (set: Set<object>) =>
      [...this.users].flatMap(([name, someone]) => (set.has(someone) ? [name] : [])).sort();
    const groupsOf = (someone: object) =>
      [...this.groups].flatMap(([name, set]) => (set.has(someone) ? [name] : [])).sort();
    return {
      users: [...this.users]
        .map(([name, it]) => ({ name, keys: it.keys, groups: groupsOf(it) }))
        .sort(byName),
      groups: [...this.groups].map(([name, set]) => ({ name, users: namesIn(set) })).sort(byName),
    };
  }
}

const byName = (one: { name: string }, other: { name: string }): number => (one.name < other.name ? -1 : 1);

/** Users with the number of their keys and their groups, and groups with their users, as the lists show them. */
function stateOf(account: Account) {
  const { view } = account;
  const users = [...view.users].map(([name, { id }]) => {
    const groups = groupsOfUser(view, name).map((joined) => joined.group.name);
    return { name, keys: account.keysOf(id).length, groups };
  });
  const groups = [...view.groups.keys()].map((name) => {
    const members = usersOfGroup(view, name).map((member) => member.user.name);
    return { name, users: members.sort() };
  });
  return { users: users.sort(byName), groups: groups.sort(byName) };
}

function rename<T>(
  within: Map<string, T>,
  { from, to }: { from: string; to: string },
  thing: 'user' | 'group',
): RamProblem | undefined {
  if (from === to) return undefined;
  if (within.has(to)) return { kind: 'exists', thing };
  within.set(to, within.get(from)!);
  within.delete(from);
  return undefined;
}

/** What holds after every change, whatever it was. */
function brokenInvariants({ view, directory }: Account): string[] {
  const broken: string[] = [];
  const ids = [...view.users.values()].map(({ id }) => id);
  if (new Set(ids).size !== ids.length) broken.push('a user is there under two names');
  for (const [name, entity] of [...view.users, ...view.groups])
    if (entity.name !== name) broken.push(`${name} is listed under an old name`);
  for (const { name, members } of view.groups.values()) {
    const userIds = members.map(({ userId }) => userId);
    if (new Set(userIds).size !== userIds.length) broken.push(`${name} has a user twice`);
    if (!userIds.every((id) => directory.user(id))) broken.push(`${name} has a user that is gone`);
  }
  return broken;
}

it('any sequence of changes does what a simple model does', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
      const account = new Account();
      const model = new Model();
      for (const next of steps) {
        const answered = { problem: account.take(next), state: stateOf(account) };
        expect(answered).toEqual({ problem: model.take(next), state: model.state() });
        expect(brokenInvariants(account)).toEqual([]);
      }
    }),
    { numRuns: 150 },
  );
});
