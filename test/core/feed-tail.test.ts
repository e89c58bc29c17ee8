import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../src/base/logger.ts';
import { KeyRing } from '../../src/core/access-keys.ts';
import type { AccessKey } from '../../src/core/access-keys.ts';
import { BlockSet } from '../../src/core/blocks.ts';
import type { BlockChange } from '../../src/core/blocks.ts';
import { Directory } from '../../src/core/directory.ts';
import { FEED_POLL_MS, FeedTail } from '../../src/core/feed-tail.ts';
import type { FeedChange, Snapshot } from '../../src/core/ports.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { until } from '../support/wait.ts';

const accessKey = (version: number): AccessKey => ({
  accessKeyId: 'ak',
  secret: 's',
  accountId: '1',
  userId: null,
  status: 'active',
  note: null,
  root: true,
  createdAt: 0,
  version,
});
const keyChange = (seq: number, key: AccessKey | null): FeedChange => ({
  seq,
  kind: 'key',
  accessKeyId: 'ak',
  key,
});

function setUp() {
  const clock = new ManualClock();
  const keys = new KeyRing();
  const blocks = new BlockSet();
  const directory = new Directory();
  const applied: BlockChange[] = [];
  const state = {
    snapshot: { seq: 5, blocks: [], keys: [], entities: [] } as Snapshot,
    changes: [] as FeedChange[],
    gap: false,
    broken: false,
    /** Looks for something new, and the reads that followed. */
    looks: 0,
    asked: [] as number[],
    /** Runs as the store answers a look. */
    atLook: (): void => undefined,
  };
  const feed = {
    snapshot: async () => state.snapshot,
    head: async () => {
      state.looks += 1;
      state.atLook();
      if (state.broken) throw new Error('away');
      return state.changes.at(-1)?.seq ?? state.snapshot.seq;
    },
    changesSince: async (seq: number) => {
      state.asked.push(seq);
      return { changes: state.changes.filter((change) => change.seq > seq), gap: state.gap };
    },
  };
  const control = { applyBlock: (change: BlockChange) => void applied.push(change) };
  const tail = new FeedTail({ clock, log: silentLogger, feed, blocks, keys, directory, control });
  const poll = async (): Promise<void> => {
    const before = state.looks;
    clock.advance(FEED_POLL_MS);
    await until(() => state.looks > before, 'a look at the feed');
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { clock, keys, blocks, applied, state, tail, poll };
}

describe('FeedTail', () => {
  it('begins after the snapshot and applies changes in order', async () => {
    const { keys, state, tail, poll } = setUp();
    await tail.start();
    state.changes = [keyChange(6, accessKey(6)), keyChange(7, null)];
    await poll();
    expect(keys.find('ak')).toBeUndefined();
    await poll();
    expect(state.asked).toEqual([5]);
    state.changes.push(keyChange(8, accessKey(8)));
    await poll();
    expect(state.asked).toEqual([5, 7]);
    expect(keys.find('ak')?.version).toBe(8);
    await tail.stop();
  });

  it('does not read again what this process changed itself, up to the first change of another', async () => {
    const { blocks, state, tail, poll } = setUp();
    const gone = (version: number) =>
      blocks.apply({ key: { domain: 'd', app: 'a', stream: `s${version}` }, version, block: null });
    await tail.start();
    const other = (seq: number): FeedChange =>
      ({ ...keyChange(seq, null), accessKeyId: 'else' }) as FeedChange;
    // They come in any order, and also while the store answers.
    [7, 6].forEach(gone);
    state.atLook = () => [8, 10].forEach(gone);
    state.changes = [6, 7].map(other);
    await poll();
    expect(state.asked).toEqual([]);
    // The tombstones that were kept for it are gone, but for those beyond.
    expect(blocks.size).toBe(2);
    state.changes = [6, 7, 8, 9, 10].map(other);
    await poll();
    expect(state.asked).toEqual([8]);
    expect(blocks.size).toBe(0);
    await poll();
    expect(state.asked).toEqual([8]);
    await tail.stop();
  });

  it('reads everything after a gap again, whatever was applied before', async () => {
    const { blocks, state, tail, poll } = setUp();
    await tail.start();
    blocks.apply({ key: { domain: 'd', app: 'a', stream: 's' }, version: 7, block: null });
    state.snapshot = { ...state.snapshot, seq: 6 };
    state.gap = true;
    await poll();
    [state.gap, state.changes] = [false, [keyChange(7, accessKey(7))]];
    await poll();
    expect(state.asked).toEqual([5, 6]);
    await tail.stop();
  });

  it('loads everything anew after a gap', async () => {
    const { keys, state, tail, poll } = setUp();
    await tail.start();
    state.gap = true;
    state.snapshot = { seq: 90, blocks: [], keys: [accessKey(88)], entities: [] };
    await poll();
    state.gap = false;
    await poll();
    expect(keys.find('ak')?.version).toBe(88);
    expect(state.asked).toEqual([5]);
    state.changes = [keyChange(91, null)];
    await poll();
    expect(state.asked).toEqual([5, 90]);
    await tail.stop();
  });

  it('keeps what it knows while the store is away, says how stale it is, and goes on', async () => {
    const { clock, keys, state, tail, poll } = setUp();
    state.snapshot = { seq: 5, blocks: [], keys: [accessKey(3)], entities: [] };
    await tail.start();
    state.broken = true;
    for (let look = 0; look < 4; look++) await poll();
    expect(keys.find('ak')).toBeDefined();
    expect(tail.staleness()).toBe(4 * FEED_POLL_MS);
    state.broken = false;
    state.changes = [keyChange(6, null)];
    await poll();
    expect(tail.staleness()).toBe(0);
    expect(keys.find('ak')).toBeUndefined();
    await tail.stop();
    expect(clock.pending).toBe(0);
  });
});
