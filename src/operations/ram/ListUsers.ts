import { z } from 'zod';
import { wrappedList } from '../fields.ts';
import { userAnswer, userFields } from './ram-fields.ts';
import { defineRamOperation } from './ram-operation.ts';
import { markedPage, pageAnswerFields, pageParameters } from './ram-paging.ts';

/** Lists the RAM users of the caller's account. */
export const ListUsers = defineRamOperation({
  name: 'ListUsers',
  summary: 'List the RAM users of the account.',
  doc: `Ordered by name, \`MaxItems\` at a time. While \`IsTruncated\` is true there are more: call again with the
\`Marker\` of the answer. An account has 1,000 users at most.`,
  kind: 'read',
  ram: { level: 'list', resource: 'acs:ram:*:{account}:user/*' },
  limit: { calls: 50, perSeconds: 1 },
  parameters: z.object(pageParameters),
  response: z.object({ ...pageAnswerFields, Users: wrappedList('User', userFields) }),
  errors: {},
  handle: ({ params, caller, core }) => {
    const { users } = core.directory.view(caller.accountId);
    const { items, answer } = markedPage(users.values(), ({ name }) => name, params);
    return { ...answer, Users: { User: items.map(userAnswer) } };
  },
});
