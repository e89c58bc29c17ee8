import { z } from 'zod';
import { createKey } from '../../core/ram/access-keys.ts';
import { text } from '../fields.ts';
import { heldKeys, holderText, keyAnswer, keyFields, keyHolderName } from './key-fields.ts';
import { limited, notFound } from './ram-errors.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Makes an access key. */
export const CreateAccessKey = defineRamOperation({
  name: 'CreateAccessKey',
  summary: 'Make an access key and answer its secret, once.',
  doc: `The secret is in this answer and nowhere else: no other call, log or record shows it again. The key works at
once. A user has 2 keys at most, active or not. Without \`UserName\` the caller gets the key: a RAM user for itself, the
owner of the account for itself (5 at most, those of \`sluice keys create\` counted). A session has no keys: it must name
a user.`,
  kind: 'write',
  ram: { level: 'create', resource: 'acs:ram:*:{account}:user/{UserName}' },
  limit: { calls: 20, perSeconds: 1 },
  parameters: z.object({ UserName: keyHolderName }),
  response: z.object({
    AccessKey: keyFields.extend({
      AccessKeySecret: text({
        description: 'Secret of the key; keep it now.',
        example: 'J7cVqQ0pXy3mZtLw8aRkNf5sUd2hGb9e',
      }),
    }),
  }),
  errors: { ...notFound('user'), ...limited('access-key') },
  async handle(call) {
    const { params, caller, core, reached } = call;
    const { ids } = core;
    const key = await core.changes.change(caller.accountId, caller, (account, now) => {
      const { holder, held } = heldKeys(account, call, params.UserName);
      return createKey(holder, held, { ids, now });
    });
    const { accessKeyId, secret } = key;
    reached({ Holder: holderText(call, params.UserName), AccessKeyId: accessKeyId });
    return { AccessKey: { ...keyAnswer({ ...key, status: 'active' }), AccessKeySecret: secret } };
  },
});
