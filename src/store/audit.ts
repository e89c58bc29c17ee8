import type { AuditLog, AuditRecord, RefusedPublish } from '../core/audit-trail.ts';
import { auditRow, clip } from './audit-row.ts';
import { BatchQueue } from './batch-queue.ts';
import type { BatchQueueOptions } from './batch-queue.ts';
import { MinuteSums } from './minute-sums.ts';
import type { AnonymousCallTable, AuditTable, RefusedPublishTable } from './schema.ts';
import type { StoreLink } from './link.ts';

/** The source that stands for all others when a minute has too many. */
const OTHERS = '*';

/** Sorts the audit by what it is worth: lines to be kept, lines of a week, sums. */
export class Audit implements AuditLog {
  readonly #kept: BatchQueue<AuditTable>;
  readonly #reads: BatchQueue<AuditTable>;
  readonly #anonymous: BatchQueue<AnonymousCallTable>;
  readonly #refused: BatchQueue<RefusedPublishTable>;
  readonly #calls: MinuteSums<[string]>;
  readonly #refusals: MinuteSums<[string, string, string]>;

  constructor(link: StoreLink, deps: Pick<BatchQueueOptions<unknown>, 'clock' | 'log'>) {
    const queue = <T>(what: string, send: (rows: T[]) => Promise<unknown>): BatchQueue<T> =>
      new BatchQueue({ ...deps, what, send });
    this.#reads = queue('audit lines of reads', (rows) => link.call('appendReads', { rows }));
    this.#kept = queue('audit lines', async (rows) => {
      // Refusals cost a caller nothing: they must not push out what was done.
      for (const row of await link.call('appendAudit', { rows })) this.#reads.add(row);
    });
    this.#anonymous = queue('sums of calls', (rows) => link.call('addAnonymous', { rows }));
    this.#refused = queue('sums of refusals', (rows) => link.call('addRefused', { rows }));
    this.#calls = new MinuteSums([OTHERS], ({ minute, what: [source], count }) =>
      this.#anonymous.add({ minute, source, calls: count }),
    );
    this.#refusals = new MinuteSums(
      [OTHERS, OTHERS, OTHERS],
      ({ minute, what: [source, target, problem], count }) =>
        this.#refused.add({ minute, source, target, problem, attempts: count }),
    );
  }

  call(record: AuditRecord): void {
    if (record.kind === 'anonymous') this.#calls.add(record.at, [clip(record.clientAddress)]);
    else if (record.kind === 'read') this.#reads.add(auditRow(record, record.kind));
    else this.#kept.add(auditRow(record, record.kind));
  }

  refusedPublish({ at, clientAddress, target, problem }: RefusedPublish): void {
    this.#refusals.add(at, [clip(clientAddress), clip(target), clip(problem)]);
  }

  /** Hands over the sums of minutes that are over. */
  roll(now: number): void {
    this.#calls.roll(now);
    this.#refusals.roll(now);
  }

  /** Writes the lines that are waiting; sums have their time. */
  async flushLines(): Promise<void> {
    await this.#kept.flush();
    await this.#reads.flush();
  }

  /** Writes all that is waiting, the sums of this minute too. */
  async flush(): Promise<void> {
    await this.#kept.flush();
    await Promise.all(this.#others().map((queue) => queue.flush()));
  }

  /** The same, and takes nothing more. */
  async close(): Promise<void> {
    await this.#kept.close();
    await Promise.all(this.#others().map((queue) => queue.close()));
  }

  /** They come after the lines to be kept, which may turn out to be lines of a week. */
  #others(): Pick<BatchQueue<unknown>, 'flush' | 'close'>[] {
    this.#calls.flush();
    this.#refusals.flush();
    return [this.#reads, this.#anonymous, this.#refused];
  }
}
