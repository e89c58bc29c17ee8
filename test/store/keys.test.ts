import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StartError } from '../../src/base/errors.ts';
import { silentLogger } from '../../src/base/logger.ts';
import type { KeyWrite, Store } from '../../src/core/ports.ts';
import { connect } from '../../src/store/sqlite.ts';
import { T0, tempDirectory, testStore } from './support/test-store.ts';

const key = {
  accessKeyId: 'AK1',
  secret: 'the-plain-secret',
  accountId: '1000000000000001',
  userId: null,
  note: null,
  root: true,
  createdAt: T0,
};

/** Changes a key as a change of its account, from what the store has now. */
async function changeKey(store: Store, write: KeyWrite): Promise<void> {
  const { accountId } = key;
  const { entities } = await store.feed.snapshot();
  const account = { kind: 'account' as const, id: accountId, accountId, createdAt: T0, name: 'root' };
  const expectedVersion = entities.find(({ kind }) => kind === 'account')?.version ?? 0;
  const nothing = { caller: null, puts: [], removes: [] };
  const change = { ...nothing, now: T0, account, expectedVersion, keys: [write] };
  expect(await store.directory.writeDirectory(change)).toMatchObject({ kind: 'done' });
}

describe('access keys', () => {
  it('come back as they were created', async () => {
    const directory = tempDirectory();
    const store = await testStore({ directory });
    const created = await store.keys.createKey(key);
    expect(created).toEqual({ ...key, status: 'active', version: 1 });
    const second = { ...key, accessKeyId: 'AK2', note: 'ci', root: false };
    await store.keys.createKey(second);
    await store.close();
    const again = await testStore({ directory });
    expect(await again.keys.listKeys()).toEqual([created, { ...second, status: 'active', version: 2 }]);
    expect((await again.feed.snapshot()).keys).toEqual(await again.keys.listKeys());
  });

  it('are sealed on the disk', async () => {
    const directory = tempDirectory();
    const store = await testStore({ directory });
    await store.keys.createKey(key);
    await store.close();
    expect(readFileSync(join(directory, 'sluice.db')).includes(key.secret)).toBe(false);
  });

  it('are refused twice under one id', async () => {
    const store = await testStore();
    await store.keys.createKey(key);
    await expect(store.keys.createKey({ ...key, secret: 'other' })).rejects.toThrow(
      'access key AK1 exists already',
    );
    expect((await store.feed.snapshot()).seq).toBe(1);
  });

  it('change with a feed row each', async () => {
    const store = await testStore();
    await store.keys.createKey(key);
    await changeKey(store, { kind: 'status', accessKeyId: 'AK1', status: 'disabled' });
    const disabled = { ...key, status: 'disabled', version: 3 };
    expect((await store.feed.changesSince(1)).changes).toMatchObject([
      { seq: 2, kind: 'entity' },
      { seq: 3, kind: 'key', accessKeyId: 'AK1', key: disabled },
    ]);
    await changeKey(store, { kind: 'delete', accessKeyId: 'AK1' });
    expect((await store.feed.changesSince(3)).changes).toMatchObject([
      { seq: 4, kind: 'entity' },
      { seq: 5, kind: 'key', accessKeyId: 'AK1', key: null },
    ]);
    await expect(changeKey(store, { kind: 'delete', accessKeyId: 'AK1' })).rejects.toThrow();
    expect((await store.feed.snapshot()).seq).toBe(5);
  });

  it('do not open when a row was changed by hand; the others do', async () => {
    const directory = tempDirectory();
    const errors: unknown[] = [];
    const log = { ...silentLogger, error: (...line: unknown[]) => void errors.push(line) };
    const store = await testStore({ directory, log: log as never });
    await store.keys.createKey(key);
    await store.keys.createKey({ ...key, accessKeyId: 'AK2', secret: 'other' });
    const connection = await connect(join(directory, 'sluice.db'));
    connection.exec(`update access_keys set sealed_secret =
      (select sealed_secret from access_keys where access_key_id = 'AK1') where access_key_id = 'AK2'`);
    connection.close();
    expect((await store.keys.listKeys()).map(({ accessKeyId }) => accessKeyId)).toEqual(['AK1']);
    expect(errors).toHaveLength(1);
    expect(JSON.stringify(errors)).not.toContain('secret"');
    // With none left it is no store without keys, for which a start would make a new root key.
    await changeKey(store, { kind: 'delete', accessKeyId: 'AK1' });
    await expect(store.keys.listKeys()).rejects.toThrow(
      /^none of the access keys in the store can be opened/,
    );
  });
});

describe('the identity of a store', () => {
  it('has a root account of 16 digits that stays', async () => {
    const directory = tempDirectory();
    const first = await testStore({ directory });
    const id = await first.keys.rootAccountId();
    expect(id).toMatch(/^[1-9]\d{15}$/);
    await first.close();
    expect(await (await testStore({ directory })).keys.rootAccountId()).toBe(id);
    expect(await (await testStore()).keys.rootAccountId()).not.toBe(id);
  });

  it('refuses another master key at once', async () => {
    const directory = tempDirectory();
    await (await testStore({ directory })).close();
    const wrong = testStore({ directory, masterKey: Buffer.alloc(32, 8) });
    await expect(wrong).rejects.toThrow(StartError);
    await expect(wrong).rejects.toThrow(/^the master key does not match the store in .*: give the key/);
    await expect(testStore({ masterKey: Buffer.alloc(5) })).rejects.toThrow(StartError);
    await testStore({ directory });
  });
});
