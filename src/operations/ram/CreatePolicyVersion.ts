import { z } from 'zod';
import { createPolicyVersion } from '../../core/ram/policies.ts';
import { choice, flag } from '../fields.ts';
import { policyDocument, policyName, versionAnswer, versionFields } from './policy-fields.ts';
import { limited, MALFORMED_POLICY, notFound } from './ram-errors.ts';
import { defineRamOperation } from './ram-operation.ts';

const ROTATE = 'DeleteOldestNonDefaultVersionWhenLimitExceeded';

/** Adds a version to a policy of the caller's account. */
export const CreatePolicyVersion = defineRamOperation({
  name: 'CreatePolicyVersion',
  summary: 'Give a policy another text.',
  doc: `The text becomes a version of the policy. With \`SetAsDefault\` it is in force with the next call of everyone who has
the policy; else SetDefaultPolicyVersion puts it in force. A policy has five versions at most; \`RotateStrategy\` makes room.
The number of a version that was deleted is not given again. System policies cannot be changed: to this operation they do not
exist.`,
  kind: 'write',
  ram: { level: 'create', resource: 'acs:ram:*:{account}:policy/{PolicyName}' },
  limit: { calls: 20, perSeconds: 1 },
  parameters: z.object({
    PolicyName: policyName,
    PolicyDocument: policyDocument,
    SetAsDefault: flag({ description: 'Whether the text is in force at once.', example: 'true' }).default(
      false,
    ),
    RotateStrategy: choice(['None', ROTATE], {
      description: 'Whether the oldest version that is not in force goes when there is no room.',
      example: ROTATE,
    }).default('None'),
  }),
  response: z.object({ PolicyVersion: versionFields }),
  errors: { ...notFound('policy'), ...limited('policy-version'), ...MALFORMED_POLICY },
  async handle({ params, caller, core, reached }) {
    const asked = {
      name: params.PolicyName,
      document: params.PolicyDocument,
      setAsDefault: params.SetAsDefault,
      rotate: params.RotateStrategy === ROTATE,
    };
    const { policy, version } = await core.changes.change(caller.accountId, caller, (account, now) =>
      createPolicyVersion(account, asked, now),
    );
    reached({ VersionId: version.id, SetAsDefault: params.SetAsDefault });
    return { PolicyVersion: versionAnswer(version, policy) };
  },
});
