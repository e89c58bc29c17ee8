import { Kysely, sql } from 'kysely';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { sqliteDialect } from '../../src/store/dialect.ts';
import { migrate } from '../../src/store/migrate.ts';
import { logMigrations, mainMigrations } from '../../src/store/migrations.ts';
import type { Migration } from '../../src/store/migrations.ts';
import { connect } from '../../src/store/sqlite.ts';
import { afterwards, tempDirectory } from './support/test-store.ts';

let path: string;
let db: Kysely<unknown>;

beforeEach(async () => {
  path = join(tempDirectory(), 'file.db');
  const connection = await connect(path);
  afterwards(() => connection.close());
  db = new Kysely({ dialect: sqliteDialect(connection) });
});

const step = (index: number, statement: string): Migration => ({
  index,
  name: `step ${index}`,
  async up(trx) {
    await sql.raw(statement).execute(trx);
  },
});

async function applied(): Promise<string> {
  const { rows } = await sql<{ n: number }>`select number as n from schema_migrations order by 1`.execute(db);
  return rows.map(({ n }) => n).join();
}

describe('migrations', () => {
  it.each([
    ['sluice.db', mainMigrations],
    ['sluice-log.db', logMigrations],
  ])('of %s are numbered from 1 without a hole', (_, migrations) => {
    expect(migrations.map(({ index }) => index)).toEqual(migrations.map((_, at) => at + 1));
  });

  it('are applied once each, the new ones at the next start', async () => {
    const one = step(1, 'create table t (a)');
    const two = step(2, 'alter table t add column b');
    await migrate(db, { migrations: [one], path, now: 5 });
    await migrate(db, { migrations: [one], path, now: 6 });
    expect(await applied()).toBe('1');
    await migrate(db, { migrations: [one, two], path, now: 7 });
    expect(await applied()).toBe('1,2');
    const { rows } = await sql`select * from schema_migrations`.execute(db);
    expect(rows).toMatchObject([
      { name: 'step 1', applied_at: 5 },
      { name: 'step 2', applied_at: 7 },
    ]);
  });

  it('leave nothing of a step that fails', async () => {
    const bad: Migration = {
      index: 2,
      name: 'bad',
      async up(trx) {
        await sql`create table half (a)`.execute(trx);
        await sql`this is no statement`.execute(trx);
      },
    };
    const migrations = [step(1, 'create table t (a)'), bad];
    await expect(migrate(db, { migrations, path, now: 0 })).rejects.toThrow('syntax error');
    expect(await applied()).toBe('1');
    const { rows } = await sql`select name from sqlite_master where name = 'half'`.execute(db);
    expect(rows).toEqual([]);
  });
});
