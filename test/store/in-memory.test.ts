import { readdirSync } from 'node:fs';
import { sql } from 'kysely';
import type { QueryExecutorProvider } from 'kysely';
import { expect, it } from 'vitest';
import { openFiles } from '../../src/store/open-files.ts';
import { wipe, wipeLog } from '../../src/store/wipe.ts';
import { afterwards, forbidding, T0, tempDirectory, testStore, threadStore } from './support/test-store.ts';

const SETTINGS = { mustExist: false, busyTimeoutMs: 1000, maxBytes: 0, now: T0 };
const rootKey = {
  accessKeyId: 'AK1',
  accountId: '1000000000000001',
  userId: null,
  sealedSecret: 'sealed',
  note: null,
  root: true,
  createdAt: T0,
};

async function open(directory: string | null) {
  const files = await openFiles({ ...SETTINGS, directory });
  afterwards(() => {
    files.log.close();
    files.main.close();
  });
  return files;
}

async function tablesOf(db: QueryExecutorProvider): Promise<string[]> {
  const { rows } = await sql<{
    name: string;
  }>`select name from sqlite_master where type = 'table' order by name`.execute(db);
  return rows.map(({ name }) => name).filter((name) => !name.startsWith('sqlite_'));
}

const KEPT = ['meta', 'counters', 'nonces', 'schema_migrations'];

/** One row in every table, with something in every column that needs it. */
async function fill(db: QueryExecutorProvider): Promise<void> {
  for (const table of await tablesOf(db)) {
    if (KEPT.includes(table)) continue;
    const { rows: columns } = await sql<{
      name: string;
      type: string;
    }>`select name, type from pragma_table_info(${table})`.execute(db);
    const values = columns.map(({ type }) => (type.toLowerCase() === 'text' ? sql`'x'` : sql`1`));
    const names = columns.map(({ name }) => sql.ref(name));
    await sql`insert into ${sql.table(table)} (${sql.join(names)}) values (${sql.join(values)})`.execute(db);
  }
}

async function counts(db: QueryExecutorProvider): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const table of await tablesOf(db)) {
    const { rows } = await sql<{ n: number }>`select count(*) as n from ${sql.table(table)}`.execute(db);
    if (!KEPT.includes(table)) found[table] = rows[0]!.n;
  }
  return found;
}

it('a wipe empties every table but those of the store itself and the nonces, and adds the key', async () => {
  const { main, log } = await open(null);
  const [mainDb, logDb] = [main.db, log.db];
  await fill(mainDb);
  await fill(logDb);
  await sql`insert into nonces (access_key_id, nonce, expires_at) values ('AK1', 'n', 1)`.execute(mainDb);
  for (const count of Object.values({ ...(await counts(mainDb)), ...(await counts(logDb)) }))
    expect(count).toBe(1);

  await main.db.transaction().execute((trx) => wipe(trx, { rootKey }));
  await log.db.transaction().execute((trx) => wipeLog(trx, null));
  const left = { ...(await counts(mainDb)), ...(await counts(logDb)) };
  const filled = Object.entries(left).filter(([, count]) => count > 0);
  expect(Object.fromEntries(filled)).toEqual({ access_keys: 1, changes: 1 });
  expect(Object.keys(left).length).toBeGreaterThan(8);
  expect((await sql`select * from nonces`.execute(mainDb)).rows).toHaveLength(1);
});

it('a store with files is never wiped', async () => {
  const { main, log } = await open(tempDirectory());
  await fill(main.db);
  const before = await counts(main.db);
  await expect(main.db.transaction().execute((trx) => wipe(trx, { rootKey }))).rejects.toThrow('with files');
  await expect(log.db.transaction().execute((trx) => wipeLog(trx, null))).rejects.toThrow('with files');
  expect(await counts(main.db as unknown as QueryExecutorProvider)).toEqual(before);
  expect((await testStore()).wipe).toBeUndefined();
});

it('whoever follows the feed finds a gap after a wipe, and no old number comes again', async () => {
  const store = await threadStore({ directory: null, rootAccountId: '1000000000000001' });
  await store.blocks.forbid(forbidding('cam1'));
  const { seq, blocks } = await store.feed.snapshot();
  expect(blocks).toHaveLength(1);
  await store.wipe?.({ ...rootKey, secret: 'secret' });
  expect(await store.feed.changesSince(seq)).toEqual({ changes: [], gap: true });
  const after = await store.feed.snapshot();
  expect(after.blocks).toEqual([]);
  expect(after.keys).toMatchObject([{ accessKeyId: 'AK1', secret: 'secret', status: 'active' }]);
  expect(after.seq).toBeGreaterThan(seq);
});

it('lives in memory only, with the account that it was given', async () => {
  const before = readdirSync('.').sort();
  const store = await threadStore({ directory: null, rootAccountId: '1000000000000001' });
  const other = await threadStore({ directory: null });
  expect(await store.keys.rootAccountId()).toBe('1000000000000001');
  expect(await other.keys.rootAccountId()).toMatch(/^1\d{15}$/);
  await store.blocks.forbid(forbidding('cam1'));
  expect((await other.feed.snapshot()).blocks).toEqual([]);
  await store.sweep(T0 + 1);
  expect(readdirSync('.').sort()).toEqual(before);
});

it('is not begun anew without a word when its thread died', async () => {
  await expect(openFiles({ ...SETTINGS, directory: null, mustExist: true })).rejects.toThrow(
    'the store was in memory and is lost: start the service anew',
  );
});
