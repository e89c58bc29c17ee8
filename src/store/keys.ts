import type { Kysely, Transaction } from 'kysely';
import type { AccessKey } from '../core/access-keys.ts';
import { take } from './counters.ts';
import { announceKey } from './feed.ts';
import { keyColumns, toSealedKey } from './key-rows.ts';
import type { NewSealedKey, SealedKey } from './key-rows.ts';
import type { MainSchema } from './schema.ts';

type Trx = Transaction<MainSchema>;

/** Adds an active key. @throws Error when the id exists. */
export async function createKey(trx: Trx, key: NewSealedKey): Promise<SealedKey> {
  const version = await take(trx, 'feed');
  const row = await trx
    .insertInto('access_keys')
    .values({
      access_key_id: key.accessKeyId,
      account_id: key.accountId,
      sealed_secret: key.sealedSecret,
      status: 'active',
      note: key.note,
      root: key.root ? 1 : 0,
      created_at: key.createdAt,
      version,
      user_id: key.userId,
    })
    .onConflict((conflict) => conflict.column('access_key_id').doNothing())
    .returning(keyColumns)
    .executeTakeFirst();
  if (!row) throw new Error(`access key ${key.accessKeyId} exists already`);
  await announceKey(trx, { seq: version, at: key.createdAt, accessKeyId: key.accessKeyId });
  return toSealedKey(row);
}

/** All keys, the oldest first. */
export async function listKeys(db: Kysely<MainSchema>): Promise<SealedKey[]> {
  const rows = await db
    .selectFrom('access_keys')
    .select(keyColumns)
    .orderBy('created_at')
    .orderBy('version')
    .execute();
  return rows.map(toSealedKey);
}

/** Enables or disables a key. @throws Error when there is none, and nothing of the transaction may stay */
export async function setKeyStatus(
  trx: Trx,
  change: { accessKeyId: string; status: AccessKey['status']; at: number },
): Promise<SealedKey> {
  const { accessKeyId, status, at } = change;
  const version = await take(trx, 'feed');
  const row = await trx
    .updateTable('access_keys')
    .set({ status, version })
    .where('access_key_id', '=', accessKeyId)
    .returning(keyColumns)
    .executeTakeFirstOrThrow();
  await announceKey(trx, { seq: version, at, accessKeyId });
  return toSealedKey(row);
}

/** Removes a key; gives the version of the change. @throws Error as {@link setKeyStatus} */
export async function deleteKey(
  trx: Trx,
  { accessKeyId, at }: { accessKeyId: string; at: number },
): Promise<number> {
  const version = await take(trx, 'feed');
  await trx
    .deleteFrom('access_keys')
    .where('access_key_id', '=', accessKeyId)
    .returning('access_key_id')
    .executeTakeFirstOrThrow();
  await announceKey(trx, { seq: version, at, accessKeyId });
  return version;
}
