import { z } from 'zod';
import { createUser } from '../../core/ram/users.ts';
import { exists, limited } from './ram-errors.ts';
import { given, userAnswer, userDetails, userFields, userName } from './ram-fields.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Adds a RAM user to the caller's account. */
export const CreateUser = defineRamOperation({
  name: 'CreateUser',
  summary: 'Add a RAM user.',
  doc: `A new user may do nothing until a policy is attached to it or to a group of it, and has no access key until
CreateAccessKey makes one. An account has 1,000 users at most. Without DisplayName it is the name. There is no console
login and no MFA here.`,
  kind: 'write',
  ram: { level: 'create', resource: 'acs:ram:*:{account}:user/*' },
  limit: { calls: 20, perSeconds: 1 },
  parameters: z.object({
    UserName: userName,
    DisplayName: userDetails.DisplayName.optional(),
    MobilePhone: userDetails.MobilePhone.optional(),
    Email: userDetails.Email.optional(),
    Comments: userDetails.Comments.optional(),
  }),
  response: z.object({ User: userFields }),
  errors: { ...exists('user'), ...limited('user') },
  async handle({ params, caller, core, reached }) {
    const details = given({
      displayName: params.DisplayName,
      mobilePhone: params.MobilePhone,
      email: params.Email,
      comments: params.Comments,
    });
    const asked = { ...details, name: params.UserName, accountId: caller.accountId };
    const { ids } = core;
    const user = await core.changes.change(caller.accountId, caller, (account, now) =>
      createUser(account, asked, { ids, now }),
    );
    reached({ UserName: user.name, UserId: user.id });
    return { User: userAnswer(user) };
  },
});
