const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long rows of a table are kept. */
export interface Retention {
  readonly table: string;
  readonly file: 'sluice.db' | 'sluice-log.db';
  /** The column that age is counted from, epoch milliseconds. */
  readonly column: string;
  /** Milliseconds after which a row goes. */
  readonly ageMs: number;
  /** Rows kept at most, the newest; null: bounded by age and by the limits of the calls alone. */
  readonly rows: number | null;
  /** The column of whose rows they are, where who has the most rows loses them first; null: the oldest of all go. */
  readonly owner: string | null;
  /** What the rows are, for the operator. */
  readonly doc: string;
}

/** The bounds of every table that grows by use; the documentation is made from this list. */
export const retention: readonly Retention[] = [
  {
    table: 'control_history',
    file: 'sluice.db',
    column: 'at',
    ageMs: 90 * DAY,
    rows: 1_000_000,
    owner: null,
    doc: 'Calls that forbid or resume a stream, and what they reached',
  },
  {
    table: 'audit',
    file: 'sluice.db',
    column: 'at',
    ageMs: 400 * DAY,
    rows: 1_000_000,
    owner: 'account_id',
    doc: 'Writing calls that were begun, and calls that were denied',
  },
  {
    table: 'nonces',
    file: 'sluice.db',
    column: 'expires_at',
    ageMs: 0,
    rows: null,
    owner: null,
    doc: 'Nonces of writing calls, kept for 31 minutes against replays',
  },
  {
    table: 'publishes',
    file: 'sluice-log.db',
    column: 'ended_at',
    ageMs: 90 * DAY,
    rows: 1_000_000,
    owner: null,
    doc: 'Publishes that have ended',
  },
  {
    table: 'read_audit',
    file: 'sluice-log.db',
    column: 'at',
    ageMs: 7 * DAY,
    rows: 1_000_000,
    owner: 'account_id',
    doc: 'Reading calls, and writing calls that were refused before they began',
  },
  {
    table: 'anonymous_calls',
    file: 'sluice-log.db',
    column: 'minute',
    ageMs: 30 * DAY,
    rows: 1_000_000,
    owner: null,
    doc: 'Calls without a valid signature, as sums per source and minute',
  },
  {
    table: 'refused_publishes',
    file: 'sluice-log.db',
    column: 'minute',
    ageMs: 30 * DAY,
    rows: 1_000_000,
    owner: null,
    doc: 'Publishers that were turned away, as sums per source, target, problem and minute',
  },
];

/** The change feed keeps what a node that was away for a moment needs; after a gap it loads everything anew. */
export const FEED_RETENTION = { ageMs: HOUR, rows: 100_000 } as const;

/** Rows of sums per minute and kind; what comes beyond goes to one row of source `*`. */
export const SUMS_PER_MINUTE = 500;
