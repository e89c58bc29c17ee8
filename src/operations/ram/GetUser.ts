import { z } from 'zod';
import { found } from '../../core/ram/ram-error.ts';
import { notFound } from './ram-errors.ts';
import { userAnswer, userFields, userName } from './ram-fields.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Tells what is known of a RAM user. */
export const GetUser = defineRamOperation({
  name: 'GetUser',
  summary: 'Tell what is known of a RAM user.',
  doc: `Answers what CreateUser and UpdateUser said of the user. Its policies, groups and keys have lists of their own:
ListPoliciesForUser, ListGroupsForUser, ListAccessKeys. \`LastLoginDate\` is never there, because nobody logs in here.`,
  kind: 'read',
  ram: { level: 'get', resource: 'acs:ram:*:{account}:user/{UserName}' },
  limit: { calls: 50, perSeconds: 1 },
  parameters: z.object({ UserName: userName }),
  response: z.object({ User: userFields }),
  errors: notFound('user'),
  handle: ({ params, caller, core }) => {
    const { users } = core.directory.view(caller.accountId);
    return { User: userAnswer(found('user', users.get(params.UserName))) };
  },
});
