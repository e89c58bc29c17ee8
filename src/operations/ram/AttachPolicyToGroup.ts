import { z } from 'zod';
import { attachPolicy } from '../../core/ram/attachments.ts';
import { policyName, policyType, resourceGroupId } from './policy-fields.ts';
import { exists, limited, notFound } from './ram-errors.ts';
import { groupName } from './ram-fields.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Attaches a policy to a group. */
export const AttachPolicyToGroup = defineRamOperation({
  name: 'AttachPolicyToGroup',
  summary: 'Attach a policy to a group.',
  doc: `Every user of the group has what the policy permits with its next call. A policy is attached once
(\`EntityAlreadyExists.Group.Policy\`), and a group has 20 policies at most. **Who may call this can give itself
anything**: a user with \`ram:AttachPolicyToGroup\` on a group that it is in can attach \`AliyunLiveFullAccess\`, or a
policy that it writes. That is the product's behaviour; grant the action to administrators only. Permission is asked
for the group; the product asks for the policy too, which is not done here.`,
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
  errors: { ...notFound('group', 'policy'), ...exists('group-policy'), ...limited('group-policy') },
  async handle({ params, caller, core, reached }) {
    const policy = { type: params.PolicyType, name: params.PolicyName };
    const to = { kind: 'group', name: params.GroupName } as const;
    await core.changes.change(caller.accountId, caller, (account, now) =>
      attachPolicy(account, { to, policy }, now),
    );
    reached({ PolicyType: policy.type, PolicyName: policy.name });
    return {};
  },
});
