import type { Kysely, Selectable, Transaction } from 'kysely';
import type { StreamKey } from '../core/names.ts';
import type { Caller, ControlOutcome, ControlQuery, ControlRecord } from '../core/ports.ts';
import type { CutEffect } from '../core/streams.ts';
import { take } from './feed.ts';
import type { ControlHistoryTable, MainSchema } from './schema.ts';

/** A call on a stream, to be recorded. */
export interface ControlCall {
  readonly caller: Caller;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly key: StreamKey;
  readonly reason: string | null;
  /** All but `resumed` cut, so that {@link recordEffect} will follow. */
  readonly outcome: ControlOutcome;
  /** End of the block that the call made or found; null: none. */
  readonly resumeAt: number | null;
}

/** Records a call; returns the number of its row. */
export async function recordCall(trx: Transaction<MainSchema>, call: ControlCall): Promise<number> {
  const id = await take(trx, 'history');
  const { caller, key } = call;
  await trx
    .insertInto('control_history')
    .values({
      id,
      at: call.at,
      action: caller.action,
      account_id: caller.accountId,
      access_key_id: caller.accessKeyId,
      client_address: caller.clientAddress,
      request_id: caller.requestId,
      domain: key.domain,
      app: key.app,
      stream: key.stream,
      reason: call.reason,
      outcome: call.outcome,
      resume_at: call.resumeAt,
    })
    .execute();
  return id;
}

/** Completes the row of a forbid. */
export async function recordEffect(
  trx: Transaction<MainSchema>,
  { intentId, effect }: { intentId: number; effect: CutEffect },
): Promise<void> {
  await trx
    .updateTable('control_history')
    .set({ publishers: effect.publishers, players: effect.players })
    .where('id', '=', intentId)
    .execute();
}

/** The account's calls on a domain's streams, newest first. A resume in every app belongs to the history of each app. */
export async function listControlHistory(
  db: Kysely<MainSchema>,
  { query, limit }: { query: ControlQuery; limit: number },
): Promise<ControlRecord[]> {
  const { accountId, domain, app, from, to } = query;
  let matching = db
    .selectFrom('control_history')
    .selectAll()
    .where('domain', '=', domain)
    .where('account_id', '=', accountId)
    .where('at', '>=', from)
    .where('at', '<=', to);
  if (app !== undefined) matching = matching.where('app', 'in', [app, '*']);
  const rows = await matching.orderBy('at', 'desc').orderBy('id', 'desc').limit(limit).execute();
  return rows.map(toRecord);
}

function toRecord(row: Selectable<ControlHistoryTable>): ControlRecord {
  return {
    at: row.at,
    action: row.action,
    clientAddress: row.client_address,
    accessKeyId: row.access_key_id,
    requestId: row.request_id,
    key: { domain: row.domain, app: row.app, stream: row.stream },
    reason: row.reason,
    effect: row.outcome === 'resumed' ? null : effectOf(row),
    outcome: row.outcome,
    resumeAt: row.resume_at,
  };
}

/** A cut without an effect: the process ended between the commit and the cut, or is there just now. */
function effectOf({ publishers, players }: Selectable<ControlHistoryTable>): CutEffect | 'unknown' {
  return publishers === null || players === null ? 'unknown' : { publishers, players };
}
