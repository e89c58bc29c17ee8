import { CompiledQuery, SqliteAdapter, SqliteDriver, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import type { DatabaseConnection, Dialect, SqliteDatabase, TransactionSettings } from 'kysely';
import type { SqliteConnection, SqliteStatement } from './sqlite.ts';

/** Prepared statements kept per connection; multi-row inserts of many sizes would let it grow without end. */
const MAX_STATEMENTS = 300;

type SqlValue = string | number | bigint | null | Uint8Array;

/**
 * All that is particular to SQLite in the store's queries: how statements run and how a transaction begins. A second
 * dialect brings its own file like this one; the repositories stay as they are.
 */
export function sqliteDialect(connection: SqliteConnection): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new Driver(connection),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

class Driver extends SqliteDriver {
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    super({ database: kyselyDatabase(connection) });
    this.#connection = connection;
  }

  /**
   * A transaction that writes takes the write lock at once: a later upgrade of a read lock fails without waiting when
   * another process wrote in between.
   */
  override async beginTransaction(
    connection: DatabaseConnection,
    settings?: TransactionSettings,
  ): Promise<void> {
    const begin = settings?.accessMode === 'read only' ? 'begin' : 'begin immediate';
    await connection.executeQuery(CompiledQuery.raw(begin));
  }

  /** SQLite rolls back by itself when the disk is full; a second rollback would hide the first error. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#connection.isTransaction) await super.rollbackTransaction(connection);
  }
}

function kyselyDatabase(connection: SqliteConnection): SqliteDatabase {
  const statements = new Map<string, ReturnType<typeof kyselyStatement>>();
  return {
    close: () => connection.close(),
    prepare(text) {
      const known = statements.get(text);
      if (known) return known;
      if (statements.size >= MAX_STATEMENTS) statements.clear();
      const statement = kyselyStatement(connection.prepare(text));
      statements.set(text, statement);
      return statement;
    },
  };
}

function kyselyStatement(statement: SqliteStatement) {
  return {
    reader: statement.columns().length > 0,
    all: (values: readonly unknown[]) => statement.all(...allBindable(values)),
    run: (values: readonly unknown[]) => statement.run(...allBindable(values)),
    iterate: (values: readonly unknown[]) => statement.all(...allBindable(values)).values(),
  };
}

function allBindable(values: readonly unknown[]): readonly unknown[] {
  for (const value of values) bindable(value);
  return values;
}

/**
 * Lets only values through that SQLite stores as they are: the drivers bind a lone Date or object silently as NULL, and
 * booleans as nothing at all.
 * @throws TypeError naming the type of any other value, never the value.
 */
export function bindable(value: unknown): SqlValue {
  if (value === null || typeof value === 'string' || typeof value === 'bigint') return value;
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'number') {
    if (Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value)) return value;
    throw new TypeError('a number that is not finite or beyond 2^53 cannot be stored');
  }
  throw new TypeError(`a value of type ${typeof value} cannot be stored`);
}
