import { z } from 'zod';
import { deletePolicy } from '../../core/ram/policies.ts';
import { flag } from '../fields.ts';
import { policyName } from './policy-fields.ts';
import { inUse, notFound } from './ram-errors.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Deletes a policy of the caller's account. */
export const DeletePolicy = defineRamOperation({
  name: 'DeletePolicy',
  summary: 'Delete a policy of the account.',
  doc: `A policy that is attached cannot be deleted: detach it first (ListEntitiesForPolicy says from what). Nor can one that
has versions besides the one in force, unless \`CascadingDelete\` is true. System policies cannot be deleted: to this
operation they do not exist.`,
  kind: 'write',
  ram: { level: 'delete', resource: 'acs:ram:*:{account}:policy/{PolicyName}' },
  limit: { calls: 20, perSeconds: 1 },
  parameters: z.object({
    PolicyName: policyName,
    CascadingDelete: flag({
      description: 'Whether versions that are not in force are deleted with the policy.',
      example: 'true',
    }).default(false),
  }),
  response: z.object({}),
  errors: { ...notFound('policy'), ...inUse('policy', 'user', 'group', 'role', 'policy-version') },
  async handle({ params, caller, core }) {
    const asked = { name: params.PolicyName, withVersions: params.CascadingDelete };
    await core.changes.change(caller.accountId, caller, (account) => deletePolicy(account, asked));
    return {};
  },
});
