import type { AuditLog, AuditRecord, RefusedPublish } from '../core/ports.ts';
import { BatchQueue } from './batch-queue.ts';
import type { BatchQueueOptions } from './batch-queue.ts';
import { MinuteSums } from './minute-sums.ts';
import type { AnonymousCallTable, AuditTable, RefusedPublishTable } from './schema.ts';
import type { StoreLink } from './link.ts';

/** Longest text of a peer that is kept, in UTF-16 units. */
const MAX_TEXT = 512;

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
    this.#kept = queue('audit lines', (rows) => link.call('appendAudit', { rows }));
    this.#reads = queue('audit lines of reads', (rows) => link.call('appendReads', { rows }));
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
    else if (record.kind === 'read') this.#reads.add(toRow(record, record.kind));
    else this.#kept.add(toRow(record, record.kind));
  }

  refusedPublish({ at, clientAddress, target, problem }: RefusedPublish): void {
    this.#refusals.add(at, [clip(clientAddress), clip(target), clip(problem)]);
  }

  /** Hands over the sums of minutes that are over. */
  roll(now: number): void {
    this.#calls.roll(now);
    this.#refusals.roll(now);
  }

  /** Writes all that is waiting, the sums of this minute too. */
  async close(): Promise<void> {
    this.#calls.flush();
    this.#refusals.flush();
    const queues = [this.#kept, this.#reads, this.#anonymous, this.#refused];
    await Promise.all(queues.map((queue) => queue.close()));
  }
}

function toRow(record: AuditRecord, kind: AuditTable['kind']): AuditTable {
  const { at, requestId, action, accountId, accessKeyId, clientAddress, status, code } = record;
  const { actor, target, effect } = record;
  return {
    at,
    request_id: requestId,
    action: clip(action),
    account_id: accountId,
    access_key_id: accessKeyId === null ? null : clip(accessKeyId),
    client_address: clip(clientAddress),
    status,
    code,
    kind,
    actor: actor === null ? null : clip(actor),
    target: target === null ? null : clip(target),
    effect: effect === null ? null : JSON.stringify(effect),
  };
}

/** Text of a peer, as long as it may be and without what PostgreSQL cannot store. */
function clip(text: string): string {
  return text.slice(0, MAX_TEXT).replaceAll('\0', '\uFFFD');
}
