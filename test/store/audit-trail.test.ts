import fc from 'fast-check';
import { Kysely } from 'kysely';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resultOf } from '../../src/core/audit-trail.ts';
import type {
  AuditFilter,
  AuditLine,
  AuditPage,
  AuditPlace,
  AuditQuery,
} from '../../src/core/audit-trail.ts';
import type { AuditRecord } from '../../src/core/audit-trail.ts';
import type { Store } from '../../src/core/ports.ts';
import { lastScanned, matching, oldest } from '../../src/store/audit-pages.ts';
import { sqliteDialect } from '../../src/store/dialect.ts';
import type { AuditTable } from '../../src/store/schema.ts';
import { connect } from '../../src/store/sqlite.ts';
import { afterwards, caller, forbidding, T0, tempDirectory, testStore } from './support/test-store.ts';

const ACCOUNT = '1000000000000001';
const NOTHING = { actor: null, target: null, effect: null, code: null };

function record(requestId: string, change: Partial<AuditRecord> = {}): AuditRecord {
  const who = { accountId: ACCOUNT, accessKeyId: 'AK1', clientAddress: '192.0.2.1' };
  return { ...NOTHING, ...who, at: T0, requestId, action: 'A', status: 200, kind: 'write', ...change };
}

function ask(change: Partial<AuditQuery> = {}): AuditQuery {
  return { accountId: ACCOUNT, from: 0, to: T0 * 2, filter: {}, after: null, limit: 100, ...change };
}

/** Every page from the first to the end. */
async function pages(store: Store, query: AuditQuery, between?: () => void): Promise<AuditPage[]> {
  const all: AuditPage[] = [];
  let after: AuditPlace | null = null;
  do {
    const page: AuditPage = await store.trail.list({ ...query, after });
    all.push(page);
    after = page.next;
    between?.();
  } while (after !== null);
  return all;
}

const idsOf = (found: readonly AuditPage[]): string[] =>
  found.flatMap(({ lines }) => lines.map(({ requestId }) => requestId));

describe('list', () => {
  it('tells of both files as of one, newest first, also what still waits to be written', async () => {
    const store = await testStore();
    for (let index = 0; index < 300; index++)
      store.audit.call(record(`R${index}`, { at: T0 + index, kind: index % 3 === 0 ? 'write' : 'read' }));
    const { lines, next } = await store.trail.list(ask({ limit: 1000 }));
    expect(lines.map(({ requestId }) => requestId)).toEqual(
      Array.from({ length: 300 }, (_, index) => `R${299 - index}`),
    );
    expect(next).toBeNull();
    expect(lines[0]).toEqual({ ...record('R299', { at: T0 + 299, kind: 'read' }) });
  });

  it('tells of a call that has no answer yet', async () => {
    const store = await testStore();
    const who = caller();
    await store.blocks.forbid(forbidding('s', { caller: who }));
    const unknown = ask({ filter: { result: 'unknown' } });
    expect(idsOf(await pages(store, unknown))).toEqual([who.requestId]);
    store.audit.call(record(who.requestId, { at: who.at, effect: { Players: 3 } }));
    expect(idsOf(await pages(store, unknown))).toEqual([]);
    const done = ask({ filter: { result: 'success' } });
    expect((await store.trail.list(done)).lines).toMatchObject([{ effect: '{"Players":3}' }]);
  });

  it('ends where the lines end, without an empty page', async () => {
    const store = await testStore();
    for (let index = 0; index < 20; index++)
      store.audit.call(record(`R${index}`, { at: T0 + index, kind: index % 2 === 0 ? 'write' : 'read' }));
    expect((await pages(store, ask({ limit: 10 }))).map(({ lines }) => lines.length)).toEqual([10, 10]);
    expect((await pages(store, ask({ limit: 20 }))).map(({ lines }) => lines.length)).toEqual([20]);
  });

  it('looks at a bounded number of lines for one page, and goes on from there', async () => {
    const directory = tempDirectory();
    const store = await testStore({ directory });
    await fill(join(directory, 'sluice.db'), 'audit', 25_000);
    store.audit.call(record('NEEDLE', { at: T0 - 1, clientAddress: '203.0.113.9' }));
    const found = await pages(store, ask({ filter: { clientAddress: '203.0.113.9' } }));
    expect(found.map(({ lines }) => lines.length)).toEqual([0, 0, 1]);
    // A filter with an index finds it at once, wherever it is.
    store.audit.call(record('TARGET', { at: T0 - 1, target: 'live.example.com/app/needle' }));
    const direct = await pages(store, ask({ filter: { target: 'live.example.com/app/needle' } }));
    expect(direct.map(({ lines }) => lines.length)).toEqual([1]);
  });

  it('finds what a model finds, page by page, whatever arrives meanwhile', { timeout: 120_000 }, async () => {
    const one = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
    const line = fc.record({
      at: fc.integer({ min: T0, max: T0 + 12 }),
      accountId: one(ACCOUNT, '1000000000000002'),
      actor: one('root', 'user/a'),
      accessKeyId: one('AK1', 'AK2'),
      action: one('A', 'B'),
      target: one(null, 'x.example/app/s', 'x.example/app/S', 'x.exampleX', 'x_example/'),
      outcome: one<[AuditRecord['kind'], number, string | null]>(
        ['write', 200, null],
        ['write', 400, 'Bad'],
        ['denied', 403, 'NoPermission'],
        ['read', 200, null],
        ['read', 400, 'Throttling.User'],
      ),
      clientAddress: one('192.0.2.1', '2001:db8::1'),
    });
    const maybe = <T>(...values: T[]): fc.Arbitrary<T | undefined> =>
      one(undefined, undefined, undefined, ...values);
    const filter = fc.record<AuditFilter>({
      actor: maybe('root'),
      accessKeyId: maybe('AK2'),
      action: maybe('B'),
      target: maybe('x.example/app/s'),
      targetPrefix: maybe('x.example', 'x_', ''),
      code: maybe('Bad', 'Throttling.User'),
      clientAddress: maybe('2001:db8::1'),
      requestId: maybe('R0'),
      result: maybe('success', 'failed', 'denied'),
      kind: maybe('write', 'read', 'denied'),
    });
    const input = { lines: fc.array(line, { maxLength: 40 }), filter, limit: fc.integer({ min: 1, max: 7 }) };
    const span = fc.record({
      from: fc.integer({ min: T0, max: T0 + 6 }),
      to: fc.integer({ min: T0 + 6, max: T0 + 12 }),
    });
    const run = fc.asyncProperty(
      fc.record(input),
      span,
      async ({ lines, filter: by, limit }, { from, to }) => {
        await using store = await testStore();
        const records = lines.map(({ outcome: [kind, status, code], ...rest }, index) =>
          record(`R${index}`, { ...rest, kind, status, code }),
        );
        for (const each of records) store.audit.call(each);
        const expected = records
          .filter(
            (each) => each.at >= from && each.at <= to && each.accountId === ACCOUNT && isFound(each, by),
          )
          .sort((a, b) => b.at - a.at || (a.requestId < b.requestId ? 1 : -1));
        let newer = 0;
        const found = await pages(store, ask({ filter: by, limit, from, to }), () =>
          store.audit.call(record(`NEW${newer++}`, { at: T0 + 13 })),
        );
        expect(idsOf(found)).toEqual(expected.map(({ requestId }) => requestId));
        for (const { lines: onPage } of found) expect(onPage.length).toBeLessThanOrEqual(limit);
      },
    );
    await fc.assert(run, { numRuns: 60 });
  });
});

function isFound(line: AuditRecord, by: AuditFilter): boolean {
  const same = (
    ['actor', 'accessKeyId', 'action', 'target', 'code', 'clientAddress', 'requestId', 'kind'] as const
  ).every((name) => by[name] === undefined || by[name] === line[name]);
  const { targetPrefix, result } = by;
  if (targetPrefix !== undefined && line.target?.startsWith(targetPrefix) !== true) return false;
  return same && (result === undefined || resultOf(line as AuditLine) === result);
}

describe('a page over a million lines', () => {
  const step = (filter: AuditFilter, accountId: string | null = ACCOUNT) => ({
    query: ask({ filter, accountId, after: { at: T0, requestId: 'R' } }),
    scan: 1000,
  });

  it.each([
    [{}, 'account (account_id=? AND at>? AND at<?)'],
    [{ target: 'x' }, 'target (<expr>=? AND at>? AND at<?)'],
    [{ accessKeyId: 'x' }, 'access_key_id (<expr>=? AND at>? AND at<?)'],
    [{ actor: 'x' }, 'actor (<expr>=? AND at>? AND at<?)'],
    [{ action: 'x' }, 'action (<expr>=? AND at>? AND at<?)'],
    [{ code: 'x' }, 'code (<expr>=? AND at>? AND at<?)'],
    [{ code: 'x', action: 'y', actor: 'z' }, 'code (<expr>=? AND at>? AND at<?)'],
    [{ targetPrefix: 'x' }, 'account (account_id=? AND at>? AND at<?)'],
    [{ clientAddress: 'x', result: 'failed' as const }, 'account (account_id=? AND at>? AND at<?)'],
  ])('is led by an index: %j', async (filter, index) => {
    for (const [file, table] of FILES) {
      const { db, plan } = await planner(file);
      for (const query of [matching(db, table, step(filter)), lastScanned(db, table, step(filter))]) {
        const steps = await plan(query);
        const search = steps.filter((text) => /\b(audit|read_audit|lines)\b.*INDEX/.test(text));
        expect(search).toHaveLength(1);
        expect(search[0]).toMatch(/^SEARCH /);
        expect(search[0]).toContain(`INDEX ${table}_${index}`);
        // Nothing but the bounded result of the step is ever sorted or scanned.
        expect(steps.filter((text) => text.startsWith('SCAN ') && text !== 'SCAN lines')).toEqual([]);
      }
      expect((await plan(lastScanned(db, table, step(filter)))).join()).not.toMatch(
        /TEMP B-TREE FOR ORDER BY/,
      );
    }
  });

  it('needs none but the primary key for all accounts, and for an export', async () => {
    for (const [file, table] of FILES) {
      const { db, plan } = await planner(file);
      const everything = { from: 0, to: T0, after: [T0, 'R'], limit: 10, kind: undefined, accountId: null };
      const queries = [
        lastScanned(db, table, step({ action: 'x' }, null)),
        oldest(db, table, everything),
        oldest(db, table, { ...everything, accountId: ACCOUNT }),
      ];
      for (const query of queries) {
        const steps = await plan(query);
        expect(steps).toHaveLength(1);
        expect(steps[0]).toMatch(
          /^SEARCH .* INDEX (sqlite_autoindex_\w+_1 \(at|\w+_account \(account_id=\? AND at)>\? AND at<\?\)$/,
        );
      }
    }
  });
});

const FILES = [
  ['sluice.db', 'audit'],
  ['sluice-log.db', 'read_audit'],
] as const;

/** Tells how SQLite would go about a query, on the schema that a store has. */
async function planner(file: string) {
  const directory = tempDirectory();
  await (await testStore({ directory })).close();
  const connection = await connect(join(directory, file));
  afterwards(() => connection.close());
  const db = new Kysely<Record<'audit' | 'read_audit', AuditTable>>({ dialect: sqliteDialect(connection) });
  const plan = async (query: {
    compile(): { sql: string; parameters: readonly unknown[] };
  }): Promise<string[]> => {
    const { sql: text, parameters } = query.compile();
    const rows = connection.prepare(`explain query plan ${text}`).all(...parameters) as { detail: string }[];
    return rows.map(({ detail }) => detail);
  };
  return { db, plan };
}

/** Puts so many lines of other addresses and targets into a table. */
async function fill(path: string, table: string, count: number): Promise<void> {
  const connection = await connect(path);
  connection.exec(`pragma synchronous = off;
    with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count})
    insert into ${table} (at, request_id, action, account_id, client_address, status, kind, target)
    select ${T0} + i / 2, 'F' || i, 'A', '${ACCOUNT}', '192.0.2.1', 200, 'write', 't' || i % 100 from n`);
  connection.close();
}
