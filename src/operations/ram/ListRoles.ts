import { z } from 'zod';
import { wrappedList } from '../fields.ts';
import { markedPage, pageAnswerFields, pageParameters } from './ram-paging.ts';
import { defineRamOperation } from './ram-operation.ts';
import { listedRoleAnswer, listedRoleFields } from './role-fields.ts';

/** Lists the roles of the caller's account. */
export const ListRoles = defineRamOperation({
  name: 'ListRoles',
  summary: 'List the roles of the account.',
  doc: `Ordered by name, \`MaxItems\` at a time. While \`IsTruncated\` is true there are more: call again with the
\`Marker\` of the answer. Who may take a role on is not in the list; GetRole tells it.`,
  kind: 'read',
  ram: { level: 'list', resource: 'acs:ram:*:{account}:role/*' },
  limit: { calls: 50, perSeconds: 1 },
  parameters: z.object(pageParameters),
  response: z.object({ ...pageAnswerFields, Roles: wrappedList('Role', listedRoleFields) }),
  errors: {},
  handle: ({ params, caller, core }) => {
    const { roles } = core.directory.view(caller.accountId);
    const { items, answer } = markedPage(roles.values(), ({ name }) => name, params);
    return { ...answer, Roles: { Role: items.map(listedRoleAnswer) } };
  },
});
