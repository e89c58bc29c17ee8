import { z } from 'zod';
import { findPolicy } from '../../core/ram/known-policies.ts';
import { wrappedList } from '../fields.ts';
import { policyName, policyType, versionAnswer, versionFields } from './policy-fields.ts';
import { notFound } from './ram-errors.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Lists the versions of a policy. */
export const ListPolicyVersions = defineRamOperation({
  name: 'ListPolicyVersions',
  summary: 'List the versions of a policy.',
  doc: `Oldest first, five at most, each with its text. \`IsDefaultVersion\` marks the one in force.`,
  kind: 'read',
  ram: { level: 'list', resource: 'acs:ram:*:{account}:policy/{PolicyName}' },
  limit: { calls: 50, perSeconds: 1 },
  parameters: z.object({ PolicyName: policyName, PolicyType: policyType }),
  response: z.object({ PolicyVersions: wrappedList('PolicyVersion', versionFields) }),
  errors: notFound('policy'),
  handle: ({ params, caller, core }) => {
    const account = core.directory.view(caller.accountId);
    const policy = findPolicy(account, { type: params.PolicyType, name: params.PolicyName });
    const entries = policy.versions.map((version) => versionAnswer(version, policy));
    return { PolicyVersions: { PolicyVersion: entries } };
  },
});
