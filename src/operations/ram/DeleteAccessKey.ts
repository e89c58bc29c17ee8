import { z } from 'zod';
import { deleteKey } from '../../core/ram/access-keys.ts';
import { heldKeys, holderText, keyHolderName, userAccessKeyId } from './key-fields.ts';
import { LAST_KEY, notFound } from './ram-errors.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Deletes an access key. */
export const DeleteAccessKey = defineRamOperation({
  name: 'DeleteAccessKey',
  summary: 'Delete an access key for good.',
  doc: `Calls that the key signs are refused from the answer on, and within 100 ms in other processes of the store. An
active key can be deleted; UpdateAccessKey shows before what would stop working. Without \`UserName\` the key is one of
the caller's own. The last active root key of an account, or its owner's last active key where none is a root key, is
not deleted: nobody could call any more.`,
  kind: 'write',
  ram: { level: 'delete', resource: 'acs:ram:*:{account}:user/{UserName}' },
  limit: { calls: 20, perSeconds: 1 },
  parameters: z.object({ UserName: keyHolderName, UserAccessKeyId: userAccessKeyId }),
  response: z.object({}),
  errors: { ...notFound('user', 'access-key'), ...LAST_KEY },
  async handle(call) {
    const { params, caller, core, reached } = call;
    const { UserName, UserAccessKeyId: accessKeyId } = params;
    await core.changes.change(caller.accountId, caller, (account) =>
      deleteKey(heldKeys(account, call, UserName).held, { accessKeyId }),
    );
    reached({ Holder: holderText(call, UserName), AccessKeyId: accessKeyId });
    return {};
  },
});
