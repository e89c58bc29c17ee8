import { Kysely } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sqliteDialect } from '../../src/store/dialect.ts';
import { columnsOf, prepared } from '../../src/store/prepared.ts';
import { connect } from '../../src/store/sqlite.ts';
import type { SqliteConnection } from '../../src/store/sqlite.ts';

interface Schema {
  t: { a: string | null; b: number; c: string };
}

let connection: SqliteConnection;
let texts: string[];
let built: number;

const insert = prepared((db: Kysely<Schema>, row: { a: string | null; b: number }) => {
  built += 1;
  return db.insertInto('t').values({ ...columnsOf(row, ['b', 'a']), c: 'always' });
});
const later = prepared((db: Kysely<Schema>, { a, from }: { a: string; from: number }) =>
  db.selectFrom('t').selectAll().where('a', '=', a).where('b', '>=', from).where('c', '=', 'always'),
);

function open(): Kysely<Schema> {
  const prepare = (text: string) => (texts.push(text), connection.prepare(text));
  const exec = (text: string): void => connection.exec(text);
  return new Kysely<Schema>({
    dialect: sqliteDialect({ isTransaction: true, exec, prepare, close: () => undefined }),
  });
}

beforeEach(async () => {
  connection = await connect(':memory:');
  connection.exec('create table t (a, b, c)');
  [texts, built] = [[], 0];
});

afterEach(() => connection.close());

it('puts each value where it belongs, beside what is always the same', async () => {
  const db = open();
  await insert(db, { a: 'x', b: 1 });
  await insert(db, { a: 'x', b: 2 });
  await insert(db, { a: null, b: 3 });
  const { rows } = await later(db, { from: 2, a: 'x' });
  expect(rows.map((row) => ({ ...row }))).toEqual([{ a: 'x', b: 2, c: 'always' }]);
  expect((await db.selectFrom('t').select('a').execute()).map(({ a }) => a)).toEqual(['x', 'x', null]);
});

it('is built once for each file, also for its transactions', async () => {
  const [db, other] = [open(), open()];
  for (let b = 0; b < 3; b++) await insert(db, { a: 'x', b });
  await db.transaction().execute(async (trx) => {
    for (let b = 3; b < 6; b++) await insert(trx, { a: 'x', b });
  });
  expect(built).toBe(1);
  expect(texts.filter((text) => text.startsWith('insert'))).toHaveLength(1);
  await insert(other, { a: 'x', b: 6 });
  expect(built).toBe(2);
});

it('belongs to the transaction that it is run in', async () => {
  const db = open();
  const work = db.transaction().execute(async (trx) => {
    await insert(trx, { a: 'gone', b: 1 });
    throw new Error('undone');
  });
  await expect(work).rejects.toThrow('undone');
  await insert(db, { a: 'x', b: 2 });
  expect(connection.prepare('select a from t').all()).toEqual([{ a: 'x' }]);
});

it('refuses what cannot be stored', async () => {
  await expect(insert(open(), { a: new Date() as never, b: 1 })).rejects.toThrow(TypeError);
  await expect(insert(open(), { b: 1 } as never)).rejects.toThrow('undefined cannot be stored');
});
