import type { Transaction } from 'kysely';
import { NONCE_LIFETIME_MS } from '../core/access-keys.ts';
import type { Caller } from '../core/ports.ts';
import { appendIntent } from './audit-rows.ts';
import type { MainSchema } from './schema.ts';

/**
 * Takes the nonce of a writing call and leaves its line in the audit trail, in the transaction of what the call writes:
 * what was done can not be missing from the trail, however the process ends. The line has no answer until the call has
 * one. False when the nonce was used already, and then nothing of the call may be written.
 */
export async function beginCall(
  trx: Transaction<MainSchema>,
  { caller, now }: { caller: Caller; now: number },
): Promise<boolean> {
  const expires_at = now + NONCE_LIFETIME_MS;
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('nonces')
    .values({ access_key_id: caller.accessKeyId, nonce: caller.nonce, expires_at })
    .onConflict((conflict) =>
      conflict
        .columns(['access_key_id', 'nonce'])
        .doUpdateSet({ expires_at })
        .where('nonces.expires_at', '<=', now),
    )
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows !== 1n) return false;
  await appendIntent(trx, caller);
  return true;
}
