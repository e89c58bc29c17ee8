import type { Ids } from '../../base/ids.ts';
import type { AccountPlan } from '../account-changes.ts';
import type { AccountView } from '../directory.ts';
import type { PolicyEntity, PolicyVersion } from '../entities.ts';
import { bearersOf } from './attachments.ts';
import { versionOf } from './known-policies.ts';
import { parsePolicyDocument } from './policy-document.ts';
import { newEntityId } from './ram-ids.ts';
import { found, RamError } from './ram-error.ts';
import { SYSTEM_POLICIES } from './system-policies.ts';

/** The most policies of an account's own. */
export const MAX_POLICIES = 500;

/** The most versions of a policy. */
export const MAX_POLICY_VERSIONS = 5;

/** What a new policy consists of. */
export interface NewPolicy {
  readonly accountId: string;
  readonly name: string;
  readonly description: string | null;
  readonly document: string;
}

/**
 * Adds a policy. The name of a system policy is taken in every account, so that nobody attaches the one for the other.
 * @throws RamError `malformed-policy`, `exists`, `limit`
 */
export function createPolicy(
  account: AccountView,
  { accountId, name, description, document }: NewPolicy,
  { ids, now }: { ids: Ids; now: number },
): AccountPlan<PolicyEntity> {
  checkDocument(document);
  if (account.policies.has(name) || SYSTEM_POLICIES.has(name))
    throw new RamError({ kind: 'exists', thing: 'policy' });
  if (account.policies.size >= MAX_POLICIES) throw new RamError({ kind: 'limit', thing: 'policy' });
  const policy: PolicyEntity = {
    kind: 'policy',
    id: newEntityId(ids),
    accountId,
    name,
    description,
    defaultVersion: 'v1',
    versions: [{ id: 'v1', document, createdAt: now }],
    nextVersion: 2,
    createdAt: now,
    updatedAt: now,
  };
  return { puts: [policy], result: policy };
}

/** Changes what is said of a policy. @throws RamError `not-found` */
export function describePolicy(
  account: AccountView,
  { name, description }: { readonly name: string; readonly description: string },
  now: number,
): AccountPlan<PolicyEntity> {
  const policy = { ...ownPolicy(account, name), description, updatedAt: now };
  return { puts: [policy], result: policy };
}

/**
 * Deletes a policy that is attached to nothing, and has no versions but the one in force unless `withVersions`.
 * @throws RamError `not-found`, `in-use`
 */
export function deletePolicy(
  account: AccountView,
  { name, withVersions }: { readonly name: string; readonly withVersions: boolean },
): AccountPlan<undefined> {
  const policy = ownPolicy(account, name);
  for (const kind of ['user', 'group', 'role'] as const)
    if (bearersOf(account, kind, { type: 'Custom', name }).length > 0)
      throw new RamError({ kind: 'in-use', thing: 'policy', by: kind });
  if (policy.versions.length > 1 && !withVersions)
    throw new RamError({ kind: 'in-use', thing: 'policy', by: 'policy-version' });
  return { removes: [{ kind: 'policy', id: policy.id }], result: undefined };
}

/** What a new version of a policy consists of. */
export interface NewPolicyVersion {
  readonly name: string;
  readonly document: string;
  /** Puts the version in force at once. */
  readonly setAsDefault: boolean;
  /** Makes room by dropping the oldest version that is not in force, when there is none. */
  readonly rotate: boolean;
}

/** A policy and one of its versions. */
export interface VersionOfPolicy {
  readonly policy: PolicyEntity;
  readonly version: PolicyVersion;
}

/** Adds a version. Numbers only grow: that of a deleted version is not given again. @throws RamError `malformed-policy`, `not-found`, `limit` */
export function createPolicyVersion(
  account: AccountView,
  { name, document, setAsDefault, rotate }: NewPolicyVersion,
  now: number,
): AccountPlan<VersionOfPolicy> {
  checkDocument(document);
  const known = ownPolicy(account, name);
  const kept = withRoom(known, rotate);
  const version: PolicyVersion = { id: `v${known.nextVersion}`, document, createdAt: now };
  const policy: PolicyEntity = {
    ...known,
    versions: [...kept, version],
    nextVersion: known.nextVersion + 1,
    defaultVersion: setAsDefault ? version.id : known.defaultVersion,
    updatedAt: now,
  };
  return { puts: [policy], result: { policy, version } };
}

/** Puts a version in force. @throws RamError `not-found` */
export function setDefaultPolicyVersion(
  account: AccountView,
  { name, versionId }: { readonly name: string; readonly versionId: string },
  now: number,
): AccountPlan<undefined> {
  const known = ownPolicy(account, name);
  versionOf(known, versionId);
  return { puts: [{ ...known, defaultVersion: versionId, updatedAt: now }], result: undefined };
}

/** Deletes a version that is not in force. @throws RamError `not-found`, `in-force` */
export function deletePolicyVersion(
  account: AccountView,
  { name, versionId }: { readonly name: string; readonly versionId: string },
  now: number,
): AccountPlan<undefined> {
  const known = ownPolicy(account, name);
  versionOf(known, versionId);
  if (versionId === known.defaultVersion) throw new RamError({ kind: 'in-force' });
  const versions = known.versions.filter(({ id }) => id !== versionId);
  return { puts: [{ ...known, versions, updatedAt: now }], result: undefined };
}

function ownPolicy(account: AccountView, name: string): PolicyEntity {
  return found('policy', account.policies.get(name));
}

function checkDocument(document: string): void {
  const parsed = parsePolicyDocument(document);
  if (!parsed.ok) throw new RamError({ kind: 'malformed-policy', detail: `${parsed.problem}.` });
}

/** Versions are kept in the order in which they were made. */
function withRoom({ versions, defaultVersion }: PolicyEntity, rotate: boolean): readonly PolicyVersion[] {
  if (versions.length < MAX_POLICY_VERSIONS) return versions;
  const oldest = versions.find(({ id }) => id !== defaultVersion);
  if (!rotate || !oldest) throw new RamError({ kind: 'limit', thing: 'policy-version' });
  return versions.filter((version) => version !== oldest);
}
