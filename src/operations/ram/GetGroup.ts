import { z } from 'zod';
import { found } from '../../core/ram/ram-error.ts';
import { groupAnswer, groupFields } from './group-fields.ts';
import { notFound } from './ram-errors.ts';
import { groupName } from './ram-fields.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Tells what is known of a group. */
export const GetGroup = defineRamOperation({
  name: 'GetGroup',
  summary: 'Tell what is known of a group.',
  doc: `Answers what CreateGroup and UpdateGroup said of the group. Its users and policies have lists of their own:
ListUsersForGroup and ListPoliciesForGroup.`,
  kind: 'read',
  ram: { level: 'get', resource: 'acs:ram:*:{account}:group/{GroupName}' },
  limit: { calls: 50, perSeconds: 1 },
  parameters: z.object({ GroupName: groupName }),
  response: z.object({ Group: groupFields }),
  errors: notFound('group'),
  handle: ({ params, caller, core }) => {
    const { groups } = core.directory.view(caller.accountId);
    return { Group: groupAnswer(found('group', groups.get(params.GroupName))) };
  },
});
