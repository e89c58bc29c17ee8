import type { Kysely, Selectable, Transaction } from 'kysely';
import type { StreamKey } from '../core/names.ts';
import type { Caller, ControlOutcome, ControlQuery, ControlRecord } from '../core/ports.ts';
import type { CutEffect } from '../core/streams.ts';
import { take } from './counters.ts';
import { columnsOf, prepared } from './prepared.ts';
import type { ControlHistoryTable, MainSchema } from './schema.ts';

/** A call on a stream, to be recorded. */
export interface ControlCall {
  readonly caller: Caller;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly key: StreamKey;
  readonly reason: string | null;
  /** All but `resumed` cut, so that {@link recordEffects} will follow. */
  readonly outcome: ControlOutcome;
  /** End of the block that the call made or found; null: none. */
  readonly resumeAt: number | null;
}

/** Records a call; returns the number of its row. */
export async function recordCall(trx: Transaction<MainSchema>, call: ControlCall): Promise<number> {
  const id = await take(trx, 'history');
  const { caller, key } = call;
  await insert(trx, {
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
    publishers: null,
    players: null,
  });
  return id;
}

const insert = prepared((trx: Kysely<MainSchema>, row: ControlHistoryTable) =>
  trx.insertInto('control_history').values(columnsOf(row, COLUMNS)),
);

const COLUMNS = [
  'id',
  'at',
  'action',
  'account_id',
  'access_key_id',
  'client_address',
  'request_id',
  'domain',
  'app',
  'stream',
  'reason',
  'outcome',
  'resume_at',
  'publishers',
  'players',
] as const satisfies readonly (keyof ControlHistoryTable)[];

/** What a forbid reached. */
export interface ForbidEffect extends CutEffect {
  /** The number of its row. */
  readonly intentId: number;
}

/** Completes the rows of forbids. */
export async function recordEffects(
  trx: Transaction<MainSchema>,
  { effects }: { effects: readonly ForbidEffect[] },
): Promise<void> {
  for (const effect of effects) await complete(trx, effect);
}

const complete = prepared((trx: Kysely<MainSchema>, effect: ForbidEffect) =>
  trx
    .updateTable('control_history')
    .set({ publishers: effect.publishers, players: effect.players })
    .where('id', '=', effect.intentId),
);

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
