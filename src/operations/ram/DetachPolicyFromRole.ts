import { z } from 'zod';
import { detachPolicy } from '../../core/ram/attachments.ts';
import { policyName, policyType, resourceGroupId } from './policy-fields.ts';
import { notFound } from './ram-errors.ts';
import { roleName } from './role-fields.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Takes a policy away from a role. */
export const DetachPolicyFromRole = defineRamOperation({
  name: 'DetachPolicyFromRole',
  summary: 'Take a policy away from a role.',
  doc: `What the policy permits or denies ends with the next call. Sessions of the role that are open lose it too. A policy
that is not attached to the role is \`EntityNotExist.Role.Policy\`; one that does not exist at all,
\`EntityNotExist.Policy\`. Permission is asked for the role.`,
  kind: 'write',
  ram: { level: 'update', resource: 'acs:ram:*:{account}:role/{RoleName}' },
  limit: { calls: 20, perSeconds: 1 },
  parameters: z.object({
    PolicyType: policyType,
    PolicyName: policyName,
    RoleName: roleName,
    ResourceGroupId: resourceGroupId,
  }),
  response: z.object({}),
  errors: notFound('role', 'policy', 'role-policy'),
  async handle({ params, caller, core, reached }) {
    const policy = { type: params.PolicyType, name: params.PolicyName };
    const from = { kind: 'role', name: params.RoleName } as const;
    await core.changes.change(caller.accountId, caller, (account) => detachPolicy(account, { from, policy }));
    reached({ PolicyType: policy.type, PolicyName: policy.name });
    return {};
  },
});
