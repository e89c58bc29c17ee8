import { z } from 'zod';
import { describePolicy } from '../../core/ram/policies.ts';
import { changedPolicyAnswer, changedPolicyFields, description, policyName } from './policy-fields.ts';
import { notFound } from './ram-errors.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Changes what is said of a policy. */
export const UpdatePolicyDescription = defineRamOperation({
  name: 'UpdatePolicyDescription',
  summary: 'Change the description of a policy.',
  doc: `The policy's text and versions stay as they are. System policies cannot be changed: to this operation they do not
exist.`,
  kind: 'write',
  ram: { level: 'update', resource: 'acs:ram:*:{account}:policy/{PolicyName}' },
  limit: { calls: 20, perSeconds: 1 },
  parameters: z.object({
    PolicyName: policyName,
    NewDescription: description({ description: 'What the policy is for.', example: 'May read and write' }),
  }),
  response: z.object({ Policy: changedPolicyFields }),
  errors: notFound('policy'),
  async handle({ params, caller, core }) {
    const asked = { name: params.PolicyName, description: params.NewDescription };
    const policy = await core.changes.change(caller.accountId, caller, (account, now) =>
      describePolicy(account, asked, now),
    );
    return { Policy: changedPolicyAnswer({ ...policy, type: 'Custom' }) };
  },
});
