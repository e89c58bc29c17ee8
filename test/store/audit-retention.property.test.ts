import fc from 'fast-check';
import { Kysely } from 'kysely';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { sqliteDialect } from '../../src/store/dialect.ts';
import { retention } from '../../src/store/retention.ts';
import type { Retention } from '../../src/store/retention.ts';
import { connect } from '../../src/store/sqlite.ts';
import type { SqliteConnection } from '../../src/store/sqlite.ts';
import { sweepTable } from '../../src/store/sweep-rows.ts';
import { afterwards, rowsOf, T0, tempDirectory, testStore } from './support/test-store.ts';

/** Tables that do not grow by use alone, and what bounds them instead. */
const BOUNDED_OTHERWISE = {
  'sluice.db': [
    'access_keys', // by the limits of RAM
    'blocks', // 10,000 of an account, and swept when they expire
    'changes', // FEED_RETENTION
    'counters', // two rows
    'entities', // by the limits of RAM and of domains
    'meta', // a few rows
    'schema_migrations', // one row of each
  ],
  'sluice-log.db': ['meta', 'schema_migrations'],
};

it.each(['sluice.db', 'sluice-log.db'] as const)('every table of %s has its bound', async (file) => {
  const directory = tempDirectory();
  await (await testStore({ directory })).close();
  const tables = await rowsOf(join(directory, file), "select name from sqlite_master where type = 'table'");
  const bounded = retention.filter((bound) => bound.file === file).map(({ table }) => table);
  expect(tables.map(({ name }) => name).sort()).toEqual([...bounded, ...BOUNDED_OTHERWISE[file]].sort());
});

it('keeps writes and denials for 400 days, reads for 7, a million of each at most, by account', () => {
  const of = (name: string) => retention.find(({ table }) => table === name);
  const most = { rows: 1_000_000, owner: 'account_id' };
  expect(of('audit')).toMatchObject({ file: 'sluice.db', ageMs: 400 * 86_400_000, ...most });
  expect(of('read_audit')).toMatchObject({ file: 'sluice-log.db', ageMs: 7 * 86_400_000, ...most });
});

interface Opened {
  readonly db: Kysely<unknown>;
  readonly connection: SqliteConnection;
}

async function open({ file }: Retention): Promise<Opened> {
  const directory = tempDirectory();
  await (await testStore({ directory })).close();
  const connection = await connect(join(directory, file));
  connection.exec('pragma synchronous = off');
  afterwards(() => connection.close());
  return { connection, db: new Kysely({ dialect: sqliteDialect(connection) }) };
}

describe.each(retention)('the sweep of $table', (known) => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await open(known);
  });

  it('removes nothing within the bounds, and everything beyond', async () => {
    const time = fc.integer({ min: 0, max: 30 });
    const input = fc.record({
      // Few different times, so that many rows share one; a publish that is live has none.
      times: fc.array(known.table === 'publishes' ? fc.option(time) : time, { maxLength: 60 }),
      rows: known.rows === null || known.owner !== null ? fc.constant(null) : fc.integer({ min: 1, max: 40 }),
      passed: fc.integer({ min: -1, max: 31 }),
      step: fc.integer({ min: 1, max: 9 }),
    });
    const run = fc.asyncProperty(input, async ({ times, rows, passed, step }) => {
      const bound: Retention = { ...known, rows };
      fill(
        opened.connection,
        bound,
        times.map((time, owner) => ({ time, owner: owner % 3 || null })),
      );
      const now = T0 + passed + bound.ageMs;
      let steps = 0;
      while (await sweepTable(opened.db, bound, { now, step })) steps += 1;
      expect(steps).toBeLessThanOrEqual(times.length / step);
      const within = times.filter(
        (each) => each === null || (each > passed && isAmongNewest(each, times, rows)),
      );
      expect(left(opened.connection, bound)).toEqual(within.map((each) => each ?? -1).sort((a, b) => a - b));
      if (rows !== null) expect(within.filter((each) => each !== null).length).toBeLessThanOrEqual(rows);
    });
    await fc.assert(run, { numRuns: 150 });
  });
});

describe.each(retention.filter(({ owner }) => owner !== null))('the shared bound of $table', (known) => {
  it('takes the oldest of who has most, and nothing of who has no more than its share', async () => {
    const { connection, db } = await open(known);
    const line = fc.record({ time: fc.integer({ min: 0, max: 30 }), owner: fc.integer({ min: 0, max: 4 }) });
    const input = fc.record({
      // One owner makes most of the lines.
      lines: fc.array(
        fc.oneof(
          line,
          line.map(({ time }) => ({ time, owner: 0 })),
        ),
        { maxLength: 60 },
      ),
      rows: fc.integer({ min: 1, max: 40 }),
      step: fc.integer({ min: 1, max: 9 }),
    });
    const run = fc.asyncProperty(input, async ({ lines, rows, step }) => {
      const bound: Retention = { ...known, rows };
      fill(connection, bound, lines);
      let steps = 0;
      while (await sweepTable(db, bound, { now: T0, step })) steps += 1;
      const owners = [...new Set(lines.map(({ owner }) => owner))];
      expect(steps).toBeLessThanOrEqual(lines.length / step + owners.length);
      expect(left(connection, bound)).toHaveLength(Math.min(rows, lines.length));
      for (const owner of owners) {
        const before = lines.filter((each) => each.owner === owner).map(({ time }) => time);
        const after = left(connection, bound, owner);
        const newest = before.sort((a, b) => a - b).slice(before.length - after.length);
        expect(after).toEqual(newest);
        expect(after.length).toBeGreaterThanOrEqual(
          Math.min(before.length, Math.floor(rows / owners.length)),
        );
      }
    });
    await fc.assert(run, { numRuns: 150 });
  });
});

/** Whether the rows that are at least as young are not too many. */
function isAmongNewest(time: number, times: readonly (number | null)[], rows: number | null): boolean {
  return rows === null || times.filter((each) => each !== null && each >= time).length <= rows;
}

interface Filled {
  readonly time: number | null;
  readonly owner: number | null;
}

function fill(connection: SqliteConnection, { table, column, owner }: Retention, lines: Filled[]): void {
  const columns = connection.prepare(`pragma table_info(${table})`).all() as { name: string }[];
  const names = columns.map(({ name }) => name);
  const insert = connection.prepare(
    `insert into ${table} (${names.join()}) values (${names.map(() => '?').join()})`,
  );
  connection.exec(`begin; delete from ${table}`);
  lines.forEach((line, index) => {
    const values = new Map([[column, line.time === null ? null : T0 + line.time]]);
    if (owner !== null) values.set(owner, line.owner);
    insert.run(...names.map((name) => (values.has(name) ? (values.get(name) ?? null) : index)));
  });
  connection.exec('commit');
}

function left(connection: SqliteConnection, { table, column, owner }: Retention, of?: number): number[] {
  const own = of === undefined ? '' : `where ${owner} = '${of}'`;
  const rows = connection
    .prepare(`select coalesce(${column} - ${T0}, -1) as t from ${table} ${own} order by t`)
    .all();
  return (rows as { t: number }[]).map(({ t }) => t);
}
