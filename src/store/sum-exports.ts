import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { AnonymousSum, ExportQuery, RefusedSum } from '../core/audit-trail.ts';
import type { LogSchema } from './schema.ts';

/** The next sums of calls without a proven caller, oldest first. */
export function exportAnonymous(db: Kysely<LogSchema>, query: ExportQuery): Promise<AnonymousSum[]> {
  const { from, to, after, limit } = query;
  let rows = db
    .selectFrom('anonymous_calls')
    .selectAll()
    .where('minute', '>=', from)
    .where('minute', '<=', to);
  if (after !== null) rows = rows.where(sql<boolean>`(minute, source) > (${sql.join(after)})`);
  return rows.orderBy('minute').orderBy('source').limit(limit).execute();
}

/** The next sums of publishers that were turned away, oldest first. */
export function exportRefused(db: Kysely<LogSchema>, query: ExportQuery): Promise<RefusedSum[]> {
  const { from, to, after, limit } = query;
  let rows = db
    .selectFrom('refused_publishes')
    .selectAll()
    .where('minute', '>=', from)
    .where('minute', '<=', to);
  if (after !== null)
    rows = rows.where(sql<boolean>`(minute, source, target, problem) > (${sql.join(after)})`);
  return rows.orderBy('minute').orderBy('source').orderBy('target').orderBy('problem').limit(limit).execute();
}
