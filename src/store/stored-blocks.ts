import type { Block } from '../core/blocks.ts';
import type {
  BlockQuery,
  BlockStore,
  ControlQuery,
  ControlRecord,
  ForbidOutcome,
  ForbidWrite,
  Page,
  ResumeOutcome,
  ResumeWrite,
} from '../core/ports.ts';
import type { CutEffect } from '../core/streams.ts';
import { BatchQueue } from './batch-queue.ts';
import type { BatchQueueOptions } from './batch-queue.ts';
import type { ForbidEffect } from './control-history.ts';
import type { StoreLink } from './link.ts';

/** Writes and reads the blocks and their history; what forbids reached follows them, many in one command. */
export class StoredBlocks implements BlockStore {
  readonly #link: StoreLink;
  readonly #effects: BatchQueue<ForbidEffect>;

  constructor(link: StoreLink, deps: Pick<BatchQueueOptions<ForbidEffect>, 'clock' | 'log'>) {
    this.#link = link;
    this.#effects = new BatchQueue({
      ...deps,
      what: 'effects of forbids',
      send: (effects) => link.call('recordEffects', { effects }),
    });
  }

  forbid(write: ForbidWrite): Promise<ForbidOutcome> {
    return this.#link.call('forbid', write);
  }

  resume(write: ResumeWrite): Promise<ResumeOutcome> {
    return this.#link.call('resume', write);
  }

  recordEffect(intentId: number, { publishers, players }: CutEffect): void {
    this.#effects.add({ intentId, publishers, players });
  }

  listBlocks(query: BlockQuery): Promise<Page<Block>> {
    return this.#link.call('listBlocks', query);
  }

  /** What was recorded before the call is in the answer. */
  async listControlHistory(query: ControlQuery, limit: number): Promise<ControlRecord[]> {
    await this.#effects.flush();
    return this.#link.call('listControlHistory', { query, limit });
  }

  /** Writes all that is waiting. */
  flush(): Promise<void> {
    return this.#effects.flush();
  }

  /** The same, and takes nothing more. */
  close(): Promise<void> {
    return this.#effects.close();
  }
}
