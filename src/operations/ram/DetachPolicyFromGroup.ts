import { z } from 'zod';
import { detachPolicy } from '../../core/ram/attachments.ts';
import { policyName, policyType, resourceGroupId } from './policy-fields.ts';
import { notFound } from './ram-errors.ts';
import { groupName } from './ram-fields.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Takes a policy away from a group. */
export const DetachPolicyFromGroup = defineRamOperation({
  name: 'DetachPolicyFromGroup',
  summary: 'Take a policy away from a group.',
  doc: `What the policy permits or denies ends with the next call. What the users of the group have of themselves or of other
groups stays. A policy that is not attached to the group is \`EntityNotExist.Group.Policy\`; one that does not exist
at all, \`EntityNotExist.Policy\`. Permission is asked for the group.`,
  kind: 'write',
  ram: { level: 'update', resource: 'acs:ram:*:{account}:group/{GroupName}' },
  limit: { calls: 20, perSeconds: 1 },
  parameters: z.object({
    PolicyType: policyType,
    PolicyName: policyName,
    GroupName: groupName,
    ResourceGroupId: resourceGroupId,
  }),
  response: z.object({}),
  errors: notFound('group', 'policy', 'group-policy'),
  async handle({ params, caller, core, reached }) {
    const policy = { type: params.PolicyType, name: params.PolicyName };
    const from = { kind: 'group', name: params.GroupName } as const;
    await core.changes.change(caller.accountId, caller, (account) => detachPolicy(account, { from, policy }));
    reached({ PolicyType: policy.type, PolicyName: policy.name });
    return {};
  },
});
