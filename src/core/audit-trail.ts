/** One line of the audit trail. */
export interface AuditRecord {
  readonly at: number;
  readonly requestId: string;
  readonly action: string;
  readonly accountId: string | null;
  /** See {@link Caller}; null: nobody was proven. */
  readonly actor: string | null;
  readonly accessKeyId: string | null;
  readonly clientAddress: string;
  /** See {@link Caller}. */
  readonly target: string | null;
  /** What the call reached, as the operation says it; null: it says nothing. */
  readonly effect: Readonly<Record<string, string | number | boolean>> | null;
  /** HTTP status of the answer; 0: the call was begun and has none. */
  readonly status: number;
  /** Error code; null for success. */
  readonly code: string | null;
  /**
   * `write` and `denied` are kept durably, `read` for days, `anonymous` only as sums per source and minute. A `write` that
   * was refused before it began is kept like a `read`.
   */
  readonly kind: 'write' | 'denied' | 'read' | 'anonymous';
}

/** A publisher that was turned away; kept as sums per source, key, problem and minute. */
export interface RefusedPublish {
  readonly at: number;
  readonly clientAddress: string;
  /** The names as far as they could be read. */
  readonly target: string;
  readonly problem: string;
}

/** Takes audit lines and refusals; never throws, never waits; bounded. */
export interface AuditLog {
  call(record: AuditRecord): void;
  refusedPublish(refusal: RefusedPublish): void;
}

/** What became of a call; `unknown`: it was begun, and the service ended before its answer or is about to give it. */
export type AuditResult = 'success' | 'failed' | 'denied' | 'unknown';

/** One line of the audit trail as it is kept; `effect` is JSON. */
export interface AuditLine extends Omit<AuditRecord, 'kind' | 'effect'> {
  readonly kind: Exclude<AuditRecord['kind'], 'anonymous'>;
  readonly effect: string | null;
}

/** Filters of the trail; what is undefined does not filter. */
export interface AuditFilter {
  readonly actor?: string | undefined;
  readonly accessKeyId?: string | undefined;
  readonly action?: string | undefined;
  readonly target?: string | undefined;
  /** What the target begins with. */
  readonly targetPrefix?: string | undefined;
  readonly code?: string | undefined;
  readonly clientAddress?: string | undefined;
  readonly requestId?: string | undefined;
  readonly result?: AuditResult | undefined;
  readonly kind?: AuditLine['kind'] | undefined;
}

/** Where in the trail a page ends; lines are in the order of time and then of RequestId. */
export interface AuditPlace {
  readonly at: number;
  readonly requestId: string;
}

/** A question to the trail: `from` <= at <= `to`, epoch milliseconds. */
export interface AuditQuery {
  /** Null: of all accounts. */
  readonly accountId: string | null;
  readonly from: number;
  readonly to: number;
  readonly filter: AuditFilter;
  /** Go on behind this line; null: begin. */
  readonly after: AuditPlace | null;
  readonly limit: number;
}

/**
 * Lines, at most as many as asked for. `next` tells where to go on, null at the end; a page can be short and even empty
 * before that, because one page looks at a bounded number of lines.
 */
export interface AuditPage {
  readonly lines: readonly AuditLine[];
  readonly next: AuditPlace | null;
}

/** Calls without a proven caller, of one source and minute (epoch milliseconds). */
export interface AnonymousSum {
  readonly minute: number;
  readonly source: string;
  readonly calls: number;
}

/** Publishers that were turned away, of one source, target, problem and minute (epoch milliseconds). */
export interface RefusedSum {
  readonly minute: number;
  readonly source: string;
  readonly target: string;
  readonly problem: string;
  readonly attempts: number;
}

/** The columns that a table is ordered by, with their values in one row. */
export type ExportPlace = readonly (string | number)[];

/** A question for the next rows of an export, the oldest first: `from` <= at <= `to`, epoch milliseconds. */
export interface ExportQuery {
  readonly from: number;
  readonly to: number;
  readonly after: ExportPlace | null;
  readonly limit: number;
}

/** The same for lines of the trail. */
export interface LineExportQuery extends ExportQuery {
  readonly accountId: string | null;
  /** Undefined: all. */
  readonly kind: AuditLine['kind'] | undefined;
}

/** Reads what the audit log keeps. Every method rejects with StoreUnavailableError when the store cannot. */
export interface AuditTrail {
  /** Newest first; with what was reported before the call. */
  list(query: AuditQuery): Promise<AuditPage>;
  /** Oldest first. */
  exportLines(query: LineExportQuery): Promise<readonly AuditLine[]>;
  /** Oldest first. */
  exportAnonymous(query: ExportQuery): Promise<readonly AnonymousSum[]>;
  /** Oldest first. */
  exportRefused(query: ExportQuery): Promise<readonly RefusedSum[]>;
}

/** Makes tokens that tell a caller where a list goes on, which only this installation can make. */
export interface PageTokens {
  /** `scope`: whose list of what it is; the token is good for no other. */
  seal(scope: string, place: string): string;
  /** Undefined when the token was not made here or for another scope. */
  open(scope: string, token: string): string | undefined;
}

/** What became of the call of a line. */
export function resultOf({ status, kind }: Pick<AuditLine, 'status' | 'kind'>): AuditResult {
  if (status === 0) return 'unknown';
  if (kind === 'denied') return 'denied';
  return status < 300 ? 'success' : 'failed';
}
