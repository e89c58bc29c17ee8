import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../base/errors.ts';
import type { Reply, Request } from './commands.ts';
import { StoreEngine } from './engine.ts';
import { prepareFiles } from './files.ts';
import { logMigrations, mainMigrations } from './migrations.ts';
import { openDatabase } from './open-database.ts';
import type { OpenDatabase } from './open-database.ts';
import type { LogSchema, MainSchema } from './schema.ts';

/** What the worker is started with. */
export interface WorkerSettings {
  readonly directory: string;
  /** Refuse to make a store where there is none. */
  readonly mustExist: boolean;
  readonly busyTimeoutMs: number;
  readonly maxBytes: number;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** What the worker is sent. */
export type ToWorker = { readonly kind: 'request'; readonly request: Request } | { readonly kind: 'close' };

/** What the worker sends: first `ready` or `failed`, then replies. */
export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'replies'; readonly replies: Reply[] };

interface Files {
  readonly main: OpenDatabase<MainSchema>;
  readonly log: OpenDatabase<LogSchema>;
}

async function open(settings: WorkerSettings): Promise<Files> {
  const { directory, mustExist, busyTimeoutMs, maxBytes, now } = settings;
  const paths = prepareFiles(directory, mustExist);
  const shared = { busyTimeoutMs, maxBytes, now };
  const main = await openDatabase<MainSchema>({
    ...shared,
    path: paths.main,
    synchronous: 'FULL',
    migrations: mainMigrations,
  });
  try {
    const log = await openDatabase<LogSchema>({
      ...shared,
      path: paths.log,
      synchronous: 'NORMAL',
      migrations: logMigrations,
    });
    return { main, log };
  } catch (error) {
    main.close();
    throw error;
  }
}

async function serve(settings: WorkerSettings): Promise<void> {
  const post = (message: FromWorker): void => parentPort?.postMessage(message);
  try {
    const { main, log } = await open(settings);
    const engine = new StoreEngine({
      main: main.db,
      log: log.db,
      reply: (replies) => post({ kind: 'replies', replies }),
    });
    const close = (): void => {
      log.close();
      main.close();
      parentPort?.close();
    };
    parentPort?.on('message', (message: ToWorker) => {
      if (message.kind === 'request') engine.submit(message.request);
      else void engine.idle().then(close);
    });
    post({ kind: 'ready' });
  } catch (error) {
    post({ kind: 'failed', message: messageOf(error) });
    parentPort?.close();
  }
}

void serve(workerData as WorkerSettings);
