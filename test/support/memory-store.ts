import type { Block, BlockChange } from '../../src/core/blocks.ts';
import { inForce } from '../../src/core/blocks.ts';
import { formatKey } from '../../src/core/names.ts';
import type { RefusedPublish } from '../../src/core/audit-trail.ts';
import type {
  BlockStore,
  FeedChange,
  ForbidOutcome,
  ForbidWrite,
  ResumeOutcome,
  ResumeWrite,
  Store,
} from '../../src/core/ports.ts';
import type { Publish } from '../../src/core/streams.ts';

/** One end of a publish. */
export interface EndedPublish {
  readonly publish: Publish;
  readonly reason: string;
  readonly bytes: number;
}

/** What {@link memoryStore} has been told. */
export interface MemoryStore extends Store {
  readonly started: Publish[];
  readonly ended: EndedPublish[];
  readonly refused: RefusedPublish[];
}

/** A store that keeps blocks and their feed in memory, for tests of what stands on top of it; keys it has none. */
export function memoryStore(): MemoryStore {
  const started: Publish[] = [];
  const ended: EndedPublish[] = [];
  const refused: RefusedPublish[] = [];
  const blocks = new MemoryBlocks();
  const close = async (): Promise<void> => undefined;
  return {
    started,
    ended,
    refused,
    blocks,
    feed: {
      snapshot: async () => ({ seq: blocks.changes.length, blocks: blocks.all(), keys: [], entities: [] }),
      head: async () => blocks.changes.length,
      changesSince: async (seq) => ({ changes: blocks.changes.slice(seq), gap: false }),
    },
    keys: {
      createKey: () => Promise.reject(new Error('no keys here')),
      listKeys: async () => [],
      rootAccountId: async () => '1000000000000001',
    },
    directory: {
      writeDirectory: () => Promise.reject(new Error('no accounts here')),
      beginCall: async () => true,
    },
    sessions: {
      issue: () => {
        throw new Error('no sessions here');
      },
      secretOf: () => undefined,
      open: () => undefined,
    },
    publishes: {
      started: (publish) => started.push(publish),
      ended: (publish, { reason, bytes }) => ended.push({ publish, reason, bytes }),
      listPublishes: async () => ({ total: 0, items: [] }),
    },
    audit: { call: () => undefined, refusedPublish: (refusal) => refused.push(refusal) },
    trail: {
      list: async () => ({ lines: [], next: null }),
      exportLines: async () => [],
      exportAnonymous: async () => [],
      exportRefused: async () => [],
    },
    tokens: { seal: () => '', open: () => undefined },
    sweep: async () => undefined,
    ping: async () => undefined,
    close,
    [Symbol.asyncDispose]: close,
  };
}

class MemoryBlocks implements BlockStore {
  readonly changes: FeedChange[] = [];
  readonly #blocks = new Map<string, Block>();
  #intents = 0;

  all(): Block[] {
    return [...this.#blocks.values()];
  }

  async forbid(write: ForbidWrite): Promise<ForbidOutcome> {
    const { key, now, resumeAt, reason, caller } = write;
    const intentId = ++this.#intents;
    if (write.oneshot) return { kind: 'done', intentId, change: null };
    const known = this.#blocks.get(formatKey(key));
    if (known && inForce(known, now) && !write.replace) return { kind: 'exists', intentId, block: known };
    const version = this.changes.length + 1;
    const { accountId, accessKeyId: actor } = caller;
    const block = { key, accountId, version, resumeAt, reason, actor, createdAt: now, updatedAt: now };
    this.#blocks.set(formatKey(key), block);
    return { kind: 'done', intentId, change: this.#record({ key, version, block }) };
  }

  async resume({ domain, app, stream }: ResumeWrite): Promise<ResumeOutcome> {
    const gone = this.all().filter(
      ({ key }) => key.domain === domain && key.stream === stream && (app === null || key.app === app),
    );
    const changes = gone.map(({ key }) => {
      this.#blocks.delete(formatKey(key));
      return this.#record({ key, version: this.changes.length + 1, block: null });
    });
    return { kind: 'done', changes };
  }

  recordEffect(): void {}

  async listBlocks(): Promise<{ total: number; items: Block[] }> {
    return { total: this.#blocks.size, items: this.all() };
  }

  async listControlHistory(): Promise<[]> {
    return [];
  }

  #record(change: BlockChange): BlockChange {
    this.changes.push({ seq: change.version, kind: 'block', change });
    return change;
  }
}
