import { sql } from 'kysely';
import type { Kysely, SelectQueryBuilder, Selectable } from 'kysely';
import type { AuditFilter, AuditLine, AuditPlace, AuditQuery, LineExportQuery } from '../core/audit-trail.ts';
import { BEGUN } from './audit-row.ts';
import type { AuditTable, LogSchema, MainSchema } from './schema.ts';

/** The tables of the trail; each is in a file of its own. */
export type AuditTableName = 'audit' | 'read_audit';

type AuditDb = Kysely<Record<AuditTableName, AuditTable>>;
type Lines<O = unknown> = SelectQueryBuilder<Record<'lines', AuditTable>, 'lines', O>;

/** What was found in one table, and how far it was looked at; null: to its end. */
export interface TablePage {
  readonly lines: readonly AuditLine[];
  readonly frontier: AuditPlace | null;
}

/**
 * Lines that a page looks at, step by step: a filter that hardly anything matches must not keep a forbid waiting while a
 * million lines are read.
 */
const SCANS = [1000, 3000, 6000];

/** The filters that have an index of their own, the most selective first. A page is led by one of them. */
const LEADS = [
  ['target', 'target'],
  ['accessKeyId', 'access_key_id'],
  ['code', 'code'],
  ['actor', 'actor'],
  ['action', 'action'],
] as const satisfies readonly (readonly [keyof AuditFilter, keyof AuditTable])[];

/** A page of `sluice.db`, newest first, with one line more when there are more. */
export function listAudit(db: Kysely<MainSchema>, query: AuditQuery): Promise<TablePage> {
  return page(db as unknown as AuditDb, 'audit', query);
}

/** A page of `sluice-log.db`, newest first, with one line more when there are more. */
export function listReads(db: Kysely<LogSchema>, query: AuditQuery): Promise<TablePage> {
  return page(db as unknown as AuditDb, 'read_audit', query);
}

/** The next lines of `sluice.db`, oldest first. */
export async function exportAudit(db: Kysely<MainSchema>, query: LineExportQuery): Promise<AuditLine[]> {
  return (await oldest(db as unknown as AuditDb, 'audit', query).execute()).map(toLine);
}

/** The next lines of `sluice-log.db`, oldest first. */
export async function exportReads(db: Kysely<LogSchema>, query: LineExportQuery): Promise<AuditLine[]> {
  return (await oldest(db as unknown as AuditDb, 'read_audit', query).execute()).map(toLine);
}

async function page(db: AuditDb, table: AuditTableName, query: AuditQuery): Promise<TablePage> {
  const rows: Selectable<AuditTable>[] = [];
  let { after } = query;
  // With nothing to filter out, what is looked at is what is found.
  const scans = needsScan(query.filter) ? SCANS : [query.limit + 1];
  for (const scan of scans) {
    const step = { ...query, after };
    rows.push(...(await matching(db, table, { query: step, scan }).execute()));
    if (rows.length > query.limit) break;
    const last = await lastScanned(db, table, { query: step, scan }).executeTakeFirst();
    if (!last) return { lines: rows.map(toLine), frontier: null };
    after = placeOf(last);
  }
  const lines = rows.slice(0, query.limit + 1).map(toLine);
  return { lines, frontier: lines.length > query.limit ? (lines.at(-1) ?? null) : after };
}

/** What a step asks: the lines among the next `scan` that match. */
export interface Step {
  readonly query: AuditQuery;
  readonly scan: number;
}

/** The lines of a step, newest first. */
export function matching(
  db: AuditDb,
  table: AuditTableName,
  { query, scan }: Step,
): Lines<Selectable<AuditTable>> {
  const scanned = newest(led(db, table, query))
    .selectAll()
    .limit(scan);
  const rows = db.selectFrom(scanned.as('lines')).selectAll() as unknown as Lines<Selectable<AuditTable>>;
  return newest(filtered(rows, query.filter)).limit(query.limit + 1);
}

/** The place of the last line that a step looks at; nothing when there are fewer. */
export function lastScanned(
  db: AuditDb,
  table: AuditTableName,
  { query, scan }: Step,
): Lines<Pick<Selectable<AuditTable>, 'at' | 'request_id'>> {
  return newest(led(db, table, query))
    .select(['at', 'request_id'])
    .limit(1)
    .offset(scan - 1);
}

function from(db: AuditDb, table: AuditTableName): Lines<object> {
  return db.selectFrom(`${table} as lines`);
}

function newest<O>(lines: Lines<O>): Lines<O> {
  return lines.orderBy('at', 'desc').orderBy('request_id', 'desc');
}

/** What an index leads to: the account's lines of the span behind `after`, by one filter at most. */
function led(db: AuditDb, table: AuditTableName, query: AuditQuery): Lines<object> {
  const { accountId, from: begin, to, after, filter } = query;
  const until = after === null ? to : Math.min(to, after.at);
  let lines = from(db, table).where('at', '>=', begin).where('at', '<=', until);
  if (after !== null)
    lines = lines.where((eb) => eb.or([eb('at', '<', after.at), eb('request_id', '<', after.requestId)]));
  if (accountId === null) return lines;
  const lead = LEADS.find(([name]) => filter[name] !== undefined);
  if (!lead) return lines.where('account_id', '=', accountId);
  // In the words of the index (migrations.ts), or it does not lead.
  const [name, column] = lead;
  return lines
    .where(column, 'is not', null)
    .where(sql<boolean>`(account_id || ' ' || ${sql.ref(column)}) = ${`${accountId} ${filter[name] ?? ''}`}`);
}

function needsScan(filter: AuditFilter): boolean {
  return Object.values(filter).some((value) => value !== undefined);
}

function filtered<O>(rows: Lines<O>, filter: AuditFilter): Lines<O> {
  const { targetPrefix, result, kind, clientAddress, requestId } = filter;
  let lines = rows;
  for (const [name, column] of LEADS) {
    const value = filter[name];
    if (value !== undefined) lines = lines.where(column, '=', value);
  }
  if (clientAddress !== undefined) lines = lines.where('client_address', '=', clientAddress);
  if (requestId !== undefined) lines = lines.where('request_id', '=', requestId);
  if (kind !== undefined) lines = lines.where('kind', '=', kind);
  if (result !== undefined) lines = lines.where(RESULTS[result]);
  if (targetPrefix === undefined) return lines;
  // Without LIKE's wildcards, and with the same view of letter case in every dialect.
  return lines.where(sql<boolean>`substr(target, 1, length(${targetPrefix})) = ${targetPrefix}`);
}

/** The results as conditions; see resultOf in core/audit-trail.ts. */
const RESULTS = {
  unknown: sql<boolean>`status = ${BEGUN}`,
  denied: sql<boolean>`status <> ${BEGUN} and kind = 'denied'`,
  success: sql<boolean>`status between 1 and 299 and kind <> 'denied'`,
  failed: sql<boolean>`status >= 300 and kind <> 'denied'`,
} as const;

/** The next lines of an export. */
export function oldest(
  db: AuditDb,
  table: AuditTableName,
  query: LineExportQuery,
): Lines<Selectable<AuditTable>> {
  const { accountId, kind, from: begin, to, after, limit } = query;
  let lines = from(db, table).selectAll().where('at', '>=', begin).where('at', '<=', to);
  if (after !== null) lines = lines.where(sql<boolean>`(at, request_id) > (${after[0]}, ${after[1]})`);
  if (accountId !== null) lines = lines.where('account_id', '=', accountId);
  if (kind !== undefined) lines = lines.where('kind', '=', kind);
  return lines.orderBy('at').orderBy('request_id').limit(limit);
}

function placeOf({ at, request_id: requestId }: Pick<AuditTable, 'at' | 'request_id'>): AuditPlace {
  return { at, requestId };
}

function toLine(row: Selectable<AuditTable>): AuditLine {
  return {
    at: row.at,
    requestId: row.request_id,
    action: row.action,
    accountId: row.account_id,
    accessKeyId: row.access_key_id,
    clientAddress: row.client_address,
    actor: row.actor,
    target: row.target,
    effect: row.effect,
    status: row.status,
    code: row.code,
    kind: row.kind,
  };
}
