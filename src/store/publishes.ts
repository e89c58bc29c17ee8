import { sql } from 'kysely';
import type { Kysely, Selectable, SelectQueryBuilder, Transaction } from 'kysely';
import type { Page, PublishQuery, PublishRecord } from '../core/ports.ts';
import { getMeta } from './meta.ts';
import type { LogSchema, PublishTable } from './schema.ts';

/** The end of publishes whose process did not live to tell. */
const ORPHAN_REASON = 'the service stopped';

/** The row of `meta` with the time of the last sweep, by which the death of an earlier process is dated. */
export const ALIVE_AT = 'alive_at';

/** Stores the beginning or the end of publishes; the newest of several rows of one publish counts. */
export async function appendPublishes(
  trx: Transaction<LogSchema>,
  { rows }: { rows: readonly PublishTable[] },
): Promise<void> {
  // One statement may not change a row twice (PostgreSQL), so the last word on each publish is found here.
  const last = [...new Map(rows.map((row) => [row.id, row])).values()];
  if (last.length === 0) return;
  await trx
    .insertInto('publishes')
    .values(last)
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet((eb) => ({
        ended_at: eb.fn.coalesce('excluded.ended_at', 'publishes.ended_at'),
        end_reason: eb.fn.coalesce('excluded.end_reason', 'publishes.end_reason'),
        bytes: eb.fn.coalesce('excluded.bytes', 'publishes.bytes'),
      })),
    )
    .execute();
}

/** Ends the publishes that an earlier run of the service left open, at the time when it was last seen alive. */
export async function closeOrphans(
  trx: Transaction<LogSchema>,
  { runId }: { runId: string },
): Promise<number> {
  const aliveAt = Number((await getMeta(trx, ALIVE_AT)) ?? 0);
  const ended = sql<number>`case when started_at > ${aliveAt} then started_at else ${aliveAt} end`;
  const { numUpdatedRows } = await trx
    .updateTable('publishes')
    .set({ ended_at: ended, end_reason: ORPHAN_REASON })
    .where('ended_at', 'is', null)
    .where('run_id', '!=', runId)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/** A page of the publishes that overlap the span. */
export async function listPublishes(
  db: Kysely<LogSchema>,
  query: PublishQuery,
): Promise<Page<PublishRecord>> {
  const matching = overlapping(db, query);
  const { total } = await matching
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  const rows = await ordered(matching, query.order)
    .selectAll()
    .limit(query.pageSize)
    .offset((query.pageNumber - 1) * query.pageSize)
    .execute();
  return { total, items: rows.map(toRecord) };
}

function overlapping(db: Kysely<LogSchema>, query: PublishQuery) {
  const { domain, app, stream, match, from, to } = query;
  let rows = db
    .selectFrom('publishes')
    .where('domain', '=', domain)
    .where('started_at', '<=', to)
    .where((eb) => eb.or([eb('ended_at', 'is', null), eb('ended_at', '>=', from)]));
  if (app !== undefined) rows = rows.where('app', '=', app);
  if (stream === undefined || stream === '') return rows;
  if (match === 'strict') return rows.where('stream', '=', stream);
  // "Contains", without LIKE's wildcards and with the same view of letter case in every dialect.
  return rows.where(sql<boolean>`replace(stream, ${stream}, '') <> stream`);
}

function ordered<O>(
  rows: SelectQueryBuilder<LogSchema, 'publishes', O>,
  order: PublishQuery['order'],
): SelectQueryBuilder<LogSchema, 'publishes', O> {
  const direction = order.endsWith('_desc') ? 'desc' : 'asc';
  const byName = order.startsWith('stream_name') ? rows.orderBy('stream', direction) : rows;
  return byName.orderBy('started_at', direction).orderBy('id', direction);
}

function toRecord(row: Selectable<PublishTable>): PublishRecord {
  return {
    id: row.id,
    key: { domain: row.domain, app: row.app, stream: row.stream },
    pushDomain: row.push_domain,
    clientAddress: row.client_address,
    serverAddress: row.server_address,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    endReason: row.end_reason,
    bytes: row.bytes,
  };
}
