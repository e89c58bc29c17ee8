import { z } from 'zod';
import { updateGroup } from '../../core/ram/groups.ts';
import { groupAnswer, groupComments, groupFields } from './group-fields.ts';
import { exists, notFound } from './ram-errors.ts';
import { given, groupName } from './ram-fields.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Changes a group. */
export const UpdateGroup = defineRamOperation({
  name: 'UpdateGroup',
  summary: 'Change a group, its name too.',
  doc: `What the call does not have stays as it is; a value cannot be emptied. A group keeps its id, users and policies
under the new name, but policies that name it in their resources (\`group/<name>\`) do not follow.`,
  kind: 'write',
  ram: {
    level: 'update',
    resource: 'acs:ram:*:{account}:group/{GroupName}',
    also: 'acs:ram:*:{account}:group/{NewGroupName}',
  },
  limit: { calls: 20, perSeconds: 1 },
  parameters: z.object({
    GroupName: groupName,
    NewGroupName: groupName.optional(),
    NewComments: groupComments.optional(),
  }),
  response: z.object({ Group: groupFields }),
  errors: { ...notFound('group'), ...exists('group') },
  async handle({ params, caller, core, reached }) {
    const details = given({ newName: params.NewGroupName, comments: params.NewComments });
    const group = await core.changes.change(caller.accountId, caller, (account, now) =>
      updateGroup(account, { ...details, name: params.GroupName }, now),
    );
    reached({ GroupId: group.id, GroupName: group.name });
    return { Group: groupAnswer(group) };
  },
});
