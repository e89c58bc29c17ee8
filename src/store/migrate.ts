import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { StartError } from '../base/errors.ts';
import type { Migration } from './migrations.ts';

/** What {@link migrate} works on. */
export interface MigrationRun {
  readonly migrations: readonly Migration[];
  /** The file's path, for the error. */
  readonly path: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * Brings a file to the newest schema, each step in a transaction of its own; two processes that start together do not
 * apply a step twice, because each looks again under the write lock.
 * @throws StartError when the file was written by a newer version.
 */
export async function migrate<S>(db: Kysely<S>, run: MigrationRun): Promise<void> {
  let more = true;
  while (more) {
    more = await db.transaction().execute((trx) => applyNext(trx as unknown as Kysely<unknown>, run));
  }
}

async function applyNext(trx: Kysely<unknown>, run: MigrationRun): Promise<boolean> {
  const applied = await newestApplied(trx);
  const newest = run.migrations.at(-1)?.index ?? 0;
  if (applied > newest) {
    throw new StartError(
      `${run.path} was written by a newer version (schema ${applied}, this one knows ${newest}): ` +
        'start that version, or restore a backup from before the upgrade',
    );
  }
  const next = run.migrations.find(({ index }) => index === applied + 1);
  if (!next) return false;
  await next.up(trx);
  await sql`insert into schema_migrations (number, name, applied_at) values (${next.index}, ${next.name}, ${run.now})`.execute(
    trx,
  );
  return true;
}

async function newestApplied(trx: Kysely<unknown>): Promise<number> {
  await trx.schema
    .createTable('schema_migrations')
    .ifNotExists()
    .addColumn('number', 'bigint', (column) => column.primaryKey().notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('applied_at', 'bigint', (column) => column.notNull())
    .execute();
  const { rows } = await sql<{
    number: number | null;
  }>`select max(number) as number from schema_migrations`.execute(trx);
  return rows[0]?.number ?? 0;
}
