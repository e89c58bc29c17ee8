import { describe, expect, it } from 'vitest';
import type { AccountEntity, DomainEntity } from '../../src/core/entities.ts';
import type { DirectoryWrite } from '../../src/core/ports.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { caller, forbidding, T0, tempDirectory, testStore } from './support/test-store.ts';

const accountId = '2000000000000001';
const account: AccountEntity = { kind: 'account', id: accountId, accountId, createdAt: T0, name: 'tenant' };
const domain = (id: string, of = accountId): DomainEntity => ({
  kind: 'domain',
  id,
  accountId: of,
  createdAt: T0,
});
const key = {
  accessKeyId: 'AK7',
  secret: 'the-plain-secret',
  accountId,
  userId: '2',
  note: null,
  root: false,
  createdAt: T0,
};

function writing(change: Partial<DirectoryWrite> = {}): DirectoryWrite {
  const nothing = { puts: [], removes: [], keys: [] };
  return { caller: null, now: T0, account, expectedVersion: 0, ...nothing, ...change };
}

describe('accounts', () => {
  it('come back with all that they own, in the snapshot and in the feed', async () => {
    const directory = tempDirectory();
    const store = await testStore({ directory });
    const write = writing({ puts: [domain('a.example')], keys: [{ kind: 'create', key }] });
    const outcome = await store.directory.writeDirectory(write);
    const changes = [
      { kind: 'account', id: accountId, version: 1, entity: account },
      { kind: 'domain', id: 'a.example', version: 2, entity: domain('a.example') },
    ];
    const made = { ...key, status: 'active', version: 3 };
    expect(outcome).toEqual({
      kind: 'done',
      changes,
      keys: [{ accessKeyId: 'AK7', key: made, version: 3 }],
    });
    await store.close();
    const again = await testStore({ directory });
    expect(await again.feed.snapshot()).toEqual({ seq: 3, blocks: [], keys: [made], entities: changes });
    const fed = await again.feed.changesSince(0);
    expect(fed.changes.map(({ seq, kind }) => [seq, kind])).toEqual([
      [1, 'entity'],
      [2, 'entity'],
      [3, 'key'],
    ]);
  });

  it('are changed only from the version that the change was made from', async () => {
    const store = await testStore();
    await store.directory.writeDirectory(writing());
    expect(await store.directory.writeDirectory(writing())).toEqual({ kind: 'stale' });
    const next = writing({ expectedVersion: 1, account: { ...account, name: 'renamed' } });
    expect(await store.directory.writeDirectory(next)).toMatchObject({ kind: 'done' });
    expect(await store.directory.writeDirectory(next)).toEqual({ kind: 'stale' });
  });

  it('tell in the feed what is gone', async () => {
    const store = await testStore();
    await store.directory.writeDirectory(writing({ puts: [domain('a.example')] }));
    const removes = [{ kind: 'domain' as const, id: 'a.example' }];
    const outcome = await store.directory.writeDirectory(writing({ expectedVersion: 1, removes }));
    const gone = { kind: 'domain', id: 'a.example', version: 3, entity: null };
    expect(outcome).toMatchObject({ changes: [gone, { kind: 'account', version: 4 }] });
    expect((await store.feed.changesSince(2)).changes[0]).toEqual({ seq: 3, kind: 'entity', change: gone });
    expect((await store.feed.snapshot()).entities).toHaveLength(1);
  });

  it('take no domain that another has, and none with a block of another', async () => {
    const store = await testStore();
    await store.directory.writeDirectory(writing({ puts: [domain('a.example')] }));
    await store.blocks.forbid(forbidding('s'));
    const other = '2000000000000002';
    const theirs = { ...account, id: other, accountId: other };
    for (const id of ['a.example', 'live.example.com']) {
      const write = writing({ account: theirs, puts: [domain(id, other)] });
      expect(await store.directory.writeDirectory(write)).toEqual({ kind: 'taken' });
    }
    expect((await store.feed.snapshot()).entities).toHaveLength(2);
  });

  it('are changed once by a call, and nothing of a repeated one stays', async () => {
    const store = await testStore({ clock: new ManualClock(T0) });
    const call = caller({ accountId });
    await store.directory.writeDirectory(writing({ caller: call }));
    const again = writing({ caller: call, expectedVersion: 1, puts: [domain('a.example')] });
    expect(await store.directory.writeDirectory(again)).toEqual({ kind: 'nonce-used' });
    expect(await store.directory.beginCall(call)).toBe(false);
    expect(await store.directory.beginCall(caller({ accountId }))).toBe(true);
    expect((await store.feed.snapshot()).entities).toHaveLength(1);
  });

  it('lose and change keys, but none that is gone already', async () => {
    const store = await testStore();
    await store.directory.writeDirectory(writing({ keys: [{ kind: 'create', key }] }));
    const disable = { kind: 'status' as const, accessKeyId: 'AK7', status: 'disabled' as const };
    const disabled = await store.directory.writeDirectory(writing({ expectedVersion: 1, keys: [disable] }));
    expect(disabled).toMatchObject({ kind: 'done', keys: [{ key: { status: 'disabled' } }] });
    const remove = { keys: [{ kind: 'delete' as const, accessKeyId: 'AK7' }] };
    const removed = await store.directory.writeDirectory(writing({ ...remove, expectedVersion: 3 }));
    expect(removed).toMatchObject({ kind: 'done', keys: [{ accessKeyId: 'AK7', key: null, version: 6 }] });
    // Nothing of a change stays that is about a key that is gone.
    const late = writing({ keys: [disable], puts: [domain('a.example')], expectedVersion: 5 });
    await expect(store.directory.writeDirectory(late)).rejects.toThrow();
    expect(await store.feed.snapshot()).toMatchObject({ seq: 6, keys: [], entities: [{ kind: 'account' }] });
  });
});
