import { isMainThread } from 'node:worker_threads';

/** What a process has in its memory and under way. */
export interface Probe {
  /** Bytes of objects and of buffers, after a collection. */
  readonly heapUsed: number;
  readonly external: number;
  /** Active handles and timers by type; periodic timers too, which Node does not count when they hold no process up. */
  readonly resources: Readonly<Record<string, number>>;
}

const intervals = new Set<unknown>();

/** Keeps count of the periodic timers that are not cleared. */
function watchIntervals(): void {
  const { setInterval: set, clearInterval: clear } = globalThis;
  globalThis.setInterval = (...given: Parameters<typeof set>) => {
    const timer = set(...given);
    intervals.add(timer);
    return timer;
  };
  globalThis.clearInterval = (timer: Parameters<typeof clear>[0]) => {
    intervals.delete(timer);
    clear(timer);
  };
}

// Loaded into the service under test before it begins: at SIGUSR2 it collects the garbage and prints what is left.
function tell(): void {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  const resources: Record<string, number> = { Interval: intervals.size };
  for (const type of process.getActiveResourcesInfo()) resources[type] = (resources[type] ?? 0) + 1;
  const probe: Probe = { heapUsed, external, resources };
  console.log(JSON.stringify({ level: 30, probe }));
}

if (isMainThread) {
  watchIntervals();
  process.on('SIGUSR2', () => {
    globalThis.gc?.();
    // What has a finalizer goes with a second collection.
    setImmediate(tell);
  });
}
