import { z } from 'zod';
import { attachmentCounts } from '../../core/ram/attachments.ts';
import { findPolicy, versionOf } from '../../core/ram/known-policies.ts';
import {
  policyAnswer,
  policyFields,
  policyName,
  policyType,
  versionAnswer,
  versionFields,
} from './policy-fields.ts';
import { notFound } from './ram-errors.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Tells of one policy, with the text in force. */
export const GetPolicy = defineRamOperation({
  name: 'GetPolicy',
  summary: 'Show a policy and the text in force.',
  doc: `\`DefaultPolicyVersion\` holds the text that decides about calls now; \`AttachmentCount\` counts the users, groups
and roles that have the policy. Every caller that may ask can read the system policies.`,
  kind: 'read',
  ram: { level: 'get', resource: 'acs:ram:*:{account}:policy/{PolicyName}' },
  limit: { calls: 50, perSeconds: 1 },
  parameters: z.object({ PolicyName: policyName, PolicyType: policyType }),
  response: z.object({ Policy: policyFields, DefaultPolicyVersion: versionFields }),
  errors: notFound('policy'),
  handle: ({ params, caller, core }) => {
    const account = core.directory.view(caller.accountId);
    const policy = findPolicy(account, { type: params.PolicyType, name: params.PolicyName });
    return {
      Policy: policyAnswer(policy, attachmentCounts(account)),
      DefaultPolicyVersion: versionAnswer(versionOf(policy, policy.defaultVersion), policy),
    };
  },
});
