import type { AuditLine, AuditPage, AuditPlace, AuditQuery, AuditTrail } from '../core/audit-trail.ts';
import type { LineExportQuery } from '../core/audit-trail.ts';
import type { TablePage } from './audit-pages.ts';
import type { StoreLink } from './link.ts';

/** Reads the two files of the trail as one. `flush` sends the lines that wait. */
export function createAuditTrail(link: StoreLink, flush: () => Promise<void>): AuditTrail {
  return {
    async list(query) {
      await flush();
      return merged(await Promise.all(pagesOf(link, query)), query.limit);
    },
    async exportLines(query) {
      const tables = await Promise.all(rowsOf(link, query));
      return tables.flat().sort(inOrder).slice(0, query.limit);
    },
    exportAnonymous: (query) => link.call('exportAnonymous', query),
    exportRefused: (query) => link.call('exportRefused', query),
  };
}

function pagesOf(link: StoreLink, query: AuditQuery): Promise<TablePage>[] {
  const { kind, result } = query.filter;
  const kept = kind === 'read' ? [] : [link.call('listAudit', query)];
  // What is denied or unknown is never among the lines of a week.
  const isKept = kind === 'denied' || result === 'denied' || result === 'unknown';
  return isKept ? kept : [...kept, link.call('listReads', query)];
}

function rowsOf(link: StoreLink, query: LineExportQuery): Promise<AuditLine[]>[] {
  const kept = query.kind === 'read' ? [] : [link.call('exportAudit', query)];
  return query.kind !== 'denied' ? [...kept, link.call('exportReads', query)] : kept;
}

/** One page of several tables: no further than the table that was looked at least far. */
function merged(tables: readonly TablePage[], limit: number): AuditPage {
  const frontiers = tables.flatMap(({ frontier }) => frontier ?? []);
  const frontier = frontiers.sort(inOrder).at(-1) ?? null;
  const all = tables.flatMap(({ lines }) => lines).sort((one, other) => inOrder(other, one));
  const reached = all.filter((line) => frontier === null || inOrder(line, frontier) >= 0);
  const lines = reached.slice(0, limit);
  const end = reached.length > limit ? (lines.at(-1) ?? null) : frontier;
  return { lines, next: end && { at: end.at, requestId: end.requestId } };
}

function inOrder(one: AuditPlace, other: AuditPlace): number {
  if (one.at !== other.at) return one.at - other.at;
  if (one.requestId === other.requestId) return 0;
  return one.requestId < other.requestId ? -1 : 1;
}
