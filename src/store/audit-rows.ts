import type { Transaction } from 'kysely';
import type { AnonymousCallTable, AuditTable, LogSchema, MainSchema, RefusedPublishTable } from './schema.ts';

/** Adds lines of the durable audit. A line that was sent twice, because its answer was lost, is stored once. */
export async function appendAudit(
  trx: Transaction<MainSchema>,
  { rows }: { rows: readonly AuditTable[] },
): Promise<void> {
  await trx
    .insertInto('audit')
    .values(rows)
    .onConflict((conflict) => conflict.columns(['at', 'request_id']).doNothing())
    .execute();
}

/** Adds lines of the audit of reads. */
export async function appendReads(
  trx: Transaction<LogSchema>,
  { rows }: { rows: readonly AuditTable[] },
): Promise<void> {
  await trx
    .insertInto('read_audit')
    .values(rows)
    .onConflict((conflict) => conflict.columns(['at', 'request_id']).doNothing())
    .execute();
}

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
