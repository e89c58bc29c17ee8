import type { Transaction } from 'kysely';
import type { Entity, EntityChange } from '../core/entities.ts';
import type { DirectoryWrite, KeyWrite } from '../core/ports.ts';
import { beginCall } from './calls.ts';
import { take } from './counters.ts';
import { toEntityRow } from './entity-rows.ts';
import { announceEntities } from './feed.ts';
import { createKey, deleteKey, setKeyStatus } from './keys.ts';
import type { NewSealedKey, SealedKey } from './key-rows.ts';
import type { MainSchema } from './schema.ts';

type Trx = Transaction<MainSchema>;

/** A change of a key whose secret is sealed. */
export type SealedKeyWrite =
  { readonly kind: 'create'; readonly key: NewSealedKey } | Exclude<KeyWrite, { readonly kind: 'create' }>;

/** A change of an account whose new keys are sealed. */
export type SealedDirectoryWrite = Omit<DirectoryWrite, 'keys'> & {
  readonly keys: readonly SealedKeyWrite[];
};

/** What a key is after a change. */
export interface SealedKeyChange {
  readonly accessKeyId: string;
  readonly key: SealedKey | null;
  readonly version: number;
}

/** What became of a change. */
export type SealedDirectoryOutcome =
  | {
      readonly kind: 'done';
      readonly changes: readonly EntityChange[];
      readonly keys: readonly SealedKeyChange[];
    }
  | { readonly kind: 'stale' | 'taken' | 'nonce-used' };

/** Changes one account: nonce, entities, keys and feed together or not at all. */
export async function writeDirectory(trx: Trx, write: SealedDirectoryWrite): Promise<SealedDirectoryOutcome> {
  const { account, caller, now } = write;
  if ((await versionOf(trx, account.id)) !== write.expectedVersion) return { kind: 'stale' };
  if (await takesADomain(trx, write)) return { kind: 'taken' };
  if (caller && !(await beginCall(trx, { caller, now }))) return { kind: 'nonce-used' };
  const changes = await writeEntities(trx, write);
  const keys: SealedKeyChange[] = [];
  for (const key of write.keys) keys.push(await writeKey(trx, key, now));
  return { kind: 'done', changes, keys };
}

async function versionOf(trx: Trx, accountId: string): Promise<number> {
  const row = await trx
    .selectFrom('entities')
    .select('version')
    .where((eb) => eb.and({ kind: 'account', id: accountId }))
    .executeTakeFirst();
  return row?.version ?? 0;
}

/** Whether a domain of the change is another account's: by name, or because that one forbade a stream of it before. */
async function takesADomain(trx: Trx, { account, puts }: SealedDirectoryWrite): Promise<boolean> {
  for (const { kind, id } of puts) {
    if (kind !== 'domain') continue;
    const owner = await trx
      .selectFrom('entities')
      .select('account_id')
      .where((eb) => eb.and({ kind: 'domain', id }))
      .executeTakeFirst();
    if (owner && owner.account_id !== account.id) return true;
    for (const table of ['blocks', 'control_history'] as const) {
      const others = await trx
        .selectFrom(table)
        .select('account_id')
        .where('domain', '=', id)
        .where('account_id', '!=', account.id)
        .limit(1)
        .executeTakeFirst();
      if (others) return true;
    }
  }
  return false;
}

async function writeEntities(trx: Trx, write: SealedDirectoryWrite): Promise<EntityChange[]> {
  const { account, removes, now } = write;
  const puts: Entity[] = [account, ...write.puts];
  const count = removes.length + puts.length;
  const firstSeq = (await take(trx, 'feed', count)) - count + 1;
  const gone = removes.map(({ kind, id }, at) => ({ kind, id, version: firstSeq + at, entity: null }));
  const put = puts.map((entity, at) => {
    const { kind, id } = entity;
    return { kind, id, version: firstSeq + removes.length + at, entity };
  });
  for (const { kind, id } of removes)
    await trx
      .deleteFrom('entities')
      .where((eb) => eb.and({ kind, id, account_id: account.id }))
      .execute();
  for (const { entity, version } of put) {
    const row = toEntityRow(entity, version);
    const { document } = row;
    await trx
      .insertInto('entities')
      .values(row)
      .onConflict((conflict) => conflict.columns(['kind', 'id']).doUpdateSet({ document, version }))
      .execute();
  }
  await announceEntities(trx, [...removes, ...puts], { firstSeq, at: now });
  return [...gone, ...put];
}

async function writeKey(trx: Trx, write: SealedKeyWrite, at: number): Promise<SealedKeyChange> {
  if (write.kind === 'create') {
    const key = await createKey(trx, write.key);
    return { accessKeyId: key.accessKeyId, key, version: key.version };
  }
  const { accessKeyId } = write;
  if (write.kind === 'delete')
    return { accessKeyId, key: null, version: await deleteKey(trx, { accessKeyId, at }) };
  const key = await setKeyStatus(trx, { accessKeyId, status: write.status, at });
  return { accessKeyId, key, version: key.version };
}
