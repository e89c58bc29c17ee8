import { z } from 'zod';
import { updateUser } from '../../core/ram/users.ts';
import { exists, notFound } from './ram-errors.ts';
import { given, userAnswer, userDetails, userFields, userName } from './ram-fields.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Changes a RAM user. */
export const UpdateUser = defineRamOperation({
  name: 'UpdateUser',
  summary: 'Change a RAM user, its name too.',
  doc: `What the call does not have stays as it is; a value cannot be emptied. A user keeps its id, keys, groups and
policies under the new name, but policies that name it in their resources (\`user/<name>\`) do not follow.`,
  kind: 'write',
  ram: {
    level: 'update',
    resource: 'acs:ram:*:{account}:user/{UserName}',
    also: 'acs:ram:*:{account}:user/{NewUserName}',
  },
  limit: { calls: 20, perSeconds: 1 },
  parameters: z.object({
    UserName: userName,
    NewUserName: userName.optional(),
    NewDisplayName: userDetails.DisplayName.optional(),
    NewMobilePhone: userDetails.MobilePhone.optional(),
    NewEmail: userDetails.Email.optional(),
    NewComments: userDetails.Comments.optional(),
  }),
  response: z.object({ User: userFields }),
  errors: { ...notFound('user'), ...exists('user') },
  async handle({ params, caller, core, reached }) {
    const details = given({
      newName: params.NewUserName,
      displayName: params.NewDisplayName,
      mobilePhone: params.NewMobilePhone,
      email: params.NewEmail,
      comments: params.NewComments,
    });
    const user = await core.changes.change(caller.accountId, caller, (account, now) =>
      updateUser(account, { ...details, name: params.UserName }, now),
    );
    reached({ UserId: user.id, UserName: user.name });
    return { User: userAnswer(user) };
  },
});
