import { z } from 'zod';
import { deletePolicyVersion } from '../../core/ram/policies.ts';
import { policyName, versionId } from './policy-fields.ts';
import { notFound, VERSION_IN_FORCE } from './ram-errors.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Deletes a version of a policy that is not in force. */
export const DeletePolicyVersion = defineRamOperation({
  name: 'DeletePolicyVersion',
  summary: 'Delete a version of a policy.',
  doc: `The version in force cannot be deleted (\`DeleteConflict.Policy.Version.Default\`): put another one in force first. The
number of the version is not given again. System policies cannot be changed: to this operation they do not exist.`,
  kind: 'write',
  ram: { level: 'delete', resource: 'acs:ram:*:{account}:policy/{PolicyName}' },
  limit: { calls: 20, perSeconds: 1 },
  parameters: z.object({ PolicyName: policyName, VersionId: versionId }),
  response: z.object({}),
  errors: { ...notFound('policy', 'policy-version'), ...VERSION_IN_FORCE },
  async handle({ params, caller, core, reached }) {
    const asked = { name: params.PolicyName, versionId: params.VersionId };
    await core.changes.change(caller.accountId, caller, (account, now) =>
      deletePolicyVersion(account, asked, now),
    );
    reached({ VersionId: params.VersionId });
    return {};
  },
});
