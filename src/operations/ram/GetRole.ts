import { z } from 'zod';
import { found } from '../../core/ram/ram-error.ts';
import { notFound } from './ram-errors.ts';
import { defineRamOperation } from './ram-operation.ts';
import { roleAnswer, roleFields, roleName } from './role-fields.ts';

/** Tells of one role. */
export const GetRole = defineRamOperation({
  name: 'GetRole',
  summary: 'Show a role and who may take it on.',
  doc: `\`Arn\` is what AssumeRole and the trust policies of other roles name the role by; the case of the name is kept.
ListPoliciesForRole tells what its sessions may do.`,
  kind: 'read',
  ram: { level: 'get', resource: 'acs:ram:*:{account}:role/{RoleName}' },
  limit: { calls: 50, perSeconds: 1 },
  parameters: z.object({ RoleName: roleName }),
  response: z.object({ Role: roleFields }),
  errors: notFound('role'),
  handle: ({ params, caller, core }) => {
    const { roles } = core.directory.view(caller.accountId);
    return { Role: roleAnswer(found('role', roles.get(params.RoleName))) };
  },
});
