import type { Ids } from '../../base/ids.ts';
import type { AccountPlan } from '../account-changes.ts';
import type { AccountView } from '../directory.ts';
import type { RoleEntity } from '../entities.ts';
import { parseTrustDocument } from './policy-document.ts';
import { newEntityId } from './ram-ids.ts';
import { found, RamError } from './ram-error.ts';

/** The most roles of an account. */
export const MAX_ROLES = 500;

/** What can be said of a role; what is left out stays as it is. */
export interface RoleDetails {
  readonly description?: string;
  /** Who may take it on (JSON). */
  readonly trustDocument?: string;
  readonly maxSessionSeconds?: number;
}

/** Adds a role. @throws RamError `malformed-policy`, `exists`, `limit` */
export function createRole(
  account: AccountView,
  asked: Pick<RoleEntity, 'accountId' | 'name' | 'description' | 'trustDocument' | 'maxSessionSeconds'>,
  { ids, now }: { ids: Ids; now: number },
): AccountPlan<RoleEntity> {
  checkTrust(asked.trustDocument);
  if (account.roles.has(asked.name)) throw new RamError({ kind: 'exists', thing: 'role' });
  if (account.roles.size >= MAX_ROLES) throw new RamError({ kind: 'limit', thing: 'role' });
  const times = { createdAt: now, updatedAt: now };
  const role: RoleEntity = { kind: 'role', id: newEntityId(ids), ...asked, ...times, policies: [] };
  return { puts: [role], result: role };
}

/** Changes a role. Sessions that were opened before go on. @throws RamError `malformed-policy`, `not-found` */
export function updateRole(
  account: AccountView,
  { name, ...details }: RoleDetails & { readonly name: string },
  now: number,
): AccountPlan<RoleEntity> {
  if (details.trustDocument !== undefined) checkTrust(details.trustDocument);
  const role = { ...found('role', account.roles.get(name)), ...details, updatedAt: now };
  return { puts: [role], result: role };
}

/** Deletes a role that bears no policy; its sessions end. @throws RamError `not-found`, `in-use` */
export function deleteRole(account: AccountView, name: string): AccountPlan<undefined> {
  const role = found('role', account.roles.get(name));
  if (role.policies.length > 0) throw new RamError({ kind: 'in-use', thing: 'role', by: 'policy' });
  return { removes: [{ kind: 'role', id: role.id }], result: undefined };
}

function checkTrust(document: string): void {
  const parsed = parseTrustDocument(document);
  if (!parsed.ok) throw new RamError({ kind: 'malformed-policy', detail: `${parsed.problem}.` });
}
