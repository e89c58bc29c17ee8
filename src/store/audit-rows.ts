import type { Transaction } from 'kysely';
import type { Caller } from '../core/ports.ts';
import { BEGUN, intentRow } from './audit-row.ts';
import type { AnonymousCallTable, AuditTable, LogSchema, MainSchema, RefusedPublishTable } from './schema.ts';

/** Adds the line of a call that is about to change the store; its answer may be there already, when that came first. */
export async function appendIntent(trx: Transaction<MainSchema>, caller: Caller): Promise<void> {
  await trx
    .insertInto('audit')
    .values(intentRow(caller))
    .onConflict((conflict) => conflict.columns(['at', 'request_id']).doNothing())
    .execute();
}

/**
 * Adds lines of the durable audit, and completes those that were begun. A line that was sent twice, because its answer
 * was lost, is stored once.
 */
export async function appendAudit(
  trx: Transaction<MainSchema>,
  { rows }: { rows: readonly AuditTable[] },
): Promise<void> {
  await trx
    .insertInto('audit')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['at', 'request_id'])
        .doUpdateSet((eb) => ({
          status: eb.ref('excluded.status'),
          code: eb.ref('excluded.code'),
          kind: eb.ref('excluded.kind'),
          effect: eb.ref('excluded.effect'),
        }))
        .where('audit.status', '=', BEGUN),
    )
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
