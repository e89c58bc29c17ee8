import { z } from 'zod';
import { findPolicy, versionOf } from '../../core/ram/known-policies.ts';
import { policyName, policyType, versionAnswer, versionFields, versionId } from './policy-fields.ts';
import { notFound } from './ram-errors.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Tells of one version of a policy. */
export const GetPolicyVersion = defineRamOperation({
  name: 'GetPolicyVersion',
  summary: 'Show one version of a policy.',
  doc: `The text comes back as it was given, to the byte. A system policy has the one version \`v1\`.`,
  kind: 'read',
  ram: { level: 'get', resource: 'acs:ram:*:{account}:policy/{PolicyName}' },
  limit: { calls: 50, perSeconds: 1 },
  parameters: z.object({ PolicyName: policyName, PolicyType: policyType, VersionId: versionId }),
  response: z.object({ PolicyVersion: versionFields }),
  errors: notFound('policy', 'policy-version'),
  handle: ({ params, caller, core }) => {
    const account = core.directory.view(caller.accountId);
    const policy = findPolicy(account, { type: params.PolicyType, name: params.PolicyName });
    return { PolicyVersion: versionAnswer(versionOf(policy, params.VersionId), policy) };
  },
});
