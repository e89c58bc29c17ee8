import { z } from 'zod';
import { integer, wrappedList } from '../fields.ts';
import { groupAnswer, groupFields } from './group-fields.ts';
import { defineRamOperation } from './ram-operation.ts';
import { markedPage, pageAnswerFields, pageParameters } from './ram-paging.ts';

/** Lists the groups of the caller's account. */
export const ListGroups = defineRamOperation({
  name: 'ListGroups',
  summary: 'List the groups of the account.',
  doc: `Ordered by name, \`MaxItems\` at a time. While \`IsTruncated\` is true there are more: call again with the
\`Marker\` of the answer. An account has 200 groups at most.`,
  kind: 'read',
  ram: { level: 'list', resource: 'acs:ram:*:{account}:group/*' },
  limit: { calls: 50, perSeconds: 1 },
  parameters: z.object({
    ...pageParameters,
    // Fewer than with users, as the vendor has it.
    MaxItems: integer({ min: 1, max: 100 }, { description: 'Entries per page.', example: '100' }).default(
      100,
    ),
  }),
  response: z.object({ ...pageAnswerFields, Groups: wrappedList('Group', groupFields) }),
  errors: {},
  handle: ({ params, caller, core }) => {
    const { groups } = core.directory.view(caller.accountId);
    const { items, answer } = markedPage(groups.values(), ({ name }) => name, params);
    return { ...answer, Groups: { Group: items.map(groupAnswer) } };
  },
});
