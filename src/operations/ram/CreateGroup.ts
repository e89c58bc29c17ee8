import { z } from 'zod';
import { createGroup } from '../../core/ram/groups.ts';
import { groupAnswer, groupComments, groupFields } from './group-fields.ts';
import { exists, limited } from './ram-errors.ts';
import { given, groupName } from './ram-fields.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Adds a group of RAM users to the caller's account. */
export const CreateGroup = defineRamOperation({
  name: 'CreateGroup',
  summary: 'Add a group of RAM users.',
  doc: `Users of a group have the policies that are attached to it, besides their own. A new group is empty:
AddUserToGroup and AttachPolicyToGroup fill it. An account has 200 groups at most.`,
  kind: 'write',
  ram: { level: 'create', resource: 'acs:ram:*:{account}:group/*' },
  limit: { calls: 20, perSeconds: 1 },
  parameters: z.object({ GroupName: groupName, Comments: groupComments.optional() }),
  response: z.object({ Group: groupFields }),
  errors: { ...exists('group'), ...limited('group') },
  async handle({ params, caller, core, reached }) {
    const { accountId } = caller;
    const asked = { name: params.GroupName, accountId, ...given({ comments: params.Comments }) };
    const { ids } = core;
    const group = await core.changes.change(accountId, caller, (account, now) =>
      createGroup(account, asked, { ids, now }),
    );
    reached({ GroupName: group.name, GroupId: group.id });
    return { Group: groupAnswer(group) };
  },
});
