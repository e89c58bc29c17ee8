import type { Kysely, Transaction } from 'kysely';
import type { Caller } from '../core/ports.ts';
import { auditColumns, BEGUN, intentRow } from './audit-row.ts';
import { columnsOf, prepared } from './prepared.ts';
import type { AnonymousCallTable, AuditTable, LogSchema, MainSchema, RefusedPublishTable } from './schema.ts';

/** The status of a call that got no answer from the store in its time. */
const UNAVAILABLE = 503;

/** Adds the line of a call that is about to change the store; its answer may be there already, when that came first. */
export async function appendIntent(trx: Transaction<MainSchema>, caller: Caller): Promise<void> {
  await begin(trx, intentRow(caller));
}

const begin = prepared((trx: Kysely<MainSchema>, row: AuditTable) =>
  trx
    .insertInto('audit')
    .values(columnsOf(row, auditColumns))
    .onConflict((conflict) =>
      conflict
        .columns(['at', 'request_id'])
        // It was answered as if the store had failed, and now the change is made all the same.
        .doUpdateSet({ status: BEGUN, code: null })
        .where('audit.status', '=', UNAVAILABLE),
    ),
);

/**
 * Adds lines of the durable audit, and completes those that were begun. A line that was sent twice, because its answer
 * was lost, is stored once. Gives the lines that do not belong here: calls that were refused before they began.
 */
export async function appendAudit(
  trx: Transaction<MainSchema>,
  { rows }: { rows: readonly AuditTable[] },
): Promise<AuditTable[]> {
  const left: AuditTable[] = [];
  for (const row of rows) {
    // What was begun and timed out was made all the same: it stays without an answer.
    if (row.status !== UNAVAILABLE && (await complete(trx, row)).numAffectedRows === 1n) continue;
    if (isRefusal(row) && (await find(trx, row)).rows.length === 0) left.push(row);
    else await add(trx, row);
  }
  return left;
}

/** A writing call that the caller got wrong. What failed on our side may still come to be, so it is none. */
function isRefusal({ kind, status, effect }: AuditTable): boolean {
  return kind === 'write' && status >= 400 && status < 500 && effect === null;
}

/** Changes nothing when there is no such line, or it has its answer. */
const complete = prepared((trx: Kysely<MainSchema>, row: AuditTable) =>
  trx
    .updateTable('audit')
    .set(columnsOf(row, ['status', 'code', 'kind', 'effect']))
    .where('at', '=', row.at)
    .where('request_id', '=', row.request_id)
    .where('status', '=', BEGUN),
);

const find = prepared((trx: Kysely<MainSchema>, row: AuditTable) =>
  trx.selectFrom('audit').select('status').where('at', '=', row.at).where('request_id', '=', row.request_id),
);

const add = prepared((trx: Kysely<MainSchema>, row: AuditTable) =>
  trx
    .insertInto('audit')
    .values(columnsOf(row, auditColumns))
    .onConflict((conflict) => conflict.columns(['at', 'request_id']).doNothing()),
);

/** Adds lines of the audit of reads. */
export async function appendReads(
  trx: Transaction<LogSchema>,
  { rows }: { rows: readonly AuditTable[] },
): Promise<void> {
  for (const row of rows) await addRead(trx, row);
}

const addRead = prepared((trx: Kysely<LogSchema>, row: AuditTable) =>
  trx
    .insertInto('read_audit')
    .values(columnsOf(row, auditColumns))
    .onConflict((conflict) => conflict.columns(['at', 'request_id']).doNothing()),
);

/** Adds to the sums of calls without a valid signature. */
export async function addAnonymous(
  trx: Transaction<LogSchema>,
  { rows }: { rows: readonly AnonymousCallTable[] },
): Promise<void> {
  await trx
    .insertInto('anonymous_calls')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['minute', 'source'])
        .doUpdateSet((eb) => ({ calls: eb('anonymous_calls.calls', '+', eb.ref('excluded.calls')) })),
    )
    .execute();
}

/** Adds to the sums of publishers that were turned away. */
export async function addRefused(
  trx: Transaction<LogSchema>,
  { rows }: { rows: readonly RefusedPublishTable[] },
): Promise<void> {
  await trx
    .insertInto('refused_publishes')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['minute', 'source', 'target', 'problem']).doUpdateSet((eb) => ({
        attempts: eb('refused_publishes.attempts', '+', eb.ref('excluded.attempts')),
      })),
    )
    .execute();
}
