import { z } from 'zod';
import { formatTimestamp } from '../../base/timestamp.ts';
import { groupsOfUser } from '../../core/ram/groups.ts';
import { wrappedList } from '../fields.ts';
import { joinedGroupFields } from './group-fields.ts';
import { notFound } from './ram-errors.ts';
import { userName } from './ram-fields.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Lists the groups that a user is in. */
export const ListGroupsForUser = defineRamOperation({
  name: 'ListGroupsForUser',
  summary: 'List the groups that a RAM user is in.',
  doc: `All of them at once, ordered by name, with the time at which the user came in. There are 50 at most.`,
  kind: 'read',
  ram: { level: 'list', resource: 'acs:ram:*:{account}:user/{UserName}' },
  limit: { calls: 50, perSeconds: 1 },
  parameters: z.object({ UserName: userName }),
  response: z.object({ Groups: wrappedList('Group', joinedGroupFields) }),
  errors: notFound('user'),
  handle: ({ params, caller, core }) => {
    const joined = groupsOfUser(core.directory.view(caller.accountId), params.UserName);
    const Group = joined.map(({ group, joinedAt }) => ({
      GroupId: group.id,
      GroupName: group.name,
      Comments: group.comments ?? undefined,
      JoinDate: formatTimestamp(joinedAt),
    }));
    return { Groups: { Group } };
  },
});
