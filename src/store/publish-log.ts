import type { Page, PublishHistory, PublishQuery, PublishRecord } from '../core/ports.ts';
import type { Publish, PublishLog } from '../core/streams.ts';
import { BatchQueue } from './batch-queue.ts';
import type { BatchQueueOptions } from './batch-queue.ts';
import type { PublishTable } from './schema.ts';
import type { StoreLink } from './link.ts';

/** Writes the publish history as it happens and reads it. */
export class StoredPublishes implements PublishLog, PublishHistory {
  readonly #link: StoreLink;
  readonly #queue: BatchQueue<PublishTable>;
  readonly #runId: string;

  /** `runId` tells the publishes of this run of the service from those that an earlier one left open. */
  constructor(link: StoreLink, runId: string, deps: Pick<BatchQueueOptions<PublishTable>, 'clock' | 'log'>) {
    this.#link = link;
    this.#runId = runId;
    this.#queue = new BatchQueue({
      ...deps,
      what: 'rows of the publish history',
      send: (rows) => link.call('appendPublishes', { rows }),
    });
  }

  started(publish: Publish): void {
    this.#queue.add(this.#row(publish));
  }

  ended(publish: Publish, end: { at: number; reason: string; bytes: number }): void {
    const { at, reason, bytes } = end;
    this.#queue.add({ ...this.#row(publish), ended_at: at, end_reason: reason, bytes });
  }

  /** What was reported before the call is in the answer. */
  async listPublishes(query: PublishQuery): Promise<Page<PublishRecord>> {
    await this.#queue.flush();
    return this.#link.call('listPublishes', query);
  }

  /** Writes all that is waiting. */
  flush(): Promise<void> {
    return this.#queue.flush();
  }

  /** The same, and takes nothing more. */
  close(): Promise<void> {
    return this.#queue.close();
  }

  #row({ id, key, publisher, startedAt }: Publish): PublishTable {
    return {
      id,
      run_id: this.#runId,
      domain: key.domain,
      app: key.app,
      stream: key.stream,
      push_domain: publisher.pushDomain,
      client_address: publisher.clientAddress,
      server_address: publisher.serverAddress,
      started_at: startedAt,
      ended_at: null,
      end_reason: null,
      bytes: null,
    };
  }
}
