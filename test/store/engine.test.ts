import { Kysely } from 'kysely';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ForbidOutcome, ForbidWrite } from '../../src/core/ports.ts';
import type { CommandName, Reply } from '../../src/store/commands.ts';
import { sqliteDialect } from '../../src/store/dialect.ts';
import { StoreEngine } from '../../src/store/engine.ts';
import { migrate } from '../../src/store/migrate.ts';
import { logMigrations, mainMigrations } from '../../src/store/migrations.ts';
import type { Migration } from '../../src/store/migrations.ts';
import { connect } from '../../src/store/sqlite.ts';
import type { SqliteConnection } from '../../src/store/sqlite.ts';
import { until } from '../support/wait.ts';
import { afterwards, caller, forbidding, resuming, tempDirectory } from './support/test-store.ts';

let ran: string[];
let batches: Reply[][];
let connection: SqliteConnection;
let engine: StoreEngine;
let nextId = 0;
/** The statement at which the connection fails. */
let failsAt: string | undefined;

/** A connection that notes what runs, and can be made to fail at a statement. */
function listening(real: SqliteConnection): SqliteConnection {
  const note = (text: string): void => {
    ran.push(text);
    if (text === failsAt) throw new Error('made to fail');
  };
  return {
    get isTransaction() {
      return real.isTransaction;
    },
    exec: (text) => real.exec(text),
    close: () => real.close(),
    prepare(text) {
      const statement = real.prepare(text);
      return {
        columns: () => statement.columns(),
        all: (...values) => (note(text), statement.all(...values)),
        run: (...values) => (note(text), statement.run(...values)),
      };
    },
  };
}

async function database<S>(path: string, migrations: readonly Migration[]): Promise<Kysely<S>> {
  const real = await connect(path);
  afterwards(() => real.close());
  connection = real;
  const db = new Kysely<S>({ dialect: sqliteDialect(listening(real)) });
  await migrate(db, { migrations, path, now: 0 });
  return db;
}

beforeEach(async () => {
  ran = [];
  batches = [];
  failsAt = undefined;
  const directory = tempDirectory();
  const log = await database<never>(join(directory, 'log.db'), logMigrations);
  const main = await database<never>(join(directory, 'main.db'), mainMigrations);
  engine = new StoreEngine({ main, log, reply: (replies) => void batches.push(replies) });
  ran = [];
});

function submit(name: CommandName, args: unknown): number {
  nextId += 1;
  engine.submit({ id: nextId, name, args });
  return nextId;
}

function reply(id: number): Reply | undefined {
  return batches.flat().find((candidate) => candidate.id === id);
}

const count = (text: string): number => ran.filter((statement) => statement === text).length;
const countBegun = (text: string): number => ran.filter((statement) => statement.startsWith(text)).length;

/** Submits forbids, has them done, and tells what became of each. */
async function forbidAll(...writes: ForbidWrite[]): Promise<(string | undefined)[]> {
  const ids = writes.map((write) => submit('forbid', write));
  await engine.idle();
  return ids.map((id) => {
    const answer = reply(id);
    return answer?.ok ? (answer.value as ForbidOutcome).kind : undefined;
  });
}

describe('group commit', () => {
  it('commits once for all that wait, and answers only after', async () => {
    let committedAtReply = -1;
    const ids = Array.from({ length: 50 }, (_, i) => submit('forbid', forbidding(`s${i}`)));
    await until(() => {
      if (batches.length > 0 && committedAtReply < 0) committedAtReply = count('commit');
      return batches.length > 0;
    }, 'the answers');
    await engine.idle();
    expect(count('commit')).toBe(1);
    expect(committedAtReply).toBe(1);
    expect(batches).toHaveLength(1);
    const versions = ids.map((id) => {
      const answer = reply(id);
      return answer?.ok ? (answer.value as ForbidOutcome & { kind: 'done' }).change?.version : undefined;
    });
    expect(versions).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
  });

  it('pays for savepoints and counters once in a transaction, not with every command', async () => {
    await forbidAll(...Array.from({ length: 50 }, (_, i) => forbidding(`s${i}`)));
    expect(countBegun('savepoint')).toBe(0);
    // Two counters: read and locked, then written.
    expect(countBegun('update "counters"')).toBe(4);
    await forbidAll(forbidding('later'));
    const seen = submit('changesSince', { seq: 50 });
    await engine.idle();
    expect(reply(seen)).toMatchObject({ value: { changes: [{ seq: 51 }], gap: false } });
  });

  it('takes 256 commands into one commit at most', async () => {
    for (let index = 0; index < 600; index++) submit('recordEffects', { effects: [] });
    await engine.idle();
    expect(count('commit')).toBe(3);
    expect(batches.map((batch) => batch.length)).toEqual([256, 256, 88]);
  });

  it('commits commands one by one when they come one by one', async () => {
    for (let index = 0; index < 3; index++) {
      submit('forbid', forbidding(`s${index}`));
      await engine.idle();
    }
    expect(count('commit')).toBe(3);
  });

  it('reads without a write transaction', async () => {
    const id = submit('listKeys', null);
    await engine.idle();
    expect(reply(id)).toEqual({ id, ok: true, value: [] });
    expect(ran.filter((text) => text.startsWith('begin'))).toEqual([]);
  });

  it('shows a write that came before a read', async () => {
    submit('forbid', forbidding('s'));
    const id = submit('changesSince', { seq: 0 });
    await engine.idle();
    expect(reply(id)).toMatchObject({ ok: true, value: { changes: [{ seq: 1 }] } });
  });
});

describe('a command that fails', () => {
  const key = { accessKeyId: 'AK', accountId: 'a', sealedSecret: 's', note: null, root: false, createdAt: 0 };

  it('takes no other with it, and leaves nothing behind', async () => {
    const ids = [
      submit('createKey', key),
      submit('createKey', key),
      submit('forbid', forbidding('s')),
      submit('forbid', forbidding('t', { reason: new Date() as never })),
      submit('forbid', forbidding('u')),
    ];
    await engine.idle();
    expect([count('rollback'), countBegun('savepoint'), count('commit')]).toEqual([1, 5, 1]);
    expect(ids.map((id) => reply(id)?.ok)).toEqual([true, false, true, false, true]);
    expect(reply(ids[1]!)).toMatchObject({
      unavailable: false,
      message: 'access key AK exists already',
    });
    const snapshot = submit('snapshot', null);
    await engine.idle();
    // The feed has no hole where the failed commands took a number.
    expect(reply(snapshot)).toMatchObject({
      value: { seq: 3, blocks: [{ version: 2 }, { version: 3 }], keys: [{ version: 1 }] },
    });
  });

  it('is told from an unknown one', async () => {
    const id = submit('nonsense' as CommandName, null);
    await engine.idle();
    expect(reply(id)).toEqual({ id, ok: false, unavailable: false, message: 'no such command' });
    expect(reply(submit('toString' as CommandName, null))).toMatchObject({ ok: false });
  });
});

describe('the quota', () => {
  it('costs no counting while there is room for all that changed since', async () => {
    const full = Array.from({ length: 9 }, (_, i) => forbidding(`s${i}`, { quota: 10 }));
    expect(await forbidAll(...full)).toEqual(full.map(() => 'done'));
    expect(countBegun('select count(*)')).toBe(1);
    const last = ['t', 'u'].map((name) => forbidding(name, { quota: 10 }));
    expect(await forbidAll(...last)).toEqual(['done', 'quota-exceeded']);
  });

  it('is not gone by what was counted in a transaction that came to nothing', async () => {
    const quota = 3;
    await forbidAll(...['a', 'b', 'c'].map((name) => forbidding(name, { quota })));
    failsAt = 'commit';
    for (const name of ['a', 'b', 'c']) submit('resume', resuming(name));
    expect(await forbidAll(forbidding('d', { quota }))).toEqual([undefined]);
    failsAt = undefined;
    const others = ['x', 'y', 'z'].map((name) =>
      forbidding(name, { caller: caller({ accountId: 'another' }) }),
    );
    expect(await forbidAll(...others)).toEqual(['done', 'done', 'done']);
    expect(await forbidAll(forbidding('d', { quota }))).toEqual(['quota-exceeded']);
  });
});

describe('a transaction that fails', () => {
  it('at its commit is not done once more: it may have been made', async () => {
    failsAt = 'commit';
    expect(await forbidAll(forbidding('s'))).toEqual([undefined]);
    expect(batches.flat()).toMatchObject([{ ok: false, unavailable: true }]);
    expect(count('commit')).toBe(1);
  });

  it('fails its commands as unavailable, and the engine goes on', async () => {
    const pages = connection.prepare('pragma page_count').all()[0] as { page_count: number };
    connection.exec(`pragma max_page_count = ${pages.page_count}`);
    const reason = 'x'.repeat(2000);
    const ids = Array.from({ length: 20 }, (_, i) => submit('forbid', forbidding(`s${i}`, { reason })));
    await engine.idle();
    const failed = ids.flatMap((id) => reply(id) ?? []).filter((answer) => !answer.ok);
    expect(failed.length).toBeGreaterThan(0);
    for (const answer of failed) expect(answer).toMatchObject({ unavailable: true });
    connection.exec('pragma max_page_count = 1000000');
    const id = submit('forbid', forbidding('later', { caller: caller() }));
    const seen = submit('changesSince', { seq: 0 });
    await engine.idle();
    expect(reply(id)).toMatchObject({ ok: true, value: { kind: 'done' } });
    const done = ids.filter((each) => reply(each)?.ok).length + 1;
    const { value } = reply(seen) as { value: { changes: { seq: number }[]; gap: boolean } };
    expect(value.gap).toBe(false);
    expect(value.changes.map(({ seq }) => seq)).toEqual(Array.from({ length: done }, (_, i) => i + 1));
  });
});
