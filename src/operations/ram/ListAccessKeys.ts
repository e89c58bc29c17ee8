import { z } from 'zod';
import { wrappedList } from '../fields.ts';
import { heldKeys, keyAnswer, keyFields, keyHolderName } from './key-fields.ts';
import { notFound } from './ram-errors.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Lists the access keys of a user or of the caller. */
export const ListAccessKeys = defineRamOperation({
  name: 'ListAccessKeys',
  summary: 'List the access keys of a RAM user, or the own ones.',
  doc: `The oldest first, without their secrets. Without \`UserName\` the keys are the caller's own: those of the RAM
user, or those of the owner of the account. A session has no keys: it must name a user.`,
  kind: 'read',
  ram: { level: 'list', resource: 'acs:ram:*:{account}:user/{UserName}' },
  limit: { calls: 50, perSeconds: 1 },
  parameters: z.object({ UserName: keyHolderName }),
  response: z.object({ AccessKeys: wrappedList('AccessKey', keyFields) }),
  errors: notFound('user'),
  handle: (call) => {
    const account = call.core.directory.view(call.caller.accountId);
    const { held } = heldKeys(account, call, call.params.UserName);
    return { AccessKeys: { AccessKey: held.map(keyAnswer) } };
  },
});
