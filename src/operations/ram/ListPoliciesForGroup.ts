import { z } from 'zod';
import { policiesAttachedTo } from '../../core/ram/attachments.ts';
import { attachedAnswer, attachedPolicies } from './policy-fields.ts';
import { notFound } from './ram-errors.ts';
import { groupName } from './ram-fields.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Lists the policies that are attached to a group. */
export const ListPoliciesForGroup = defineRamOperation({
  name: 'ListPoliciesForGroup',
  summary: 'List the policies that are attached to a group.',
  doc: `Oldest attachment first. Every user of the group has what they permit, besides its own and what it has of other
groups.`,
  kind: 'read',
  ram: { level: 'list', resource: 'acs:ram:*:{account}:group/{GroupName}' },
  limit: { calls: 50, perSeconds: 1 },
  parameters: z.object({ GroupName: groupName }),
  response: z.object({ Policies: attachedPolicies }),
  errors: notFound('group'),
  handle: ({ params, caller, core }) => {
    const account = core.directory.view(caller.accountId);
    const attached = policiesAttachedTo(account, { kind: 'group', name: params.GroupName });
    return { Policies: attachedAnswer(attached) };
  },
});
