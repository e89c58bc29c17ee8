import type { AccountView } from '../directory.ts';
import type { PolicyAttachment, PolicyVersion } from '../entities.ts';
import { found } from './ram-error.ts';
import { SYSTEM_POLICIES } from './system-policies.ts';
import type { SystemPolicy } from './system-policies.ts';

/** How a policy is named: the two types have names of their own. */
export type PolicyName = Pick<PolicyAttachment, 'type' | 'name'>;

/** A policy of either type, as it is shown. Times are epoch milliseconds. */
export interface KnownPolicy extends PolicyName {
  readonly description: string | null;
  readonly defaultVersion: string;
  readonly versions: readonly PolicyVersion[];
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** The system policies came with the first release of the service and have not changed since. */
const SYSTEM_POLICIES_SINCE = Date.UTC(2026, 0, 1);

/** A policy by its type and name. @throws RamError `not-found` */
export function findPolicy(account: AccountView, { type, name }: PolicyName): KnownPolicy {
  if (type === 'System') return ofSystem(found('policy', SYSTEM_POLICIES.get(name)));
  return { ...found('policy', account.policies.get(name)), type };
}

/** All policies of a type that an account can attach. */
export function policiesOfType(account: AccountView, type: PolicyName['type']): KnownPolicy[] {
  if (type === 'System') return [...SYSTEM_POLICIES.values()].map(ofSystem);
  return [...account.policies.values()].map((policy) => ({ ...policy, type }));
}

/** A version of a policy. @throws RamError `not-found` */
export function versionOf({ versions }: Pick<KnownPolicy, 'versions'>, versionId: string): PolicyVersion {
  return found(
    'policy-version',
    versions.find(({ id }) => id === versionId),
  );
}

function ofSystem({ name, description, text }: SystemPolicy): KnownPolicy {
  const createdAt = SYSTEM_POLICIES_SINCE;
  const versions = [{ id: 'v1', document: text, createdAt }];
  return {
    type: 'System',
    name,
    description,
    defaultVersion: 'v1',
    versions,
    createdAt,
    updatedAt: createdAt,
  };
}
