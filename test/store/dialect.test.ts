import { Kysely, sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bindable, sqliteDialect } from '../../src/store/dialect.ts';
import { connect } from '../../src/store/sqlite.ts';
import type { SqliteConnection } from '../../src/store/sqlite.ts';

interface Schema {
  t: { a: unknown };
}

let connection: SqliteConnection;
let db: Kysely<Schema>;

beforeEach(async () => {
  connection = await connect(':memory:');
  connection.exec('create table t (a)');
  db = new Kysely<Schema>({ dialect: sqliteDialect(connection) });
});

afterEach(() => connection.close());

describe('bound values', () => {
  it.each([['text'], [0], [-1.5], [Number.MAX_SAFE_INTEGER], [2n ** 62n], [null], [new Uint8Array([1])]])(
    'takes %s',
    (value) => expect(bindable(value)).toBe(value),
  );

  it.each([
    [true],
    [undefined],
    [new Date()],
    [{}],
    [[]],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [2 ** 53],
    [Symbol('s')],
    [() => 1],
  ])('refuses %s', (value) => {
    expect(() => bindable(value)).toThrow(TypeError);
  });

  it('refuses a Date through a query, where the driver would store NULL', async () => {
    const insert = db.insertInto('t').values({ a: new Date() });
    await expect(insert.execute()).rejects.toThrow('object cannot be stored');
    expect(await db.selectFrom('t').selectAll().execute()).toEqual([]);
  });

  it('does not name the value in the error', () => {
    expect(() => bindable({ secret: 'hush' })).toThrow(/^(?!.*hush)/);
  });
});

describe('transactions', () => {
  it('take the write lock at once unless they only read', async () => {
    const begun: string[] = [];
    const listening = new Kysely<Schema>({
      dialect: sqliteDialect({
        exec: (text) => connection.exec(text),
        close: () => undefined,
        isTransaction: false,
        prepare(text) {
          begun.push(text);
          return connection.prepare(text);
        },
      }),
    });
    await listening.transaction().execute((trx) => sql`select 1`.execute(trx));
    await listening
      .transaction()
      .setAccessMode('read only')
      .execute((trx) => sql`select 1`.execute(trx));
    expect(begun.filter((text) => text.startsWith('begin'))).toEqual(['begin immediate', 'begin']);
  });

  it('show the first error when SQLite has rolled back by itself', async () => {
    const work = db.transaction().execute(async (trx) => {
      await sql`rollback`.execute(trx);
      throw new Error('the cause');
    });
    await expect(work).rejects.toThrow('the cause');
    expect(await db.selectFrom('t').selectAll().execute()).toEqual([]);
  });

  it('hold more statements than are cached', async () => {
    for (let index = 0; index < 700; index++) {
      await sql.raw(`insert into t values (${index})`).execute(db);
    }
    const [row] = connection.prepare('select count(*) as n from t').all() as { n: number }[];
    expect(row?.n).toBe(700);
  });
});
