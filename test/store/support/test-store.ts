import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { Clock } from '../../../src/base/clock.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import type { Caller, ForbidWrite, Store } from '../../../src/core/ports.ts';
import { openLocalStore } from '../../support/local-store.ts';
import { connect } from '../../../src/store/sqlite.ts';
import { openStore } from '../../../src/store/store.ts';
import type { StoreOptions } from '../../../src/store/store.ts';

const cleanups: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Runs after the test, the last one first. */
export function afterwards(cleanup: () => Promise<void> | void): void {
  cleanups.push(cleanup);
}

/** A fresh folder that goes with the test. */
export function tempDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-store-'));
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

const masterKey = Buffer.alloc(32, 7);

/** A store on real files without its thread, closed after the test. */
export function testStore(options: Partial<StoreOptions> = {}): Promise<Store> {
  return opened(openLocalStore, options);
}

/** The whole store, with its thread, closed after the test. */
export function threadStore(options: Partial<StoreOptions> = {}): Promise<Store> {
  return opened(openStore, options);
}

async function opened(open: typeof openStore, options: Partial<StoreOptions>): Promise<Store> {
  const clock: Clock = options.clock ?? systemClock;
  const directory = options.directory === undefined ? tempDirectory() : options.directory;
  const store = await open({ masterKey, log: silentLogger, ...options, clock, directory });
  cleanups.push(() => store.close());
  return store;
}

let nonces = 0;

/** A caller with a nonce of its own. */
export function caller(change: Partial<Caller> = {}): Caller {
  nonces += 1;
  return {
    accountId: '1000000000000001',
    accessKeyId: 'AK1',
    requestId: `REQUEST-${nonces}`,
    at: T0,
    actor: 'root',
    target: null,
    action: 'ForbidLiveStream',
    clientAddress: '192.0.2.1',
    nonce: `nonce-${nonces}`,
    ...change,
  };
}

export const T0 = Date.UTC(2026, 0, 1);

/** A forbid of `live.example.com/app/<stream>` that lasts. */
export function forbidding(stream: string, change: Partial<ForbidWrite> = {}): ForbidWrite {
  return {
    caller: caller(),
    key: { domain: 'live.example.com', app: 'app', stream },
    now: T0,
    resumeAt: null,
    reason: null,
    replace: false,
    oneshot: false,
    quota: 10_000,
    ...change,
  };
}

/** A resume of the same name. */
export function resuming(
  stream: string,
  change: { app?: string | null; now?: number; caller?: Caller } = {},
) {
  return {
    caller: caller({ action: 'ResumeLiveStream' }),
    domain: 'live.example.com',
    app: 'app' as string | null,
    stream,
    now: T0,
    ...change,
  };
}

/** Looks into a file of a store with a connection of its own. */
export async function rowsOf(path: string, text: string): Promise<Record<string, unknown>[]> {
  const connection = await connect(path);
  try {
    return connection.prepare(text).all() as Record<string, unknown>[];
  } finally {
    connection.close();
  }
}
