import { z } from 'zod';
import { attachmentCounts } from '../../core/ram/attachments.ts';
import { policiesOfType } from '../../core/ram/known-policies.ts';
import { wrappedList } from '../fields.ts';
import { markedPage, pageAnswerFields, pageParameters } from './ram-paging.ts';
import { policyAnswer, policyFields, policyType } from './policy-fields.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Lists the policies that the caller's account can attach. */
export const ListPolicies = defineRamOperation({
  name: 'ListPolicies',
  summary: 'List the policies that the account can attach.',
  doc: `Those of the account first, then those that the service brings, each by name; \`PolicyType\` leaves one kind. While
\`IsTruncated\` is true there are more: call again with the \`Marker\` of the answer.`,
  kind: 'read',
  ram: { level: 'list', resource: 'acs:ram:*:{account}:policy/*' },
  limit: { calls: 50, perSeconds: 1 },
  parameters: z.object({ PolicyType: policyType.optional(), ...pageParameters }),
  response: z.object({ ...pageAnswerFields, Policies: wrappedList('Policy', policyFields) }),
  errors: {},
  handle: ({ params, caller, core }) => {
    const account = core.directory.view(caller.accountId);
    const types = params.PolicyType ? [params.PolicyType] : (['Custom', 'System'] as const);
    const all = types.flatMap((type) => policiesOfType(account, type));
    const { items, answer } = markedPage(all, ({ type, name }) => `${type}/${name}`, params);
    const counts = attachmentCounts(account);
    return { ...answer, Policies: { Policy: items.map((policy) => policyAnswer(policy, counts)) } };
  },
});
