import { sql } from 'kysely';
import type { QueryExecutorProvider, Transaction } from 'kysely';
import { trimFeed } from './feed.ts';
import { setMeta } from './meta.ts';
import { ALIVE_AT } from './publishes.ts';
import { FEED_RETENTION, retention } from './retention.ts';
import type { Retention } from './retention.ts';
import type { LogSchema, MainSchema } from './schema.ts';

/** Rows that one step removes of a table, more or less: a sweep must not keep a forbid waiting. */
const STEP = 2000;

/** One step over `sluice.db`; true when there is more to remove. */
export async function sweepMain(trx: Transaction<MainSchema>, { now }: { now: number }): Promise<boolean> {
  const { ageMs, rows } = FEED_RETENTION;
  const more = await trimFeed(trx, { before: now - ageMs, rows, atMost: STEP });
  return (await sweepFile(trx, 'sluice.db', now)) || more;
}

/** One step over `sluice-log.db`, which also notes that the service is alive; true when there is more to remove. */
export async function sweepLog(trx: Transaction<LogSchema>, { now }: { now: number }): Promise<boolean> {
  await setMeta(trx, { name: ALIVE_AT, value: String(now) });
  return sweepFile(trx, 'sluice-log.db', now);
}

async function sweepFile(db: QueryExecutorProvider, file: Retention['file'], now: number): Promise<boolean> {
  let more = false;
  for (const bound of retention) {
    if (bound.file === file && (await sweepTable(db, bound, { now, step: STEP }))) more = true;
  }
  return more;
}

/**
 * Removes rows of one table that are too old or too many, the oldest first, about `step` of them; true when there is more
 * to remove. Rows of one time go together, but for those of an owner with too many.
 */
export async function sweepTable(
  db: QueryExecutorProvider,
  bound: Retention,
  { now, step }: { now: number; step: number },
): Promise<boolean> {
  const [table, column] = [sql.table(bound.table), sql.ref(bound.column)];
  const old = now - bound.ageMs;
  const last = bound.owner === null ? Math.max(old, await newestSurplus(db, bound)) : old;
  const found = await sql<{ at: number }>`select ${column} as at from ${table}
    where ${column} <= ${last} order by ${column} limit 1 offset ${step}`.execute(db);
  const until = found.rows[0]?.at;
  await sql`delete from ${table} where ${column} <= ${until ?? last}`.execute(db);
  if (until !== undefined || bound.owner === null || bound.rows === null) return until !== undefined;
  return sweepLargest(db, { ...bound, owner: bound.owner, rows: bound.rows }, step);
}

/** A table whose bound by number is shared fairly. */
interface SharedTable extends Pick<Retention, 'table' | 'column'> {
  readonly owner: string;
  readonly rows: number;
}

/**
 * When a table has too many rows, removes the oldest of the owner that has the most, so that no owner can push out the
 * rows of another: who has no more than its equal share of the bound loses none. True when there may be more to remove.
 */
async function sweepLargest(db: QueryExecutorProvider, shared: SharedTable, step: number): Promise<boolean> {
  const [table, owner, at] = [sql.table(shared.table), sql.ref(shared.owner), sql.ref(shared.column)];
  // No more than a look along an index; owners are counted only when there is something to remove.
  const full = await sql`select 1 from ${table} order by ${at} limit 1 offset ${shared.rows}`.execute(db);
  if (full.rows.length === 0) return false;
  const { rows: owners } = await sql<{ owner: string | null; n: number }>`select ${owner} as owner,
    count(*) as n from ${table} group by ${owner} order by n desc, owner`.execute(db);
  const [largest] = owners;
  if (!largest) return false;
  const surplus = owners.reduce((sum, { n }) => sum + n, -shared.rows);
  const share = Math.floor(shared.rows / owners.length);
  const count = Math.min(surplus, step, largest.n - share);
  const own = largest.owner === null ? sql`${owner} is null` : sql`${owner} = ${largest.owner}`;
  await sql`delete from ${table} where (${at}, request_id) in (select ${at}, request_id from ${table}
    where ${own} order by ${at}, request_id limit ${count})`.execute(db);
  return surplus > count;
}

/** The time of the newest row beyond the table's bound by count; 0 when there is none. */
async function newestSurplus(db: QueryExecutorProvider, { table, column, rows }: Retention): Promise<number> {
  if (rows === null) return 0;
  const [from, at] = [sql.table(table), sql.ref(column)];
  const surplus = await sql<{ at: number }>`select ${at} as at from ${from}
    where ${at} is not null order by ${at} desc limit 1 offset ${rows}`.execute(db);
  return surplus.rows[0]?.at ?? 0;
}
