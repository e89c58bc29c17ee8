import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../base/errors.ts';
import type { Reply, Request } from './commands.ts';
import { StoreEngine } from './engine.ts';
import { openFiles } from './open-files.ts';
import type { FileSettings } from './open-files.ts';

/** What the worker is sent. */
export type ToWorker =
  { readonly kind: 'requests'; readonly requests: readonly Request[] } | { readonly kind: 'close' };

/** What the worker sends: first `ready` or `failed`, then replies. */
export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'replies'; readonly replies: Reply[] };

async function serve(settings: FileSettings): Promise<void> {
  const post = (message: FromWorker): void => parentPort?.postMessage(message);
  try {
    const { main, log } = await openFiles(settings);
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
      if (message.kind === 'requests') for (const request of message.requests) engine.submit(request);
      else void engine.idle().then(close);
    });
    post({ kind: 'ready' });
  } catch (error) {
    post({ kind: 'failed', message: messageOf(error) });
    parentPort?.close();
  }
}

void serve(workerData as FileSettings);
