import type { Worker } from 'node:worker_threads';

/**
 * Ends the store's thread as a programming error in it would, and waits for its end. `terminate()` will not do: in the
 * middle of a statement the SQLite package for Node 20 then aborts the whole process.
 */
export async function crashWorker(worker: Worker | undefined): Promise<void> {
  if (!worker) throw new Error('there is no worker');
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  worker.postMessage(null);
  await ended;
}
