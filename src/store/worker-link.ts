import type { Worker } from 'node:worker_threads';
import type { Clock, Timer } from '../base/clock.ts';
import { withDeadline } from '../base/deadline.ts';
import { messageOf, StartError, StoreUnavailableError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { CommandArgs, CommandName, CommandResult, Reply, Request } from './commands.ts';
import type { StoreLink } from './link.ts';
import { startWorker } from './start-worker.ts';
import type { FileSettings } from './open-files.ts';
import type { FromWorker, ToWorker } from './worker.ts';

/** Unanswered calls at most; a store that hangs must not fill the memory. */
const MAX_PENDING = 10_000;

/** Milliseconds that a call may take; the work itself may still be done later. */
const CALL_DEADLINE_MS = 10_000;

/** Milliseconds that the worker may take to close before nobody waits for it any more. */
const CLOSE_DEADLINE_MS = 4000;

const FIRST_RESTART_MS = 100;
const LAST_RESTART_MS = 5000;

/** What the link needs. */
export interface LinkDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly settings: Omit<FileSettings, 'now'>;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The way to the worker, which is started again when it dies. */
export class WorkerLink implements StoreLink {
  readonly #deps: LinkDeps;
  readonly #pending = new Map<number, Pending>();
  /** What goes to the worker at the end of this turn of the event loop. */
  #outbox: Request[] = [];
  #nextId = 1;
  /** Undefined while there is none that is ready. */
  #worker: Worker | undefined;
  #closing: Promise<void> | undefined;
  #starting: Promise<void> | undefined;
  #restart: Timer | undefined;
  #restartMs = FIRST_RESTART_MS;

  private constructor(deps: LinkDeps) {
    this.#deps = deps;
  }

  /** Starts the worker. @throws StartError when the store cannot be opened. */
  static async open(deps: LinkDeps): Promise<WorkerLink> {
    const link = new WorkerLink(deps);
    await link.#start(deps.settings);
    return link;
  }

  /**
   * Has one command done.
   * @throws StoreUnavailableError at once while the worker is away, when it dies, is overloaded, or takes 10 s.
   */
  call<N extends CommandName>(name: N, args: CommandArgs<N>): Promise<CommandResult<N>> {
    const expired = (): Error =>
      new StoreUnavailableError(`the store did not answer within ${CALL_DEADLINE_MS} ms`);
    const work = this.#send(name, args) as Promise<CommandResult<N>>;
    return withDeadline(work, { clock: this.#deps.clock, ms: CALL_DEADLINE_MS, expired });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #send(name: CommandName, args: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#closing) throw new StoreUnavailableError('the store is closed');
      if (!this.#worker) throw new StoreUnavailableError('the store is being started again');
      if (this.#pending.size >= MAX_PENDING) throw new StoreUnavailableError('the store does not keep up');
      const id = this.#nextId++;
      this.#pending.set(id, { resolve, reject });
      // One message for all that one turn of the event loop brings: each costs both threads more than what is in it.
      if (this.#outbox.push({ id, name, args }) === 1) setImmediate(() => this.#sendAll());
    });
  }

  #sendAll(): void {
    const requests = this.#outbox;
    this.#outbox = [];
    if (!this.#worker || requests.length === 0) return;
    try {
      post(this.#worker, { kind: 'requests', requests });
    } catch {
      for (const request of requests) this.#sendAlone(this.#worker, request);
    }
  }

  /** What cannot be copied to another thread fails alone. */
  #sendAlone(worker: Worker, request: Request): void {
    try {
      post(worker, { kind: 'requests', requests: [request] });
    } catch (error) {
      this.#settle({ id: request.id, ok: false, unavailable: false, message: messageOf(error) });
    }
  }

  /** Resolves at the worker's first word; how a worker ends is told once, by its exit. */
  #start(settings: Omit<FileSettings, 'now'>): Promise<void> {
    return new Promise((resolve, reject) => {
      const worker = startWorker({ ...settings, now: this.#deps.clock.now() });
      let cause = 'its thread ended';
      worker.on('message', (message: FromWorker) => {
        if (message.kind === 'failed') cause = message.message;
        else if (message.kind === 'replies') for (const reply of message.replies) this.#settle(reply);
        else {
          this.#worker = worker;
          this.#restartMs = FIRST_RESTART_MS;
          resolve();
        }
      });
      worker.on('error', (error) => (cause = `the store's thread failed: ${messageOf(error)}`));
      worker.on('exit', () => {
        if (this.#worker === worker) this.#gone(cause);
        else reject(new StartError(cause));
      });
    });
  }

  #settle(reply: Reply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (reply.ok) pending?.resolve(reply.value);
    else if (reply.unavailable) pending?.reject(new StoreUnavailableError(reply.message));
    else pending?.reject(new Error(reply.message));
  }

  #gone(cause: string): void {
    this.#worker = undefined;
    const lost = [...this.#pending.values()];
    this.#pending.clear();
    this.#outbox = [];
    for (const { reject } of lost) reject(new StoreUnavailableError('the store went away'));
    if (this.#closing) return;
    this.#deps.log.error({ error: cause, lost: lost.length }, 'the store worker died; starting it again');
    this.#startLater();
  }

  #startLater(): void {
    this.#restart = this.#deps.clock.after(this.#restartMs, () => {
      // A store that vanished while it was open is an error to be seen, not a reason to make an empty one.
      this.#starting = this.#start({ ...this.#deps.settings, mustExist: true }).then(
        () => this.#deps.log.info('the store worker is back'),
        (error: unknown) => {
          this.#deps.log.error({ error: messageOf(error) }, 'the store worker cannot be started');
          if (!this.#closing) this.#startLater();
        },
      );
    });
    this.#restartMs = Math.min(this.#restartMs * 2, LAST_RESTART_MS);
  }

  async #close(): Promise<void> {
    this.#restart?.cancel();
    await this.#starting;
    const worker = this.#worker;
    if (!worker) return;
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    this.#sendAll();
    post(worker, { kind: 'close' });
    const expired = (): Error => new Error(`the store did not close within ${CLOSE_DEADLINE_MS} ms`);
    try {
      await withDeadline(ended, { clock: this.#deps.clock, ms: CLOSE_DEADLINE_MS, expired });
    } catch (error) {
      // Not terminated: in the middle of a statement the SQLite package for Node 20 aborts the whole process.
      this.#deps.log.warn({ error: messageOf(error) }, 'the store worker is left alone');
      worker.unref();
    }
  }
}

function post(worker: Worker, message: ToWorker): void {
  worker.postMessage(message);
}
