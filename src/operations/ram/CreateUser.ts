import { z } from 'zod';
import { createUser } from '../../core/ram/users.ts';
import { exists, limited } from './ram-errors.ts';
import { patternText, shortText, userAnswer, userFields, userName } from './ram-fields.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Adds a RAM user to the caller's account. */
export const CreateUser = defineRamOperation({
  name: 'CreateUser',
  summary: 'Add a RAM user.',
  doc: `A new user may do nothing until a policy is attached to it or to a group of it, and has no access key until
CreateAccessKey makes one. An account has 1,000 users at most. There is no console login and no MFA here.`,
  kind: 'write',
  ram: { level: 'create', resource: 'acs:ram:*:{account}:user/*' },
  limit: { calls: 20, perSeconds: 1 },
  parameters: z.object({
    UserName: userName,
    DisplayName: shortText({
      description: 'Name for people; absent: the name.',
      example: 'Alice',
    }).optional(),
    MobilePhone: patternText('country code-number', /^\d{1,4}-\d{4,20}$/, {
      description: 'Phone number; kept, not used.',
      example: '86-18600008888',
    }).optional(),
    Email: patternText('an e-mail address', /^[^\s@]{1,64}@[^\s@]{1,255}$/, {
      description: 'E-mail address; kept, not used.',
      example: 'alice@example.com',
    }).optional(),
    Comments: shortText({ description: 'What the user is for.', example: 'moderator' }).optional(),
  }),
  response: z.object({ User: userFields }),
  errors: { ...exists('user'), ...limited('user') },
  async handle({ params, caller, core }) {
    const asked = {
      name: params.UserName,
      accountId: caller.accountId,
      ...(params.DisplayName !== undefined && { displayName: params.DisplayName }),
      ...(params.MobilePhone !== undefined && { mobilePhone: params.MobilePhone }),
      ...(params.Email !== undefined && { email: params.Email }),
      ...(params.Comments !== undefined && { comments: params.Comments }),
    };
    const { ids } = core;
    const user = await core.changes.change(caller.accountId, caller, (account, now) =>
      createUser(account, asked, { ids, now }),
    );
    return { User: userAnswer(user) };
  },
});
