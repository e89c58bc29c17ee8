import { z } from 'zod';
import { detachPolicy } from '../../core/ram/attachments.ts';
import { policyName, policyType, resourceGroupId } from './policy-fields.ts';
import { notFound } from './ram-errors.ts';
import { userName } from './ram-fields.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Takes a policy away from a user. */
export const DetachPolicyFromUser = defineRamOperation({
  name: 'DetachPolicyFromUser',
  summary: 'Take a policy away from a user.',
  doc: `What the policy permits or denies ends with the next call. What the user has of its groups stays. A policy that is not
attached to the user is \`EntityNotExist.User.Policy\`; one that does not exist at all, \`EntityNotExist.Policy\`.
Permission is asked for the user.`,
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
  errors: notFound('user', 'policy', 'user-policy'),
  async handle({ params, caller, core, reached }) {
    const policy = { type: params.PolicyType, name: params.PolicyName };
    const from = { kind: 'user', name: params.UserName } as const;
    await core.changes.change(caller.accountId, caller, (account) => detachPolicy(account, { from, policy }));
    reached({ PolicyType: policy.type, PolicyName: policy.name });
    return {};
  },
});
