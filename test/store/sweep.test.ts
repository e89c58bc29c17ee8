import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NONCE_LIFETIME_MS } from '../../src/core/access-keys.ts';
import { retention } from '../../src/store/retention.ts';
import { connect } from '../../src/store/sqlite.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { until } from '../support/wait.ts';
import { caller, forbidding, resuming, rowsOf, T0, tempDirectory, testStore } from './support/test-store.ts';

const count = async (path: string, table: string) =>
  (await rowsOf(path, `select count(*) as n from ${table}`))[0]?.['n'];

describe('sweep', () => {
  it('removes expired blocks with a feed row each, and no other', async () => {
    const store = await testStore();
    await store.blocks.forbid(forbidding('a', { resumeAt: T0 + 10 }));
    await store.blocks.forbid(forbidding('b', { resumeAt: T0 + 11 }));
    await store.blocks.forbid(forbidding('c'));
    await store.sweep(T0 + 10);
    const { blocks } = await store.feed.snapshot();
    expect(blocks.map(({ key }) => key.stream)).toEqual(['b', 'c']);
    expect((await store.feed.changesSince(3)).changes).toEqual([
      { seq: 4, kind: 'block', change: { key: forbidding('a').key, version: 4, block: null } },
    ]);
  });

  it('removes any number of them', async () => {
    const store = await testStore();
    const writes = Array.from({ length: 1201 }, (_, i) =>
      store.blocks.forbid(forbidding(`s${i}`, { resumeAt: T0 + 1 })),
    );
    await Promise.all(writes);
    await store.sweep(T0 + 1);
    expect(await store.feed.snapshot()).toEqual({ seq: 2402, blocks: [], keys: [], entities: [] });
  });

  it('forgets nonces after 31 minutes', async () => {
    const directory = tempDirectory();
    const store = await testStore({ directory });
    await store.blocks.forbid(forbidding('a', { caller: caller(), oneshot: true }));
    await store.sweep(T0 + NONCE_LIFETIME_MS - 1);
    expect(await count(join(directory, 'sluice.db'), 'nonces')).toBe(1);
    await store.sweep(T0 + NONCE_LIFETIME_MS);
    expect(await count(join(directory, 'sluice.db'), 'nonces')).toBe(0);
  });

  it('keeps the history of calls for 90 days', async () => {
    const store = await testStore();
    await store.blocks.resume(resuming('s'));
    const days = 86_400_000;
    const list = () =>
      store.blocks.listControlHistory(
        { accountId: '1000000000000001', domain: 'live.example.com', from: 0, to: T0 },
        10,
      );
    await store.sweep(T0 + 90 * days - 1);
    expect(await list()).toHaveLength(1);
    await store.sweep(T0 + 90 * days);
    expect(await list()).toHaveLength(0);
  });

  it.each(retention)(
    'bounds $table by age, whatever their number',
    async ({ table, file, column, ageMs }) => {
      const directory = tempDirectory();
      const store = await testStore({ directory });
      const path = join(directory, file);
      const connection = await connect(path);
      const columns = connection.prepare(`pragma table_info(${table})`).all() as {
        name: string;
        type: string;
      }[];
      const values = columns.map(({ name }) => (name === column ? `${T0} + i / 2` : 'i'));
      connection.exec(`with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000)
      insert into ${table} (${columns.map(({ name }) => name).join()}) select ${values.join()} from n`);
      connection.close();
      await store.sweep(T0 + ageMs + 1000);
      expect(await count(path, table)).toBe(5000 - 2001);
      await store.sweep(T0 + ageMs + 2500);
      expect(await count(path, table)).toBe(0);
    },
  );

  it('bounds a table by count, the oldest first', async () => {
    const directory = tempDirectory();
    const store = await testStore({ directory });
    const path = join(directory, 'sluice-log.db');
    const connection = await connect(path);
    connection.exec(`pragma synchronous = off;
      with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000005)
      insert into anonymous_calls select ${T0} + i, 'x', 1 from n`);
    connection.close();
    await store.sweep(T0);
    expect(await rowsOf(path, 'select count(*) as n, min(minute) as first from anonymous_calls')).toEqual([
      { n: 1_000_000, first: T0 + 6 },
    ]);
  });

  it('runs by itself every minute, for the service only', async () => {
    const directory = tempDirectory();
    const clock = new ManualClock(T0);
    const store = await testStore({ directory, clock });
    const tool = await testStore({ directory, clock: new ManualClock(T0), role: 'tool' });
    await store.blocks.forbid(forbidding('a', { resumeAt: T0 + 1 }));
    clock.advance(59_999);
    expect((await tool.feed.snapshot()).blocks).toHaveLength(1);
    clock.advance(1);
    await until(async () => (await tool.feed.snapshot()).blocks.length === 0, 'the sweep');
    await store.close();
    expect(clock.pending).toBe(0);
  });
});
