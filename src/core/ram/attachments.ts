import type { AccountPlan } from '../account-changes.ts';
import type { AccountView } from '../directory.ts';
import type { GroupEntity, PolicyAttachment, RoleEntity, UserEntity } from '../entities.ts';
import { findPolicy } from './known-policies.ts';
import type { KnownPolicy, PolicyName } from './known-policies.ts';
import { found, RamError } from './ram-error.ts';

/** The most policies that one user, group or role bears. */
export const MAX_ATTACHED_POLICIES = 20;

/** What policies are attached to. */
export interface Bearers {
  readonly user: UserEntity;
  readonly group: GroupEntity;
  readonly role: RoleEntity;
}

/** A user, group or role by its name. */
export interface BearerName {
  readonly kind: keyof Bearers;
  readonly name: string;
}

/** A user, group or role that bears a policy, and since when (epoch milliseconds). */
export interface Bearing<T> {
  readonly bearer: T;
  readonly attachedAt: number;
}

/** A policy that is attached, and since when (epoch milliseconds). */
export interface AttachedPolicy {
  readonly policy: KnownPolicy;
  readonly attachedAt: number;
}

/** Attaches a policy. @throws RamError `not-found`, `exists`, `limit` */
export function attachPolicy(
  account: AccountView,
  { to, policy }: { readonly to: BearerName; readonly policy: PolicyName },
  now: number,
): AccountPlan<undefined> {
  const bearer = bearerNamed(account, to);
  const { type, name } = findPolicy(account, policy);
  const thing = `${to.kind}-policy` as const;
  if (bearer.policies.some(isOf(policy))) throw new RamError({ kind: 'exists', thing });
  if (bearer.policies.length >= MAX_ATTACHED_POLICIES) throw new RamError({ kind: 'limit', thing });
  const policies = [...bearer.policies, { type, name, attachedAt: now }];
  return { puts: [{ ...bearer, policies }], result: undefined };
}

/**
 * Takes a policy away. One that a release of the service brought and a later one did not can still be taken away.
 * @throws RamError `not-found`
 */
export function detachPolicy(
  account: AccountView,
  { from, policy }: { readonly from: BearerName; readonly policy: PolicyName },
): AccountPlan<undefined> {
  const bearer = bearerNamed(account, from);
  const attached = bearer.policies.find(isOf(policy));
  if (!attached) {
    findPolicy(account, policy);
    throw new RamError({ kind: 'not-found', thing: `${from.kind}-policy` });
  }
  const policies = bearer.policies.filter((other) => other !== attached);
  return { puts: [{ ...bearer, policies }], result: undefined };
}

/** The policies that are attached to a user, group or role itself, oldest first. @throws RamError `not-found` */
export function policiesAttachedTo(account: AccountView, to: BearerName): AttachedPolicy[] {
  return bearerNamed(account, to).policies.map(({ attachedAt, ...policy }) => ({
    policy: findPolicy(account, policy),
    attachedAt,
  }));
}

/** The users, groups or roles that bear a policy, by name. */
export function bearersOf<K extends keyof Bearers>(
  account: AccountView,
  kind: K,
  policy: PolicyName,
): Bearing<Bearers[K]>[] {
  const all = [...mapOf(account, kind).values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  return all.flatMap((bearer) => {
    const attached = bearer.policies.find(isOf(policy));
    return attached ? [{ bearer, attachedAt: attached.attachedAt }] : [];
  });
}

/** How many users, groups and roles bear each policy, by `<type>/<name>`; a policy that none bears is not in it. */
export function attachmentCounts(account: AccountView): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { policies } of [account.users, account.groups, account.roles].flatMap((map) => [
    ...map.values(),
  ]))
    for (const { type, name } of policies)
      counts.set(`${type}/${name}`, (counts.get(`${type}/${name}`) ?? 0) + 1);
  return counts;
}

function mapOf<K extends keyof Bearers>(account: AccountView, kind: K): ReadonlyMap<string, Bearers[K]> {
  const maps: { readonly [B in keyof Bearers]: ReadonlyMap<string, Bearers[B]> } = {
    user: account.users,
    group: account.groups,
    role: account.roles,
  };
  return maps[kind];
}

function bearerNamed(account: AccountView, { kind, name }: BearerName): Bearers[keyof Bearers] {
  return found(kind, mapOf(account, kind).get(name));
}

const isOf =
  (policy: PolicyName) =>
  ({ type, name }: PolicyAttachment): boolean =>
    type === policy.type && name === policy.name;
