import { z } from 'zod';
import { attachPolicy } from '../../core/ram/attachments.ts';
import { policyName, policyType, resourceGroupId } from './policy-fields.ts';
import { exists, limited, notFound } from './ram-errors.ts';
import { userName } from './ram-fields.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Attaches a policy to a user. */
export const AttachPolicyToUser = defineRamOperation({
  name: 'AttachPolicyToUser',
  summary: 'Attach a policy to a user.',
  doc: `The user has what the policy permits with its next call, besides what it has of its groups. A policy is attached once
(\`EntityAlreadyExists.User.Policy\`), and a user has 20 policies at most. **Who may call this can give itself
anything**: a user with \`ram:AttachPolicyToUser\` on itself can attach \`AliyunLiveFullAccess\`, or a policy that it
writes. That is the product's behaviour; grant the action to administrators only. Permission is asked for the user;
the product asks for the policy too, which is not done here.`,
  kind: 'write',
  ram: { level: 'update', resource: 'acs:ram:*:{account}:user/{UserName}' },
  limit: { calls: 20, perSeconds: 1 },
  parameters: z.object({
    PolicyType: policyType,
    PolicyName: policyName,
    UserName: userName,
    ResourceGroupId: resourceGroupId,
  }),
  response: z.object({}),
  errors: { ...notFound('user', 'policy'), ...exists('user-policy'), ...limited('user-policy') },
  async handle({ params, caller, core, reached }) {
    const policy = { type: params.PolicyType, name: params.PolicyName };
    const to = { kind: 'user', name: params.UserName } as const;
    await core.changes.change(caller.accountId, caller, (account, now) =>
      attachPolicy(account, { to, policy }, now),
    );
    reached({ PolicyType: policy.type, PolicyName: policy.name });
    return {};
  },
});
