import { z } from 'zod';
import { setDefaultPolicyVersion } from '../../core/ram/policies.ts';
import { policyName, versionId } from './policy-fields.ts';
import { notFound } from './ram-errors.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Puts a version of a policy in force. */
export const SetDefaultPolicyVersion = defineRamOperation({
  name: 'SetDefaultPolicyVersion',
  summary: 'Put a version of a policy in force.',
  doc: `Acts with the next call of everyone who has the policy, on this node at once and on others within 100 ms. Putting the
version in force that is in force already is a success. System policies cannot be changed: to this operation they do not exist.`,
  kind: 'write',
  ram: { level: 'update', resource: 'acs:ram:*:{account}:policy/{PolicyName}' },
  limit: { calls: 20, perSeconds: 1 },
  parameters: z.object({ PolicyName: policyName, VersionId: versionId }),
  response: z.object({}),
  errors: notFound('policy', 'policy-version'),
  async handle({ params, caller, core, reached }) {
    const asked = { name: params.PolicyName, versionId: params.VersionId };
    await core.changes.change(caller.accountId, caller, (account, now) =>
      setDefaultPolicyVersion(account, asked, now),
    );
    reached({ VersionId: params.VersionId });
    return {};
  },
});
