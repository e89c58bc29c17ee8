import type { Selectable } from 'kysely';
import type { AccessKey } from '../core/access-keys.ts';
import type { AccessKeyTable } from './schema.ts';

/** An access key whose secret is still sealed: the worker never has the master key. */
export type SealedKey = Omit<AccessKey, 'secret'> & { readonly sealedSecret: string };

/** A sealed key that is about to be made. */
export type NewSealedKey = Omit<SealedKey, 'status' | 'version'>;

/** The columns of a key, for select lists. */
export const keyColumns = [
  'access_key_id',
  'account_id',
  'sealed_secret',
  'status',
  'note',
  'root',
  'created_at',
  'version',
  'user_id',
] as const satisfies readonly (keyof AccessKeyTable)[];

/** A row with its secret still sealed. */
export function toSealedKey(row: Selectable<AccessKeyTable>): SealedKey {
  return {
    accessKeyId: row.access_key_id,
    accountId: row.account_id,
    userId: row.user_id,
    sealedSecret: row.sealed_secret,
    status: row.status,
    note: row.note,
    root: row.root === 1,
    createdAt: row.created_at,
    version: row.version,
  };
}
