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
  const state: { snapshot: Snapshot; changes: FeedChange[]; gap: boolean; broken: boolean; asked: number[] } =
    {
      snapshot: { seq: 5, blocks: [], keys: [], entities: [] },
      changes: [],
      gap: false,
      broken: false,
      asked: [],
    };
  const feed = {
    snapshot: async () => state.snapshot,
    changesSince: async (seq: number) => {
      state.asked.push(seq);
      if (state.broken) throw new Error('away');
      return { changes: state.changes.filter((change) => change.seq > seq), gap: state.gap };
    },
  };
  const control = { applyBlock: (change: BlockChange) => void applied.push(change) };
  const tail = new FeedTail({ clock, log: silentLogger, feed, blocks, keys, directory, control });
  const poll = async (): Promise<void> => {
    const before = state.asked.length;
    clock.advance(FEED_POLL_MS);
    await until(() => state.asked.length > before, 'a look at the feed');
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
    expect(state.asked).toEqual([5, 7]);
    await tail.stop();
  });

  it('does not read again what this process changed itself, up to the first change of another', async () => {
    const { blocks, state, tail, poll } = setUp();
    const gone = (version: number) =>
      blocks.apply({ key: { domain: 'd', app: 'a', stream: `s${version}` }, version, block: null });
    await tail.start();
    for (const version of [7, 6, 9]) gone(version);
    await poll();
    expect(state.asked).toEqual([7]);
    // The tombstones that were kept for it are gone, but for the one beyond.
    expect(blocks.size).toBe(1);
    state.changes = [keyChange(8, null), { seq: 9, kind: 'key', accessKeyId: 'else', key: null }];
    await poll();
    await poll();
    expect(state.asked).toEqual([7, 7, 9]);
    expect(blocks.size).toBe(0);
    await tail.stop();
  });

  it('reads everything after a gap again, whatever was applied before', async () => {
    const { blocks, state, tail, poll } = setUp();
    await tail.start();
    blocks.apply({ key: { domain: 'd', app: 'a', stream: 's' }, version: 7, block: null });
    [state.gap, state.snapshot] = [true, { ...state.snapshot, seq: 6 }];
    await poll();
    state.gap = false;
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
    expect(state.asked.at(-1)).toBe(90);
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
