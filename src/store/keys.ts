import type { Kysely, Transaction } from 'kysely';
import type { AccessKey } from '../core/access-keys.ts';
import { announceKey, take } from './feed.ts';
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

/** Enables or disables a key; undefined when there is none. */
export async function setKeyStatus(
  trx: Trx,
  change: { accessKeyId: string; status: AccessKey['status']; at: number },
): Promise<SealedKey | undefined> {
  const { accessKeyId, status, at } = change;
  if (!(await keyExists(trx, accessKeyId))) return undefined;
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

/** Removes a key; the version of the change, or undefined when there is no such key. */
export async function deleteKey(
  trx: Trx,
  { accessKeyId, at }: { accessKeyId: string; at: number },
): Promise<number | undefined> {
  const { numDeletedRows } = await trx
    .deleteFrom('access_keys')
    .where('access_key_id', '=', accessKeyId)
    .executeTakeFirst();
  if (numDeletedRows === 0n) return undefined;
  const version = await take(trx, 'feed');
  await announceKey(trx, { seq: version, at, accessKeyId });
  return version;
}

/** Whether there is a key of this id. */
export async function keyExists(trx: Trx, accessKeyId: string): Promise<boolean> {
  const row = await trx
    .selectFrom('access_keys')
    .select('access_key_id')
    .where('access_key_id', '=', accessKeyId)
    .executeTakeFirst();
  return row !== undefined;
}
