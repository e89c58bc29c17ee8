import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { sql } from 'kysely';
import { describe, expect, it, vi } from 'vitest';
import { StoreUnavailableError } from '../../src/base/errors.ts';
import { silentLogger } from '../../src/base/logger.ts';
import type { Store } from '../../src/core/ports.ts';
import { openFiles } from '../../src/store/open-files.ts';
import { connect } from '../../src/store/sqlite.ts';
import type { StoreOptions } from '../../src/store/store.ts';
import { crashWorker } from '../support/crash-worker.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { mountSmallDisk } from '../support/small-disk.ts';
import { until } from '../support/wait.ts';
import {
  afterwards,
  forbidding,
  resuming,
  rowsOf,
  T0,
  tempDirectory,
  testStore,
  threadStore,
} from './support/test-store.ts';

/** A store and the thread behind it, which Node itself tells of. */
async function withThread(options: Partial<StoreOptions> = {}) {
  const workers: Worker[] = [];
  const note = (worker: Worker): void => void workers.push(worker);
  process.on('worker', note);
  afterwards(() => void process.off('worker', note));
  const store = await threadStore(options);
  return { store, workers };
}

async function outcomeOf(work: Promise<unknown>): Promise<unknown> {
  return work.catch((error: unknown) => error);
}

const outcomes = (works: Promise<unknown>[]): Promise<unknown[]> => Promise.all(works.map(outcomeOf));

async function blocked(store: Store): Promise<string[]> {
  return (await store.feed.snapshot()).blocks.map(({ key }) => key.stream).sort();
}

/** Another program that holds the write lock. */
async function lockedBy(directory: string) {
  const other = await connect(join(directory, 'sluice.db'));
  afterwards(() => other.close());
  other.exec('begin immediate');
  return { release: () => other.exec('rollback') };
}

describe('durability', () => {
  it('is set on both files as their content needs it', async () => {
    const settings = { mustExist: false, busyTimeoutMs: 100, maxBytes: 0, now: T0 };
    const files = await openFiles({ ...settings, directory: tempDirectory() });
    afterwards(() => {
      files.main.close();
      files.log.close();
    });
    for (const [db, level] of [
      [files.main.db, 2],
      [files.log.db, 1],
    ] as const) {
      const { rows } = await sql<object>`pragma synchronous`.execute(db);
      expect(rows.map((row) => ({ ...row }))).toEqual([{ synchronous: level }]);
      const mode = await sql<{ journal_mode: string }>`pragma journal_mode`.execute(db);
      expect(mode.rows[0]?.journal_mode).toBe('wal');
    }
  });
});

describe('the thread dies', () => {
  it('fails what waits and what comes, then works again', async () => {
    const clock = new ManualClock(T0);
    const error = vi.fn();
    const log = { ...silentLogger, error, info: vi.fn(), warn: vi.fn() } as never;
    const directory = tempDirectory();
    const { store, workers } = await withThread({ clock, directory, log, busyTimeoutMs: 200 });
    await store.blocks.forbid(forbidding('before'));
    // The lock keeps the commit from being made before the thread comes to its end.
    const lock = await lockedBy(directory);
    const waiting = outcomeOf(store.blocks.forbid(forbidding('lost')));
    await crashWorker(workers[0]);
    expect(await waiting).toBeInstanceOf(StoreUnavailableError);
    lock.release();
    expect(error.mock.lastCall?.[1]).toBe('the store worker died; starting it again');
    expect(await outcomeOf(store.ping())).toBeInstanceOf(StoreUnavailableError);
    clock.advance(100);
    await until(async () => (await outcomeOf(store.ping())) === undefined, 'the new thread');
    expect(workers).toHaveLength(2);
    await store.blocks.forbid(forbidding('after'));
    expect(await blocked(store)).toEqual(['after', 'before']);
  });

  it('keeps the history that came meanwhile', async () => {
    const clock = new ManualClock(T0);
    const directory = tempDirectory();
    const { store, workers } = await withThread({ clock, directory });
    const outcome = await store.blocks.forbid(forbidding('s'));
    await crashWorker(workers[0]);
    if (outcome.kind === 'done') store.blocks.recordEffect(outcome.intentId, { publishers: 1, players: 2 });
    const who = { accountId: null, actor: null, accessKeyId: null, clientAddress: 'x' };
    const call = { action: 'A', ...who, target: null, effect: null, status: 200 };
    store.audit.call({ ...call, at: T0, requestId: 'R', code: null, kind: 'write' });
    await outcomeOf(store.ping());
    clock.advance(100);
    await until(async () => (await outcomeOf(store.ping())) === undefined, 'the new thread');
    clock.advance(1000);
    await store.close();
    const rows = (text: string) => rowsOf(join(directory, 'sluice.db'), text);
    expect(await rows("select request_id as id from audit where action = 'A'")).toEqual([{ id: 'R' }]);
    expect(await rows('select publishers, players from control_history')).toEqual([
      { publishers: 1, players: 2 },
    ]);
  });

  it('does not make a new store when the files are gone', async () => {
    const clock = new ManualClock(T0);
    const error = vi.fn();
    const directory = join(tempDirectory(), 'store');
    const { store, workers } = await withThread({
      clock,
      directory,
      log: { ...silentLogger, error } as never,
    });
    renameSync(directory, `${directory}-away`);
    await crashWorker(workers[0]);
    clock.advance(100);
    await until(() => error.mock.calls.length > 1, 'the refusal');
    expect(error.mock.lastCall?.[0]).toMatchObject({
      error: expect.stringContaining('there is no store in') as string,
    });
    expect(existsSync(directory)).toBe(false);
    renameSync(`${directory}-away`, directory);
    clock.advance(200);
    await until(async () => (await outcomeOf(store.ping())) === undefined, 'the store again');
  });
});

describe('the store hangs', () => {
  it('is away for the caller after its time, and what it does later is in the feed', async () => {
    const clock = new ManualClock(T0);
    const directory = tempDirectory();
    const store = await threadStore({ clock, directory, busyTimeoutMs: 60_000 });
    const lock = await lockedBy(directory);
    const waiting = outcomeOf(store.blocks.forbid(forbidding('late')));
    clock.advance(10_000);
    expect(await waiting).toBeInstanceOf(StoreUnavailableError);
    lock.release();
    await until(async () => (await blocked(store)).includes('late'), 'the late commit');
    expect((await store.feed.changesSince(0)).changes).toHaveLength(1);
  });

  it('refuses to queue without end', async () => {
    const directory = tempDirectory();
    const store = await threadStore({ clock: new ManualClock(T0), directory, busyTimeoutMs: 60_000 });
    const lock = await lockedBy(directory);
    const works = outcomes(Array.from({ length: 10_001 }, () => store.ping()));
    const beyond = await outcomeOf(store.ping());
    expect(beyond).toMatchObject({ name: 'StoreUnavailableError', message: 'the store does not keep up' });
    lock.release();
    const all = await works;
    expect(all.filter((outcome) => outcome instanceof StoreUnavailableError)).toHaveLength(1);
  });

  it('fails a commit that finds the file locked for too long, and goes on', async () => {
    const directory = tempDirectory();
    const store = await threadStore({ directory, busyTimeoutMs: 50 });
    const lock = await lockedBy(directory);
    expect(await outcomeOf(store.blocks.forbid(forbidding('a')))).toBeInstanceOf(StoreUnavailableError);
    // Readers do not wait for a writer.
    expect(await blocked(store)).toEqual([]);
    lock.release();
    expect(await store.blocks.forbid(forbidding('a'))).toMatchObject({ kind: 'done' });
  });
});

/** Forbids until the store takes no more; returns the names that it acknowledged. */
async function fill(store: Store): Promise<string[]> {
  const acknowledged: string[] = [];
  for (let index = 0; index < 20_000; index++) {
    const name = `s${String(index).padStart(5, '0')}`;
    const outcome = await outcomeOf(store.blocks.forbid(forbidding(name, { reason: 'r'.repeat(2000) })));
    if (outcome instanceof StoreUnavailableError) return acknowledged;
    expect(outcome).toMatchObject({ kind: 'done' });
    acknowledged.push(name);
  }
  throw new Error('the disk never filled up');
}

describe('no room', () => {
  it('fails the forbid, keeps all that was acknowledged, and takes more after a resume', async () => {
    const directory = tempDirectory();
    const store = await testStore({ directory, maxBytes: 400_000 });
    const names = await fill(store);
    expect(names.length).toBeGreaterThan(10);
    expect(await blocked(store)).toEqual(names);
    for (const name of names.slice(0, 20)) await store.blocks.resume(resuming(name));
    expect(await store.blocks.forbid(forbidding('again'))).toMatchObject({ kind: 'done' });
    await store.close();
    const wide = await testStore({ directory });
    expect(await blocked(wide)).toEqual(['again', ...names.slice(20)]);
  });

  it('on a disk that is really full', async (context) => {
    const directory = tempDirectory();
    afterwards(mountSmallDisk(directory, 2, context));
    const store = await threadStore({ directory });
    const names = await fill(store);
    expect(await blocked(store)).toEqual(names);
    await store.close();
    const [check] = await rowsOf(join(directory, 'sluice.db'), 'pragma integrity_check');
    expect(check).toEqual({ integrity_check: 'ok' });
    expect(statSync(join(directory, 'sluice.db')).size).toBeGreaterThan(0);
  });
});

describe('close', () => {
  it('leaves no thread and no journal, does what was asked before, and refuses what comes after', async () => {
    const directory = tempDirectory();
    const clock = new ManualClock(T0);
    const { store, workers } = await withThread({ directory, clock });
    const gone = new Promise((resolve) => workers[0]?.once('exit', resolve));
    const last = store.blocks.forbid(forbidding('last'));
    await Promise.all([store.close(), store.close()]);
    await store[Symbol.asyncDispose]();
    expect(await last).toMatchObject({ kind: 'done' });
    expect(await gone).toBe(0);
    expect(clock.pending).toBe(0);
    expect(readdirSync(directory).sort()).toEqual(['service.lock', 'sluice-log.db', 'sluice.db']);
    expect(await outcomeOf(store.ping())).toMatchObject({
      name: 'StoreUnavailableError',
      message: 'the store is closed',
    });
  });

  it('does not wait for a thread that hangs', async () => {
    const clock = new ManualClock(T0);
    const warn = vi.fn();
    const directory = tempDirectory();
    const log = { ...silentLogger, warn } as never;
    const { store, workers } = await withThread({ clock, directory, log, busyTimeoutMs: 60_000 });
    const gone = new Promise((resolve) => workers[0]?.once('exit', resolve));
    const lock = await lockedBy(directory);
    const waiting = outcomeOf(store.blocks.forbid(forbidding('late')));
    const closing = store.close();
    await until(() => clock.pending === 2, 'the deadlines of the call and the close');
    clock.advance(4000);
    await closing;
    expect(warn.mock.lastCall?.[1]).toBe('the store worker is left alone');
    lock.release();
    expect(await waiting).toMatchObject({ kind: 'done' });
    expect(await gone).toBe(0);
  });

  it('comes to an end while the thread is away', async () => {
    const clock = new ManualClock(T0);
    const { store, workers } = await withThread({ clock });
    await crashWorker(workers[0]);
    await store.close();
    clock.advance(60_000);
    expect(workers).toHaveLength(1);
  });

  it('refuses what cannot be sent to the thread, and nothing else', async () => {
    const store = await threadStore();
    const bad = forbidding('s', { reason: (() => 'x') as never });
    expect(await outcomeOf(store.blocks.forbid(bad))).toBeInstanceOf(Error);
    expect(await store.blocks.forbid(forbidding('s'))).toMatchObject({ kind: 'done' });
  });
});

it('uses a directory that is there', async () => {
  const directory = join(tempDirectory(), 'there');
  mkdirSync(directory);
  await testStore({ directory });
});
