import { z } from 'zod';
import { deleteRole } from '../../core/ram/roles.ts';
import { inUse, notFound } from './ram-errors.ts';
import { defineRamOperation } from './ram-operation.ts';
import { roleName } from './role-fields.ts';

/** Deletes a role of the caller's account. */
export const DeleteRole = defineRamOperation({
  name: 'DeleteRole',
  summary: 'Delete a role and end its sessions.',
  doc: `A role that has policies cannot be deleted: detach them first. The sessions of the role end at once: their next call
is \`InvalidSecurityToken.Expired\`. A new role of the same name is another role, and does not revive them.`,
  kind: 'write',
  ram: { level: 'delete', resource: 'acs:ram:*:{account}:role/{RoleName}' },
  limit: { calls: 20, perSeconds: 1 },
  parameters: z.object({ RoleName: roleName }),
  response: z.object({}),
  errors: { ...notFound('role'), ...inUse('role', 'policy') },
  async handle({ params, caller, core }) {
    await core.changes.change(caller.accountId, caller, (account) => deleteRole(account, params.RoleName));
    return {};
  },
});
