import type { ShiftedClock } from '../base/shifted-clock.ts';
import type { FeedTail } from './feed-tail.ts';
import type { Caller, Store } from './ports.ts';
import type { StreamRegistry } from './streams.ts';
import { TestFaults } from './test-faults.ts';

/** What makes a service one for tests. */
export interface TestSetup {
  /** The clock of the whole service. */
  readonly clock: ShiftedClock;
  /** The operations that faults can be injected into. */
  readonly actions: ReadonlySet<string>;
  /** The root key, which is there again after every reset. */
  readonly rootKey: { readonly accessKeyId: string; readonly secret: string };
}

/** What the controls act upon. */
export interface TestControlsDeps extends TestSetup {
  readonly rootAccountId: string;
  readonly store: Pick<Store, 'directory' | 'wipe'>;
  readonly streams: StreamRegistry;
  readonly feed: FeedTail;
}

/** What the operations of test mode act upon. */
export class TestControls {
  readonly clock: ShiftedClock;
  readonly actions: ReadonlySet<string>;
  readonly faults: TestFaults;
  readonly #deps: TestControlsDeps;
  readonly #tasks: (() => void)[] = [];

  constructor(deps: TestControlsDeps) {
    this.#deps = deps;
    this.clock = deps.clock;
    this.actions = deps.actions;
    this.faults = new TestFaults(deps.clock);
  }

  /** Runs the task at every reset: for what other rooms remember. */
  onReset(task: () => void): void {
    this.#tasks.push(task);
  }

  /**
   * Puts the service into the state of a new start, but for its connections that neither publish nor play, its metrics
   * and the nonces of earlier calls.
   * @throws StoreUnavailableError
   */
  async reset(caller: Caller): Promise<'done' | 'nonce-used'> {
    const { clock, store, streams, feed, rootKey, rootAccountId } = this.#deps;
    if (!store.wipe) throw new Error('this store cannot be wiped: it is not in memory');
    if (!(await store.directory.beginCall(caller))) return 'nonce-used';
    clock.reset();
    this.faults.clear();
    for (const task of this.#tasks) task();
    streams.cutAll('the test state was reset');
    const owner = { accountId: rootAccountId, userId: null, note: 'root key', root: true };
    await store.wipe({ ...rootKey, ...owner, createdAt: clock.now() });
    // The wipe leaves a hole in the feed, and so everything is loaded anew.
    await feed.refresh();
    return 'done';
  }
}
