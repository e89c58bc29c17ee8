import { z } from 'zod';
import { createPolicy } from '../../core/ram/policies.ts';
import {
  changedPolicyAnswer,
  description,
  newPolicyFields,
  policyDocument,
  policyName,
} from './policy-fields.ts';
import { exists, limited, MALFORMED_POLICY } from './ram-errors.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Adds a policy to the caller's account. */
export const CreatePolicy = defineRamOperation({
  name: 'CreatePolicy',
  summary: 'Add a policy of the account.',
  doc: `A policy permits nothing until it is attached to a user, group or role. Its text is read strictly: what cannot be
read is refused with \`MalformedPolicyDocument\`, and the message says which statement and which element. The text becomes
version \`v1\`, which is in force. An account has 500 policies at most. A system policy's name is taken
(\`EntityAlreadyExists.Policy\`): the vendor's documents are silent, and two policies of one name invite mistakes. Tags are
not kept.`,
  kind: 'write',
  ram: { level: 'create', resource: 'acs:ram:*:{account}:policy/{PolicyName}' },
  limit: { calls: 20, perSeconds: 1 },
  parameters: z.object({
    PolicyName: policyName,
    PolicyDocument: policyDocument,
    Description: description({ description: 'What the policy is for.', example: 'May read' }).optional(),
  }),
  response: z.object({ Policy: newPolicyFields }),
  errors: { ...exists('policy'), ...limited('policy'), ...MALFORMED_POLICY },
  async handle({ params, caller, reached, core: { changes, ids } }) {
    const asked = {
      accountId: caller.accountId,
      name: params.PolicyName,
      description: params.Description ?? null,
      document: params.PolicyDocument,
    };
    const policy = await changes.change(caller.accountId, caller, (account, now) =>
      createPolicy(account, asked, { ids, now }),
    );
    reached({ PolicyName: policy.name, VersionId: policy.defaultVersion });
    const { UpdateDate: _, ...answer } = changedPolicyAnswer({ ...policy, type: 'Custom' });
    return { Policy: answer };
  },
});
