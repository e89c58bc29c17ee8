import { sql } from 'kysely';
import type { QueryExecutorProvider, Transaction } from 'kysely';
import { take } from './counters.ts';
import type { NewSealedKey } from './key-rows.ts';
import { createKey } from './keys.ts';
import type { LogSchema, MainSchema } from './schema.ts';

/** Nonces stay: a call that was made before a wipe is a replay after it. */
type KeptTable = 'meta' | 'counters' | 'nonces';

/** A table that the schema gets later does not compile until it is named here or kept. */
const MAIN_TABLES: Readonly<Record<Exclude<keyof MainSchema, KeptTable>, true>> = {
  blocks: true,
  changes: true,
  control_history: true,
  access_keys: true,
  entities: true,
  audit: true,
};

const LOG_TABLES: Readonly<Record<Exclude<keyof LogSchema, KeptTable>, true>> = {
  publishes: true,
  read_audit: true,
  anonymous_calls: true,
  refused_publishes: true,
};

/**
 * Forgets what a store in memory holds, and adds a key. The number of the feed that is left out makes a gap for everybody
 * who follows it.
 * @throws Error for a store that has a file
 */
export async function wipe(
  trx: Transaction<MainSchema>,
  { rootKey }: { rootKey: NewSealedKey },
): Promise<void> {
  await wipeTables(trx, MAIN_TABLES);
  await take(trx, 'feed');
  await createKey(trx, rootKey);
}

/** The same for the file of the log. */
export async function wipeLog(trx: Transaction<LogSchema>, _none: null): Promise<void> {
  await wipeTables(trx, LOG_TABLES);
}

async function wipeTables(db: QueryExecutorProvider, tables: Readonly<Record<string, true>>): Promise<void> {
  await requireMemory(db);
  for (const table of Object.keys(tables)) await sql`delete from ${sql.table(table)}`.execute(db);
}

/** The last guard of a real store. Only SQLite has databases in memory, so this is asked in its own words. */
async function requireMemory(db: QueryExecutorProvider): Promise<void> {
  const { rows } = await sql<{
    file: string | null;
  }>`select file from pragma_database_list where name = 'main'`.execute(db);
  if (rows[0]?.file) throw new Error('a store with files is not wiped');
}
