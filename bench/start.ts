import { setTimeout as sleep } from 'node:timers/promises';
import type { Benchmark, Pace, Subject } from './support/benchmark.ts';
import { startBareHttp, startSluice } from './support/processes.ts';
import { cpuMs, rssMb } from './support/usage.ts';

/** Milliseconds after the start at which the idle process is looked at. */
const IDLE_MS = 5000;

/** What it takes before anything happens. */
export const start: Benchmark = {
  name: 'start',
  title: 'Start, and the idle service',
  about: `From the start of the process, with a new data folder, to its line \`ready\`; then ${IDLE_MS / 1000} s without a
client, and what it takes meanwhile. The peer is \`node:http\` with nothing but a constant answer: what Node itself takes.`,
  measures: [
    {
      key: 'startMs',
      label: 'start to ready',
      unit: 'ms',
      target: { of: 'value', bound: 'at most', limit: 1000 },
    },
    {
      key: 'rss',
      label: 'idle memory',
      unit: 'MB',
      target: { of: 'value', bound: 'at most', limit: 120 },
    },
    { key: 'idleCpu', label: 'idle processor time', unit: 'CPU-ms/s', digits: 1 },
  ],
  open: (pace) =>
    Promise.resolve([
      subject('Sluice', () => startSluice({}, pace), pace),
      subject('bare node:http', startBare, pace),
    ]),
};

type Started = AsyncDisposable & { readonly pid: number; readonly startMs: number };

async function startBare(): Promise<Started> {
  const startedAt = performance.now();
  const server = await startBareHttp('{}');
  return { ...server, startMs: performance.now() - startedAt };
}

function subject(name: string, startOne: () => Promise<Started>, { quick }: Pace): Subject {
  return {
    name,
    measure: async () => {
      await using server = await startOne();
      const { pid, startMs } = server;
      const idleMs = quick ? 300 : IDLE_MS;
      const cpuBefore = cpuMs(pid);
      await sleep(idleMs);
      const idleCpu = (cpuMs(pid) - cpuBefore) / (idleMs / 1000);
      return { startMs, rss: rssMb(pid), idleCpu };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
