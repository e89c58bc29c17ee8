import { sql } from 'kysely';
import type { QueryExecutorProvider, Transaction } from 'kysely';
import type { MainSchema, MetaTable } from './schema.ts';

/** What makes two stores different, made at the first start. */
export interface Identity {
  /** A known text, sealed under the master key. */
  readonly keyCheck: string;
  readonly rootAccountId: string;
}

/** Gives the store its identity unless it has one; returns the one that it has. */
export async function identify(trx: Transaction<MainSchema>, fresh: Identity): Promise<Identity> {
  await trx
    .insertInto('meta')
    .values([
      { name: 'key_check', value: fresh.keyCheck },
      { name: 'root_account_id', value: fresh.rootAccountId },
    ])
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
  const [keyCheck, rootAccountId] = [await getMeta(trx, 'key_check'), await getMeta(trx, 'root_account_id')];
  return { keyCheck: keyCheck ?? '', rootAccountId: rootAccountId ?? '' };
}

/** A named text of either file. */
export async function getMeta(db: QueryExecutorProvider, name: string): Promise<string | undefined> {
  const { rows } = await sql<MetaTable>`select name, value from meta where name = ${name}`.execute(db);
  return rows[0]?.value;
}

/** Sets a named text of either file. */
export async function setMeta(db: QueryExecutorProvider, { name, value }: MetaTable): Promise<void> {
  await sql`insert into meta (name, value) values (${name}, ${value})
    on conflict (name) do update set value = excluded.value`.execute(db);
}

/** Writes one row, and another one each time: SQLite does not write what is there already. */
export async function countPing(db: QueryExecutorProvider): Promise<void> {
  await sql`insert into meta (name, value) values ('pings', '1')
    on conflict (name) do update set value = cast(cast(meta.value as bigint) + 1 as text)`.execute(db);
}
