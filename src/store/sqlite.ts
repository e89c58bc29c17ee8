/** A prepared statement of the `node:sqlite` API, as far as the store uses it. */
export interface SqliteStatement {
  columns(): unknown[];
  all(...parameters: unknown[]): unknown[];
  run(...parameters: unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint };
}

/** A connection of the `node:sqlite` API, as far as the store uses it. */
export interface SqliteConnection {
  readonly isTransaction: boolean;
  exec(sql: string): void;
  prepare(sql: string): SqliteStatement;
  close(): void;
}

interface SqliteModule {
  readonly DatabaseSync: new (path: string) => SqliteConnection;
  readonly StatementSync: { readonly prototype: object };
}

/** Why no SQLite could be loaded; the text says what to do. */
export class NoSqliteError extends Error {
  override name = 'NoSqliteError';
}

/** SQLite's primary result codes that the store tells apart (sqlite.org/rescode.html). */
export const SQLITE = {
  PERM: 3,
  BUSY: 5,
  LOCKED: 6,
  READONLY: 8,
  IOERR: 10,
  CORRUPT: 11,
  FULL: 13,
  CANTOPEN: 14,
  NOTADB: 26,
} as const;

/** The primary result code of an error that SQLite reported, undefined for any other error. */
export function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}

/**
 * Opens one connection with the SQLite that is there: Node's own where it is complete (from 22.16), else the package
 * with the same API. Specifiers are variables because neither may exist when this is compiled.
 * @throws NoSqliteError when there is neither.
 */
export async function connect(path: string): Promise<SqliteConnection> {
  const { DatabaseSync } = (await builtin()) ?? (await fromPackage());
  return new DatabaseSync(path);
}

async function builtin(): Promise<SqliteModule | undefined> {
  const specifier = 'node:sqlite';
  try {
    const module = (await import(specifier)) as SqliteModule;
    return isComplete(module) ? module : undefined;
  } catch {
    return undefined;
  }
}

/** The first versions lacked a part of the API. */
function isComplete({ DatabaseSync, StatementSync }: SqliteModule): boolean {
  const probe = new DatabaseSync(':memory:');
  const complete = 'columns' in StatementSync.prototype && 'isTransaction' in probe;
  probe.close();
  return complete;
}

async function fromPackage(): Promise<SqliteModule> {
  const specifier = '@photostructure/sqlite';
  try {
    return (await import(specifier)) as SqliteModule;
  } catch (cause) {
    throw new NoSqliteError(
      `Node ${process.versions.node} has no usable SQLite and the optional package ${specifier} is not there: ` +
        'use Node 22.16 or newer, or install again without leaving out optional packages',
      { cause },
    );
  }
}
