import type { Transaction } from 'kysely';
import { NONCE_LIFETIME_MS } from '../core/access-keys.ts';
import type { Caller } from '../core/ports.ts';
import type { MainSchema } from './schema.ts';

/**
 * Takes the nonce of a writing call, in the transaction of what the call writes; false when it was used already, and
 * then nothing of the call may be written.
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
  return numInsertedOrUpdatedRows === 1n;
}
