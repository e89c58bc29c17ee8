import { Worker } from 'node:worker_threads';
import type { FileSettings } from './open-files.ts';

/**
 * Starts the store's thread. Compiled, the worker is an ordinary module. Under tsx and vitest this file is still
 * TypeScript, and a worker does not inherit their loaders: there a line of JavaScript registers tsx first. The package
 * is named only in that case, so that the built program never needs it; the tests bundle the worker once instead, because
 * loading it like this takes more than a second. Node 22 calls its SQLite experimental with every
 * thread; it is what this store is tested with.
 */
export function startWorker(workerData: FileSettings): Worker {
  const options = { workerData, name: 'sluice-store', execArgv: ['--disable-warning=ExperimentalWarning'] };
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./worker.js', import.meta.url), options);
  const bundled = process.env['SLUICE_TEST_STORE_WORKER'];
  if (bundled !== undefined) return new Worker(bundled, options);
  const tsx = import.meta.resolve('tsx/esm/api');
  const worker = new URL('./worker.ts', import.meta.url).href;
  const code = `import(${JSON.stringify(tsx)}).then(({ register }) => {
    register();
    return import(${JSON.stringify(worker)});
  })`;
  return new Worker(code, { ...options, eval: true });
}
