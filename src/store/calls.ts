import type { Kysely, Transaction } from 'kysely';
import { NONCE_LIFETIME_MS } from '../core/access-keys.ts';
import type { Caller } from '../core/ports.ts';
import { appendIntent } from './audit-rows.ts';
import { prepared } from './prepared.ts';
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
  const expiresAt = now + NONCE_LIFETIME_MS;
  const nonce = { accessKeyId: caller.accessKeyId, nonce: caller.nonce, expiresAt, now };
  const { numAffectedRows } = await takeNonce(trx, nonce);
  if (numAffectedRows !== 1n) return false;
  await appendIntent(trx, caller);
  return true;
}

/** A nonce is free again when it has expired, though its row may still be there. */
const takeNonce = prepared((trx: Kysely<MainSchema>, value: NonceValues) => {
  const expires_at = value.expiresAt;
  return trx
    .insertInto('nonces')
    .values({ access_key_id: value.accessKeyId, nonce: value.nonce, expires_at })
    .onConflict((conflict) =>
      conflict
        .columns(['access_key_id', 'nonce'])
        .doUpdateSet({ expires_at })
        .where('nonces.expires_at', '<=', value.now),
    );
});

interface NonceValues {
  readonly accessKeyId: string;
  readonly nonce: string;
  readonly expiresAt: number;
  readonly now: number;
}
