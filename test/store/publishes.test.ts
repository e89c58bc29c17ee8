import { describe, expect, it } from 'vitest';
import type { PublishQuery, Store } from '../../src/core/ports.ts';
import type { Publish } from '../../src/core/streams.ts';
import { T0, tempDirectory, testStore } from './support/test-store.ts';

const never = (): never => {
  throw new Error('the store must not ask the publisher');
};

function publish(id: string, stream: string, startedAt: number): Publish {
  return {
    id,
    key: { domain: 'live.example.com', app: stream === 'dogs' ? 'two' : 'app', stream },
    startedAt,
    publisher: {
      id: `conn-${id}`,
      protocol: 'rtmp',
      clientAddress: '192.0.2.9',
      serverAddress: '192.0.2.1',
      pushDomain: 'push.example.com',
      cut: never,
      stats: never,
    },
  };
}

const end = (at: number) => ({ at, reason: 'gone', bytes: 77 });

async function list(store: Store, change: Partial<PublishQuery> = {}) {
  const query: PublishQuery = {
    domain: 'live.example.com',
    from: 0,
    to: T0 + 1e9,
    match: 'strict',
    order: 'publish_time_asc',
    pageNumber: 1,
    pageSize: 100,
    ...change,
  };
  const { total, items } = await store.publishes.listPublishes(query);
  return { total, items, ids: items.map(({ id }) => id).join('') };
}

describe('publish history', () => {
  it('shows a publish while it is live and after its end, without waiting for the log', async () => {
    const store = await testStore();
    const a = publish('a', 's', T0);
    store.publishes.started(a);
    const live = {
      id: 'a',
      key: a.key,
      pushDomain: 'push.example.com',
      clientAddress: '192.0.2.9',
      serverAddress: '192.0.2.1',
      startedAt: T0,
      endedAt: null,
      endReason: null,
      bytes: null,
    };
    expect((await list(store)).items).toEqual([live]);
    store.publishes.ended(a, end(T0 + 5));
    expect((await list(store)).items).toEqual([{ ...live, endedAt: T0 + 5, endReason: 'gone', bytes: 77 }]);
  });

  it('keeps the last word on a publish that began and ended in one batch', async () => {
    const store = await testStore();
    for (let index = 0; index < 500; index++) {
      const each = publish(`p${index}`, 's', T0 + index);
      store.publishes.started(each);
      store.publishes.ended(each, end(T0 + index + 1));
    }
    const { total, items } = await list(store, { pageSize: 1000 });
    expect(total).toBe(500);
    expect(items.every(({ endReason }) => endReason === 'gone')).toBe(true);
  });

  it('filters by span, app, push domain and name', async () => {
    const store = await testStore();
    const [a, b, c] = [
      publish('a', 'Cats', T0),
      publish('b', 'dogs', T0 + 10),
      publish('c', '100%_x', T0 + 20),
    ];
    for (const each of [a, b, c]) store.publishes.started(each);
    store.publishes.ended(a, end(T0 + 5));
    const ids = async (change: Partial<PublishQuery>) => (await list(store, change)).ids;
    expect(await ids({ from: T0 + 6 })).toBe('bc');
    expect(await ids({ from: T0 + 5, to: T0 + 10 })).toBe('ab');
    expect(await ids({ app: 'two' })).toBe('b');
    expect(await ids({ domain: 'x' })).toBe('');
    expect(await ids({ stream: 'dogs' })).toBe('b');
    expect(await ids({ stream: 'dog' })).toBe('');
    expect(await ids({ stream: 'dog', match: 'fuzzy' })).toBe('b');
    expect(await ids({ stream: 'Cat', match: 'fuzzy' })).toBe('a');
    expect(await ids({ stream: 'cat', match: 'fuzzy' })).toBe('');
    // Wildcards of SQL are letters like any other.
    expect(await ids({ stream: '0%_', match: 'fuzzy' })).toBe('c');
    expect(await ids({ stream: '%', match: 'fuzzy' })).toBe('c');
    expect(await ids({ stream: '_', match: 'fuzzy' })).toBe('c');
    expect(await ids({ stream: '', match: 'fuzzy' })).toBe('abc');
  });

  it('orders and pages', async () => {
    const store = await testStore();
    store.publishes.started(publish('a', 'y', T0));
    store.publishes.started(publish('b', 'z', T0 + 1));
    store.publishes.started(publish('c', 'x', T0 + 2));
    const ids = async (change: Partial<PublishQuery>) => (await list(store, change)).ids;
    expect(await ids({ order: 'publish_time_asc' })).toBe('abc');
    expect(await ids({ order: 'publish_time_desc' })).toBe('cba');
    expect(await ids({ order: 'stream_name_asc' })).toBe('cab');
    expect(await ids({ order: 'stream_name_desc' })).toBe('bac');
    expect(await list(store, { pageSize: 2, pageNumber: 2 })).toMatchObject({ total: 3, ids: 'c' });
    expect(await list(store, { pageSize: 2, pageNumber: 3 })).toMatchObject({ total: 3, ids: '' });
  });
});

describe('publishes of a run that ended without a word', () => {
  it('end when it was last seen alive, at the next start of the service', async () => {
    const directory = tempDirectory();
    const first = await testStore({ directory });
    first.publishes.started(publish('a', 'a', T0));
    await first.sweep(T0 + 60_000);
    first.publishes.started(publish('b', 'b', T0 + 70_000));
    await first.close();
    const tool = await testStore({ directory, role: 'tool' });
    expect((await list(tool)).items.map(({ endedAt }) => endedAt)).toEqual([null, null]);
    await tool.close();
    const { items } = await list(await testStore({ directory }));
    expect(items.map(({ endedAt, endReason }) => [endedAt, endReason])).toEqual([
      [T0 + 60_000, 'the service stopped'],
      [T0 + 70_000, 'the service stopped'],
    ]);
  });

  it('are told from those of this run, which still get their own end', async () => {
    const directory = tempDirectory();
    const first = await testStore({ directory, role: 'tool' });
    const a = publish('a', 'a', T0);
    first.publishes.started(a);
    await list(first);
    const second = await testStore({ directory });
    second.publishes.started(publish('b', 'b', T0));
    await list(second);
    first.publishes.ended(a, end(T0 + 9));
    await list(first);
    const { items } = await list(second);
    expect(items.map(({ id, endReason }) => `${id}:${String(endReason)}`)).toEqual(['a:gone', 'b:null']);
  });
});
