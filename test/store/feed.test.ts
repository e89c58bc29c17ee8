import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect } from '../../src/store/sqlite.ts';
import {
  caller,
  forbidding,
  resuming,
  T0,
  tempDirectory,
  testStore,
  threadStore,
} from './support/test-store.ts';

const HOUR = 3_600_000;

describe('change feed', () => {
  it('tells nothing when nothing changed', async () => {
    const store = await testStore();
    expect(await store.feed.changesSince(0)).toEqual({ changes: [], gap: false });
    await store.blocks.forbid(forbidding('s'));
    expect(await store.feed.changesSince(1)).toEqual({ changes: [], gap: false });
  });

  it('tells what a key is now, not what it was then', async () => {
    const store = await testStore();
    await store.blocks.forbid(forbidding('s'));
    await store.blocks.resume(resuming('s'));
    await store.blocks.forbid(forbidding('s', { reason: 'again' }));
    const { changes } = await store.feed.changesSince(0);
    expect(changes).toHaveLength(3);
    for (const change of changes)
      expect(change).toMatchObject({ change: { version: 3, block: { reason: 'again' } } });
  });

  it('comes in pages', async () => {
    const store = await testStore();
    const writes = Array.from({ length: 1100 }, (_, i) => store.blocks.forbid(forbidding(`s${i}`)));
    await Promise.all(writes);
    const seen: number[] = [];
    for (let last = 0; ; last = seen.at(-1)!) {
      const { changes, gap } = await store.feed.changesSince(last);
      expect(gap).toBe(false);
      expect(changes.length).toBeLessThanOrEqual(500);
      if (changes.length === 0) break;
      seen.push(...changes.map(({ seq }) => seq));
    }
    expect(seen).toEqual(Array.from({ length: 1100 }, (_, i) => i + 1));
  });

  it('is trimmed by age and tells the gap', async () => {
    const store = await testStore();
    for (let index = 0; index < 3; index++) await store.blocks.forbid(forbidding(`s${index}`));
    await store.blocks.forbid(forbidding('new', { now: T0 + HOUR }));
    await store.sweep(T0 + HOUR);
    expect(await store.feed.changesSince(0)).toEqual({ changes: [], gap: true });
    expect(await store.feed.changesSince(2)).toEqual({ changes: [], gap: true });
    expect((await store.feed.changesSince(3)).changes).toHaveLength(1);
    expect((await store.feed.changesSince(4)).gap).toBe(false);
    await store.sweep(T0 + 3 * HOUR);
    expect(await store.feed.changesSince(3)).toEqual({ changes: [], gap: true });
    expect(await store.feed.changesSince(4)).toEqual({ changes: [], gap: false });
    expect((await store.feed.snapshot()).blocks).toHaveLength(4);
  });

  it('has no hole in the middle when the wall clock went back', async () => {
    const store = await testStore();
    await store.blocks.forbid(forbidding('a', { now: T0 + 2 * HOUR }));
    await store.blocks.forbid(forbidding('b', { now: T0 }));
    await store.blocks.forbid(forbidding('c', { now: T0 + 2 * HOUR }));
    await store.sweep(T0 + HOUR);
    expect((await store.feed.changesSince(1)).gap).toBe(true);
    expect((await store.feed.changesSince(2)).changes).toHaveLength(1);
  });

  it('is trimmed by count', async () => {
    const directory = tempDirectory();
    const store = await testStore({ directory });
    await store.blocks.forbid(forbidding('s'));
    const connection = await connect(join(directory, 'sluice.db'));
    connection.exec(`
      with recursive n(i) as (select 2 union all select i + 1 from n where i < 103001)
      insert into changes (seq, at, kind, domain, app, stream, access_key_id) select i, ${T0}, 'key', null, null, null, 'AK' from n;
      update counters set value = 103001 where name = 'feed'`);
    connection.close();
    await store.sweep(T0);
    expect((await store.feed.changesSince(3000)).gap).toBe(true);
    expect((await store.feed.changesSince(3001)).changes[0]?.seq).toBe(3002);
  });

  it('is a gap when the file is older than what was seen', async () => {
    const store = await testStore();
    expect(await store.feed.changesSince(5)).toEqual({ changes: [], gap: true });
  });
});

describe('two handles on one directory', () => {
  it('see the changes of each other in order and without gaps', async () => {
    const directory = tempDirectory();
    const one = await threadStore({ directory });
    const two = await threadStore({ directory, role: 'tool' });
    const seen: number[] = [];
    let last = 0;
    const follow = async (): Promise<void> => {
      const { changes, gap } = await two.feed.changesSince(last);
      expect(gap).toBe(false);
      seen.push(...changes.map(({ seq }) => seq));
      last = seen.at(-1) ?? 0;
    };
    for (let round = 0; round < 20; round++) {
      await Promise.all([
        one.blocks.forbid(forbidding(`one${round}`)),
        two.blocks.forbid(forbidding(`two${round}`, { caller: caller({ accessKeyId: 'AK2' }) })),
        follow(),
      ]);
    }
    await follow();
    expect(seen).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(await one.feed.snapshot()).toEqual(await two.feed.snapshot());
  });
});
