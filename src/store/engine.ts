import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Kysely, Transaction } from 'kysely';
import { messageOf, StoreUnavailableError } from '../base/errors.ts';
import { logReads, logWrites, reads, writes, writesMemory } from './commands.ts';
import type { Reply, Request, TransactionMemory } from './commands.ts';
import type { LogSchema, MainSchema } from './schema.ts';
import { sqliteCode } from './sqlite.ts';

/** Commands that share one commit at most. */
const BATCH = 256;

/** What the engine works on, and where the answers go. */
export interface EngineDeps {
  readonly main: Kysely<MainSchema>;
  readonly log: Kysely<LogSchema>;
  /** Takes the answers of a batch, after its commit. */
  reply(replies: Reply[]): void;
}

type Handler<D> = (db: D, args: never) => Promise<unknown>;

/** The commands of one kind that wait, and what runs them. */
class Lane<D> {
  /** What commands that write keep in memory beside their transaction. */
  readonly memory: TransactionMemory<D> | undefined;
  readonly #handlers: Record<string, Handler<D>>;
  #waiting: Request[] = [];

  constructor(handlers: Record<string, Handler<D>>, memory?: TransactionMemory<D>) {
    this.#handlers = handlers;
    this.memory = memory;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Takes the request when it is of this kind. */
  offer(request: Request): boolean {
    if (!Object.hasOwn(this.#handlers, request.name)) return false;
    this.#waiting.push(request);
    return true;
  }

  take(): Request[] {
    return this.#waiting.splice(0, BATCH);
  }

  async run(db: D, { id, name, args }: Request): Promise<Reply> {
    const handler = this.#handlers[name];
    if (!handler) throw new Error(`no command ${name}`);
    return { id, ok: true, value: await handler(db, args as never) };
  }
}

/**
 * Runs commands in the order in which they came, those that write together in one transaction: one sync of the disk then
 * serves hundreds of callers. When one of them fails, all are done once more, each in a savepoint, so that it takes no
 * other with it. The engine knows neither threads nor SQLite's files, so that another dialect runs it in the process
 * itself.
 */
export class StoreEngine {
  readonly #deps: EngineDeps;
  readonly #writes = new Lane<Transaction<MainSchema>>(writes, writesMemory);
  readonly #reads = new Lane<Kysely<MainSchema>>(reads);
  readonly #logWrites = new Lane<Transaction<LogSchema>>(logWrites);
  readonly #logReads = new Lane<Kysely<LogSchema>>(logReads);
  #running: Promise<void> | undefined;

  constructor(deps: EngineDeps) {
    this.#deps = deps;
  }

  /** Queues a command; its answer comes through `reply`. */
  submit(request: Request): void {
    const lanes = [this.#writes, this.#reads, this.#logWrites, this.#logReads];
    if (!lanes.some((lane) => lane.offer(request)))
      this.#deps.reply([failed(request.id, new Error('no such command'))]);
    this.#running ??= this.#run();
  }

  /** Resolves when nothing is waiting. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  /** The blocks first: history and audit wait for them and never the other way round. */
  async #run(): Promise<void> {
    const { main, log } = this.#deps;
    do {
      // All that is on its way joins the batch.
      await nextTurn();
      await this.#commit(main, this.#writes);
      await this.#read(main, this.#reads);
      await this.#commit(log, this.#logWrites);
      await this.#read(log, this.#logReads);
    } while (!this.#isIdle());
    // In the same breath: what is submitted from now on must begin a run of its own.
    this.#running = undefined;
  }

  #isIdle(): boolean {
    const { isEmpty } = this.#writes;
    return isEmpty && this.#reads.isEmpty && this.#logWrites.isEmpty && this.#logReads.isEmpty;
  }

  async #commit<S>(db: Kysely<S>, lane: Lane<Transaction<S>>): Promise<void> {
    const batch = lane.take();
    if (batch.length === 0) return;
    try {
      this.#deps.reply((await together(db, lane, batch)) ?? (await oneByOne(db, lane, batch)));
    } catch (error) {
      const unavailable = new StoreUnavailableError(messageOf(error), { cause: error });
      this.#deps.reply(batch.map(({ id }) => failed(id, unavailable)));
    }
  }

  async #read<S>(db: Kysely<S>, lane: Lane<Kysely<S>>): Promise<void> {
    const batch = lane.take();
    const replies: Reply[] = [];
    for (const request of batch)
      replies.push(await lane.run(db, request).catch((error: unknown) => failed(request.id, error)));
    if (replies.length > 0) this.#deps.reply(replies);
  }
}

/** The answers of a batch; undefined when a command of it failed, and then nothing has happened. */
async function together<S>(
  db: Kysely<S>,
  lane: Lane<Transaction<S>>,
  batch: readonly Request[],
): Promise<Reply[] | undefined> {
  let undone = false;
  const work = inTransaction(db, lane, async (trx) => {
    const done: Reply[] = [];
    try {
      for (const request of batch) done.push(await lane.run(trx, request));
    } catch (error) {
      undone = true;
      throw error;
    }
    await lane.memory?.settle(trx);
    return done;
  });
  return work.catch((error: unknown) => {
    if (undone) return undefined;
    throw error;
  });
}

async function oneByOne<S>(
  db: Kysely<S>,
  lane: Lane<Transaction<S>>,
  batch: readonly Request[],
): Promise<Reply[]> {
  return inTransaction(db, lane, async (trx) => {
    const done: Reply[] = [];
    for (const request of batch) done.push(await inSavepoint(trx, lane, request));
    return done;
  });
}

async function inTransaction<S>(
  db: Kysely<S>,
  { memory }: Lane<Transaction<S>>,
  work: (trx: Transaction<S>) => Promise<Reply[]>,
): Promise<Reply[]> {
  let begun: Transaction<S> | undefined;
  try {
    return await db.transaction().execute((trx) => work((begun = trx)));
  } catch (error) {
    if (begun) memory?.undo(begun);
    throw error;
  }
}

/** Throws only when the transaction itself is lost, which SQLite does by itself on a full disk. */
async function inSavepoint<S>(
  trx: Transaction<S>,
  lane: Lane<Transaction<S>>,
  request: Request,
): Promise<Reply> {
  await sql`savepoint command`.execute(trx);
  try {
    const reply = await lane.run(trx, request);
    await lane.memory?.settle(trx);
    await sql`release savepoint command`.execute(trx);
    return reply;
  } catch (error) {
    lane.memory?.undo(trx);
    try {
      await sql`rollback to savepoint command`.execute(trx);
      await sql`release savepoint command`.execute(trx);
    } catch {
      throw error;
    }
    return failed(request.id, error);
  }
}

function failed(id: number, error: unknown): Reply {
  const unavailable = error instanceof StoreUnavailableError || sqliteCode(error) !== undefined;
  return { id, ok: false, unavailable, message: messageOf(error) };
}
