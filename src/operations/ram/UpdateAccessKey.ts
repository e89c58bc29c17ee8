import { z } from 'zod';
import { setKeyStatus } from '../../core/ram/access-keys.ts';
import { heldKeys, holderText, keyHolderName, keyStatus, userAccessKeyId } from './key-fields.ts';
import { LAST_KEY, notFound } from './ram-errors.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Enables or disables an access key. */
export const UpdateAccessKey = defineRamOperation({
  name: 'UpdateAccessKey',
  summary: 'Enable or disable an access key.',
  doc: `Calls that a disabled key signs are refused from the answer on, and within 100 ms in other processes of the
store. Without \`UserName\` the key is one of the caller's own. The last active root key of an account, or its owner's
last active key where none is a root key, is not disabled: nobody could call any more.`,
  kind: 'write',
  ram: { level: 'update', resource: 'acs:ram:*:{account}:user/{UserName}' },
  limit: { calls: 20, perSeconds: 1 },
  parameters: z.object({
    UserName: keyHolderName,
    UserAccessKeyId: userAccessKeyId,
    Status: keyStatus,
  }),
  response: z.object({}),
  errors: { ...notFound('user', 'access-key'), ...LAST_KEY },
  async handle(call) {
    const { params, caller, core, reached } = call;
    const { UserName, UserAccessKeyId: accessKeyId, Status } = params;
    const status = Status === 'Active' ? 'active' : 'disabled';
    await core.changes.change(caller.accountId, caller, (account) =>
      setKeyStatus(heldKeys(account, call, UserName).held, { accessKeyId, status }),
    );
    reached({ Holder: holderText(call, UserName), AccessKeyId: accessKeyId, Status });
    return {};
  },
});
