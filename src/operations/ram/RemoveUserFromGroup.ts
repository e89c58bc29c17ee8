import { z } from 'zod';
import { removeUserFromGroup } from '../../core/ram/groups.ts';
import { notFound } from './ram-errors.ts';
import { groupName, userName } from './ram-fields.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Takes a user out of a group. */
export const RemoveUserFromGroup = defineRamOperation({
  name: 'RemoveUserFromGroup',
  summary: 'Take a RAM user out of a group.',
  doc: `From the answer on the user has no longer the policies of the group. Policies must allow the call on
the group (\`group/<name>\`) and on the user (\`user/<name>\`).`,
  kind: 'write',
  ram: {
    level: 'delete',
    resource: 'acs:ram:*:{account}:group/{GroupName}',
    also: 'acs:ram:*:{account}:user/{UserName}',
  },
  limit: { calls: 20, perSeconds: 1 },
  parameters: z.object({ UserName: userName, GroupName: groupName }),
  response: z.object({}),
  errors: notFound('user', 'group', 'membership'),
  async handle({ params, caller, core, reached }) {
    const names = { userName: params.UserName, groupName: params.GroupName };
    await core.changes.change(caller.accountId, caller, (account) => removeUserFromGroup(account, names));
    reached({ UserName: names.userName });
    return {};
  },
});
