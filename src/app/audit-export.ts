import { systemClock } from '../base/clock.ts';
import { StartError } from '../base/errors.ts';
import type { AuditLine, AuditTrail, ExportPlace, ExportQuery } from '../core/audit-trail.ts';
import { auditEntry } from '../operations/audit-entry.ts';
import type { Config } from './config.ts';
import { withStore } from './with-store.ts';

/** What can be exported: lines of calls, all or of one kind, and two kinds of sums. */
export const EXPORT_KINDS = ['calls', 'write', 'denied', 'read', 'anonymous', 'refused'] as const;

/** See {@link EXPORT_KINDS}. */
export type ExportKind = (typeof EXPORT_KINDS)[number];

/** What an export is to give. Times are epoch milliseconds, both inclusive. */
export interface AuditExport {
  readonly kind: ExportKind;
  /** Undefined: of all accounts. */
  readonly accountId: string | undefined;
  readonly from: number;
  /** Undefined: what has arrived for certain. */
  readonly to: number | undefined;
  /** The position that an earlier export ended with. */
  readonly after: string | undefined;
  /** Ends the export with the page that is under way. */
  readonly stop: AbortSignal;
  /** Opens what takes the lines, once the store is open. */
  readonly open: () => Promise<LineSink>;
}

/** Takes whole lines. */
export interface LineSink extends AsyncDisposable {
  write(text: string): Promise<void>;
}

/** How an export went. */
export interface AuditExported {
  readonly lines: number;
  /** Where the next export goes on; undefined: nothing was there yet. */
  readonly position: string | undefined;
  readonly to: number;
  /** What ended it before its end; null: nothing did. */
  readonly endedBy: string | null;
}

/** Rows in memory at one time. */
const PAGE = 1000;

/**
 * Milliseconds after which everything of a time is in the store: a minute for its sums to be whole, another until they are
 * swept up, and one for a store that was away. What comes later than its time would be missed by the next export.
 */
const SETTLED_MS = 180_000;

/**
 * Writes the audit trail as JSON lines, oldest first, beside a service that may be running.
 * @throws StartError when there is no store, it cannot be opened, or the position is not one
 */
export function exportAudit(config: Config, request: AuditExport): Promise<AuditExported> {
  const { kind, stop } = request;
  const to = request.to ?? systemClock.now() - SETTLED_MS;
  const start = request.after === undefined ? null : placeOf(kind, request.after);
  return withStore(config, async ({ trail }) => {
    await using sink = await request.open();
    let [lines, after] = [0, start];
    const answer = (endedBy: string | null): AuditExported => {
      const position = after === null ? undefined : positionOf(kind, after);
      return { lines, position, to, endedBy };
    };
    while (!stop.aborted) {
      const page = await next(trail, request, { from: request.from, to, after, limit: PAGE });
      const problem = await written(sink, page);
      if (problem !== null) return answer(problem);
      lines += page.length;
      after = page.at(-1)?.place ?? after;
      if (page.length < PAGE) return answer(null);
    }
    return answer('it was stopped');
  });
}

/** Writes a page; the problem when that cannot be, so that what was written before still has its position. */
async function written(sink: LineSink, page: readonly Exported[]): Promise<string | null> {
  if (page.length === 0) return null;
  try {
    await sink.write(page.map(({ entry }) => `${JSON.stringify(entry)}\n`).join(''));
    return null;
  } catch (error) {
    if (error instanceof StartError) return error.message;
    throw error;
  }
}

interface Exported {
  readonly place: ExportPlace;
  readonly entry: Readonly<Record<string, unknown>>;
}

async function next(
  trail: AuditTrail,
  { kind, accountId }: AuditExport,
  query: ExportQuery,
): Promise<Exported[]> {
  switch (kind) {
    case 'anonymous':
      return (await trail.exportAnonymous(query)).map(({ minute, source, calls }) => ({
        place: [minute, source],
        entry: { Time: timeOf(minute), SourceIp: source, Calls: calls },
      }));
    case 'refused':
      return (await trail.exportRefused(query)).map(({ minute, source, target, problem, attempts }) => ({
        place: [minute, source, target, problem],
        entry: {
          Time: timeOf(minute),
          SourceIp: source,
          Target: target,
          Problem: problem,
          Attempts: attempts,
        },
      }));
    default: {
      const of = { accountId: accountId ?? null, kind: kind === 'calls' ? undefined : kind };
      const lines = await trail.exportLines({ ...query, ...of });
      return lines.map((line) => ({ place: [line.at, line.requestId], entry: entryOf(line) }));
    }
  }
}

function entryOf(line: AuditLine): Exported['entry'] {
  const { Effect, ...entry } = auditEntry(line);
  const effect: unknown = Effect === undefined ? undefined : JSON.parse(Effect);
  return { Time: timeOf(line.at), AccountId: line.accountId ?? undefined, ...entry, Effect: effect };
}

/** With milliseconds, which the API does not know. */
function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}

function positionOf(kind: ExportKind, place: ExportPlace): string {
  return Buffer.from(JSON.stringify([kind, ...place])).toString('base64url');
}

/** @throws StartError */
function placeOf(kind: ExportKind, position: string): ExportPlace {
  const [of, at, ...names] = partsOf(position);
  const isPlace = typeof at === 'number' && names.every((name) => typeof name === 'string');
  if (!isPlace) throw new StartError(`${position} is no position: give the one that an export ended with`);
  if (of !== kind || names.length !== (kind === 'refused' ? 3 : 1))
    throw new StartError(`the position is of an export of ${String(of)} and not of ${kind}`);
  return [at, ...names];
}

function partsOf(position: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(position, 'base64url').toString());
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}
