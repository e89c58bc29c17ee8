import { z } from 'zod';
import { deleteUser } from '../../core/ram/users.ts';
import { inUse, notFound } from './ram-errors.ts';
import { userName } from './ram-fields.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Deletes a RAM user. */
export const DeleteUser = defineRamOperation({
  name: 'DeleteUser',
  summary: 'Delete a RAM user that has nothing left.',
  doc: `A user that has access keys, policies or groups is not deleted: take them away first (DeleteAccessKey,
DetachPolicyFromUser, RemoveUserFromGroup). A user that is made anew under the name is another one.`,
  kind: 'write',
  ram: { level: 'delete', resource: 'acs:ram:*:{account}:user/{UserName}' },
  limit: { calls: 20, perSeconds: 1 },
  parameters: z.object({ UserName: userName }),
  response: z.object({}),
  errors: { ...notFound('user'), ...inUse('user', 'access-key', 'policy', 'group') },
  async handle({ params, caller, core }) {
    const { accountId } = caller;
    const keysOf = (userId: string) => core.keys.listOf(accountId, userId);
    await core.changes.change(accountId, caller, (account) => deleteUser(account, params.UserName, keysOf));
    return {};
  },
});
