import { Kysely } from 'kysely';
import { messageOf, StartError } from '../base/errors.ts';
import { sqliteDialect } from './dialect.ts';
import { prepareFile } from './files.ts';
import { setMeta } from './meta.ts';
import { migrate } from './migrate.ts';
import type { Migration } from './migrations.ts';
import { rewriteLog } from './rewrite-log.ts';
import { connect, NoSqliteError, SQLITE, sqliteCode } from './sqlite.ts';
import type { SqliteConnection } from './sqlite.ts';

/** How a file is opened. */
export interface OpenOptions {
  /** Or {@link IN_MEMORY}. */
  readonly path: string;
  /** FULL: a commit is on the disk before it is answered. NORMAL: a power cut may take the last seconds. */
  readonly synchronous: 'FULL' | 'NORMAL';
  readonly migrations: readonly Migration[];
  /** Milliseconds to wait for the lock of another process. */
  readonly busyTimeoutMs: number;
  /** The most bytes that the file may grow to; 0: as its disk allows. */
  readonly maxBytes: number;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** An open file. */
export interface OpenDatabase<S> {
  readonly db: Kysely<S>;
  /** Moves the journal into the file and closes it. The package frees its statements, and so the file, with its thread. */
  close(): void;
}

/** The path of a database that has no file: a new one with each opening. */
export const IN_MEMORY = ':memory:';

const SYNCHRONOUS = { NORMAL: 1, FULL: 2 } as const;
const JOURNAL_BYTES = 64 * 1024 * 1024;

/**
 * Opens a file, checks it, and brings it to the newest schema.
 * @throws StartError saying what is wrong with the file and what to do; the file is left as it is.
 */
export async function openDatabase<S>(options: OpenOptions): Promise<OpenDatabase<S>> {
  if (options.path !== IN_MEMORY) prepareFile(options.path);
  let connection: SqliteConnection | undefined;
  try {
    connection = await connect(options.path);
    configure(connection, options);
    checkIntegrity(connection, options.path);
    if (options.path !== IN_MEMORY) makeLogDurable(connection, options.path);
    const db = new Kysely<S>({ dialect: sqliteDialect(connection) });
    await migrate(db, options);
    // The first write of all: a file, directory or disk that takes none is found now and not by the first forbid.
    await db.transaction().execute((trx) => setMeta(trx, { name: 'opened_at', value: String(options.now) }));
    return { db, close: closing(connection) };
  } catch (error) {
    connection?.close();
    throw startError(error, options.path);
  }
}

function configure(connection: SqliteConnection, options: OpenOptions): void {
  const { synchronous, busyTimeoutMs, maxBytes } = options;
  connection.exec(`pragma busy_timeout = ${busyTimeoutMs}`);
  if (options.path === IN_MEMORY) connection.exec('pragma temp_store = memory');
  else requireWal(connection, options.path);
  // In WAL mode this build's default is NORMAL, which loses acknowledged commits in a power cut.
  connection.exec(`pragma synchronous = ${synchronous}`);
  if (pragma(connection, 'synchronous') !== SYNCHRONOUS[synchronous])
    throw new StartError(`SQLite does not accept synchronous=${synchronous} for ${options.path}`);
  connection.exec(`pragma journal_size_limit = ${JOURNAL_BYTES}`);
  if (maxBytes > 0) {
    const pages = Math.max(1, Math.floor(maxBytes / Number(pragma(connection, 'page_size'))));
    connection.exec(`pragma max_page_count = ${pages}`);
  }
}

/** Before anything is built on what was found. */
function makeLogDurable(connection: SqliteConnection, path: string): void {
  connection.exec('begin immediate');
  try {
    rewriteLog(path);
  } finally {
    connection.exec('rollback');
  }
}

function requireWal(connection: SqliteConnection, path: string): void {
  if (pragma(connection, 'journal_mode = wal') !== 'wal')
    throw new StartError(`${path} cannot use a write-ahead log here: put it on a local disk`);
}

function pragma(connection: SqliteConnection, text: string): unknown {
  const [row] = connection.prepare(`pragma ${text}`).all() as Record<string, unknown>[];
  return row && Object.values(row)[0];
}

function checkIntegrity(connection: SqliteConnection, path: string): void {
  const finding = pragma(connection, 'quick_check(1)');
  if (finding !== 'ok') throw damaged(path, String(finding));
}

function closing(connection: SqliteConnection): () => void {
  return () => {
    try {
      connection.exec('pragma wal_checkpoint(truncate)');
    } catch {
      // The journal stays and is read at the next start.
    }
    connection.close();
  };
}

function damaged(path: string, detail: string): StartError {
  const oneLine = detail.replace(/\s+/g, ' ').slice(0, 200);
  return new StartError(
    `${path} is damaged or no database (${oneLine}): restore it from a backup, or move it away to begin anew`,
  );
}

function startError(error: unknown, path: string): StartError {
  if (error instanceof StartError) return error;
  const detail = messageOf(error);
  if (error instanceof NoSqliteError) return new StartError(detail, { cause: error });
  switch (sqliteCode(error)) {
    case SQLITE.BUSY:
    case SQLITE.LOCKED:
      return new StartError(
        `${path} is locked by another program: end what else has this store open, then start again`,
      );
    case SQLITE.NOTADB:
    case SQLITE.CORRUPT:
      return damaged(path, detail);
    case SQLITE.PERM:
    case SQLITE.READONLY:
    case SQLITE.CANTOPEN:
      return new StartError(
        `${path} cannot be written (${detail}): give this user the right to write the file and its directory`,
      );
    case SQLITE.FULL:
      return new StartError(`there is no room for ${path} (${detail}): free some space on its disk`);
    default:
      return new StartError(`${path} cannot be opened (${detail}): check its disk`, { cause: error });
  }
}
