import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { logMigrations, mainMigrations } from '../../src/store/migrations.ts';
import { openFiles } from '../../src/store/open-files.ts';
import type * as Sqlite from '../../src/store/sqlite.ts';
import type { SqliteConnection, SqliteStatement } from '../../src/store/sqlite.ts';
import { rowsOf, T0, tempDirectory } from '../store/support/test-store.ts';
import { imageOf } from './images.ts';
import { fillOldStore, OLD_ROWS } from './old-store.ts';

const spy = vi.hoisted(() => ({ beforeStatement: undefined as (() => void) | undefined }));

vi.mock('../../src/store/sqlite.ts', async (load) => {
  const real = await load<typeof Sqlite>();
  const watched = (connection: SqliteConnection): SqliteConnection => ({
    get isTransaction() {
      return connection.isTransaction;
    },
    exec(text) {
      spy.beforeStatement?.();
      connection.exec(text);
    },
    prepare(text) {
      const statement: SqliteStatement = connection.prepare(text);
      return {
        columns: () => statement.columns(),
        all: (...values) => (spy.beforeStatement?.(), statement.all(...values)),
        run: (...values) => (spy.beforeStatement?.(), statement.run(...values)),
      };
    },
    close: () => connection.close(),
  });
  return { ...real, connect: async (path: string) => watched(await real.connect(path)) };
});

afterEach(() => (spy.beforeStatement = undefined));

const open = (directory: string) =>
  openFiles({ directory, mustExist: true, busyTimeoutMs: 100, maxBytes: 0, now: T0 });

/** The version of a file, and whether it has what the newest version brings: both or neither. */
async function versionOf(path: string, newest: string): Promise<number> {
  const [row] = await rowsOf(path, 'select max(number) as n from schema_migrations');
  const found = await rowsOf(path, `select 1 from sqlite_master where name = '${newest}'`);
  expect(found).toHaveLength(row?.['n'] === 2 ? 1 : 0);
  return Number(row?.['n']);
}

it('killed before any statement of a migration, a store is at one version or the other, and loses no row', async () => {
  const directory = tempDirectory();
  await fillOldStore(directory, { rows: 40 });
  const images: string[] = [];
  const at = tempDirectory();
  spy.beforeStatement = () => images.push(imageOf(directory, join(at, String(images.length))));
  const files = await open(directory);
  spy.beforeStatement = undefined;
  files.log.close();
  files.main.close();

  const versions = new Set<string>();
  for (const image of images) {
    const [main, log] = [join(image, 'sluice.db'), join(image, 'sluice-log.db')];
    versions.add(`${await versionOf(main, 'entities')} ${await versionOf(log, 'read_audit_account')}`);
    const again = await open(image);
    again.log.close();
    again.main.close();
    expect(await versionOf(main, 'entities')).toBe(mainMigrations.length);
    expect(await versionOf(log, 'read_audit_account')).toBe(logMigrations.length);
    for (const [file, table] of OLD_ROWS)
      expect(await rowsOf(join(image, file), `select count(*) as n from ${table}`), table).toEqual([
        { n: 40 },
      ]);
  }
  // Every step was seen before it, in its midst and after it.
  expect([...versions]).toEqual(['1 1', '2 1', '2 2']);
  expect(images.length).toBeGreaterThan(40);
});
