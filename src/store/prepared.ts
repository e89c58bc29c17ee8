import type { Compilable, CompiledQuery, DatabaseConnection, Kysely, QueryResult } from 'kysely';

/** A statement that runs with other values each time. */
export type Prepared<S, V, O> = (db: Kysely<S>, values: V) => Promise<QueryResult<O>>;

/**
 * A statement for where it runs thousands of times a second: Kysely builds and compiles it once for each file, which
 * costs more than what SQLite then does. `build` sees the values as places only: to give to Kysely, not to look at.
 */
export function prepared<S, V extends object, O>(
  build: (db: Kysely<S>, values: V) => Compilable<O>,
): Prepared<S, V, O> {
  const places = new Proxy({}, { get: (_, name) => new Place(String(name)) }) as V;
  const texts = new WeakMap<object, CompiledQuery<O>>();
  const textFor = (db: Kysely<S>): CompiledQuery<O> => {
    const { adapter } = db.getExecutor();
    let text = texts.get(adapter);
    if (!text) texts.set(adapter, (text = build(db, places).compile()));
    return text;
  };
  return (db, values) => {
    const query = filled(textFor(db), values);
    if (!db.isTransaction) return db.executeQuery(query);
    const connection = connections.get(db);
    if (connection) return connection.executeQuery<O>(query);
    return connectionOf(db).then((found) => found.executeQuery<O>(query));
  };
}

/** The statement with the values in their places. */
function filled<O>({ sql, query, queryId, parameters }: CompiledQuery<O>, values: object): CompiledQuery<O> {
  const bound = parameters.map((parameter) =>
    parameter instanceof Place ? (values as Record<string, unknown>)[parameter.name] : parameter,
  );
  return { sql, query, queryId, parameters: bound };
}

/** The places of these columns, for an insert. */
export function columnsOf<V, K extends keyof V>(values: V, columns: readonly K[]): Pick<V, K> {
  return Object.fromEntries(columns.map((column) => [column, values[column]])) as Pick<V, K>;
}

/** Where a value belongs among the parameters of a statement. */
class Place {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

const connections = new WeakMap<object, DatabaseConnection>();

/**
 * The connection of a transaction. It is the same one from beginning to end, and the commands of a transaction run one
 * after another, so that they need no turns: Kysely's way to it costs a dozen promises for every statement.
 */
async function connectionOf<S>(trx: Kysely<S>): Promise<DatabaseConnection> {
  const connection = await trx.getExecutor().provideConnection((given) => Promise.resolve(given));
  connections.set(trx, connection);
  return connection;
}
