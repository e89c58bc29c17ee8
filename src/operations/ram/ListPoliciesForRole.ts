import { z } from 'zod';
import { policiesAttachedTo } from '../../core/ram/attachments.ts';
import { attachedAnswer, attachedPolicies } from './policy-fields.ts';
import { notFound } from './ram-errors.ts';
import { roleName } from './role-fields.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Lists the policies that are attached to a role. */
export const ListPoliciesForRole = defineRamOperation({
  name: 'ListPoliciesForRole',
  summary: 'List the policies that are attached to a role.',
  doc: `Oldest attachment first. A session of the role has what they permit, as far as its own policy goes.`,
  kind: 'read',
  ram: { level: 'list', resource: 'acs:ram:*:{account}:role/{RoleName}' },
  limit: { calls: 50, perSeconds: 1 },
  parameters: z.object({ RoleName: roleName }),
  response: z.object({ Policies: attachedPolicies }),
  errors: notFound('role'),
  handle: ({ params, caller, core }) => {
    const account = core.directory.view(caller.accountId);
    const attached = policiesAttachedTo(account, { kind: 'role', name: params.RoleName });
    return { Policies: attachedAnswer(attached) };
  },
});
