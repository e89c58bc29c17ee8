import { z } from 'zod';
import { formatTimestamp } from '../../base/timestamp.ts';
import { usersOfGroup } from '../../core/ram/groups.ts';
import { wrappedList } from '../fields.ts';
import { memberFields } from './group-fields.ts';
import { notFound } from './ram-errors.ts';
import { groupName } from './ram-fields.ts';
import { defineRamOperation } from './ram-operation.ts';
import { markedPage, pageAnswerFields, pageParameters } from './ram-paging.ts';

/** Lists the users of a group. */
export const ListUsersForGroup = defineRamOperation({
  name: 'ListUsersForGroup',
  summary: 'List the RAM users of a group.',
  doc: `Ordered by name, \`MaxItems\` at a time, with the time at which each came in. While \`IsTruncated\` is true there
are more: call again with the \`Marker\` of the answer.`,
  kind: 'read',
  ram: { level: 'list', resource: 'acs:ram:*:{account}:group/{GroupName}' },
  limit: { calls: 50, perSeconds: 1 },
  parameters: z.object({ GroupName: groupName, ...pageParameters }),
  response: z.object({ ...pageAnswerFields, Users: wrappedList('User', memberFields) }),
  errors: notFound('group'),
  handle: ({ params, caller, core }) => {
    const users = usersOfGroup(core.directory.view(caller.accountId), params.GroupName);
    const { items, answer } = markedPage(users, ({ user }) => user.name, params);
    const User = items.map(({ user, joinedAt }) => ({
      UserName: user.name,
      DisplayName: user.displayName ?? undefined,
      JoinDate: formatTimestamp(joinedAt),
    }));
    return { ...answer, Users: { User } };
  },
});
