import { z } from 'zod';
import { policiesAttachedTo } from '../../core/ram/attachments.ts';
import { attachedAnswer, attachedPolicies } from './policy-fields.ts';
import { notFound } from './ram-errors.ts';
import { userName } from './ram-fields.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Lists the policies that are attached to a user. */
export const ListPoliciesForUser = defineRamOperation({
  name: 'ListPoliciesForUser',
  summary: 'List the policies that are attached to a user.',
  doc: `Those of the user itself, oldest attachment first. What the user has of its groups is not in the list:
ListGroupsForUser and ListPoliciesForGroup tell it, and SimulatePolicy takes all together.`,
  kind: 'read',
  ram: { level: 'list', resource: 'acs:ram:*:{account}:user/{UserName}' },
  limit: { calls: 50, perSeconds: 1 },
  parameters: z.object({ UserName: userName }),
  response: z.object({ Policies: attachedPolicies }),
  errors: notFound('user'),
  handle: ({ params, caller, core }) => {
    const account = core.directory.view(caller.accountId);
    const attached = policiesAttachedTo(account, { kind: 'user', name: params.UserName });
    return { Policies: attachedAnswer(attached) };
  },
});
