import { isMainThread } from 'node:worker_threads';

/** What a process has in its memory and under way. */
export interface Probe {
  /** Bytes of objects and of buffers, after a collection. */
  readonly heapUsed: number;
  readonly external: number;
  /** Active handles and timers by type. */
  readonly resources: Readonly<Record<string, number>>;
}

// Loaded into the service under test before it begins: at SIGUSR2 it collects the garbage and prints what is left.
function tell(): void {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  const resources: Record<string, number> = {};
  for (const type of process.getActiveResourcesInfo()) resources[type] = (resources[type] ?? 0) + 1;
  const probe: Probe = { heapUsed, external, resources };
  console.log(JSON.stringify({ level: 30, probe }));
}

if (isMainThread) {
  process.on('SIGUSR2', () => {
    globalThis.gc?.();
    // What has a finalizer goes with a second collection.
    setImmediate(tell);
  });
}
