import { z } from 'zod';
import { addUserToGroup } from '../../core/ram/groups.ts';
import { exists, limited, notFound } from './ram-errors.ts';
import { groupName, userName } from './ram-fields.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Puts a user into a group. */
export const AddUserToGroup = defineRamOperation({
  name: 'AddUserToGroup',
  summary: 'Put a RAM user into a group.',
  doc: `From the answer on the user has the policies of the group. A user is in 50 groups at most. Policies must allow the
call on the group (\`group/<name>\`) and on the user (\`user/<name>\`).`,
  kind: 'write',
  ram: {
    level: 'create',
    resource: 'acs:ram:*:{account}:group/{GroupName}',
    also: 'acs:ram:*:{account}:user/{UserName}',
  },
  limit: { calls: 20, perSeconds: 1 },
  parameters: z.object({ UserName: userName, GroupName: groupName }),
  response: z.object({}),
  errors: { ...notFound('user', 'group'), ...exists('membership'), ...limited('membership') },
  async handle({ params, caller, core, reached }) {
    const names = { userName: params.UserName, groupName: params.GroupName };
    await core.changes.change(caller.accountId, caller, (account, now) =>
      addUserToGroup(account, names, now),
    );
    reached({ UserName: names.userName });
    return {};
  },
});
