import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { SluiceProcess } from '../support/sluice-process.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { HEAP_MIB } from './bounds.ts';

/** What the service holds for its peers; the same before and after an attack. */
export interface Holdings {
  /** Of publishers and players, by protocol. */
  readonly connections: Readonly<Record<string, number>>;
  readonly streams: number;
  readonly players: number;
  /** Open file descriptors of the process; 0 where the system does not tell. */
  readonly files: number;
}

/** A whole service in a process of its own, to be attacked: nothing here reaches into it. */
export interface Target extends AsyncDisposable {
  readonly rtmpPort: number;
  readonly httpPort: number;
  /** Whether the process lives. */
  isAlive(): boolean;
  holdings(): Promise<Holdings>;
  /** The lines `closed: ...` of its log so far. */
  closings(): string[];
  /** Lines of its log that tell of faults, and what it wrote to stderr. */
  faults(): string[];
  /** The value of a sample of its metrics, or the sum of all that begin like it. */
  metric(sample: string): Promise<number>;
  /** Begins to look for the peak of resident memory anew; gives what is resident now, in bytes. */
  markMemory(): number;
  /** The peak since then, in bytes. */
  peakMemory(): number;
}

const onLinux = process.platform === 'linux';

/** Starts one; flags as of `sluice serve`. */
export async function startTarget(...flags: string[]): Promise<Target> {
  const folder = await temporaryFolder();
  const service = SluiceProcess.serveWithin(HEAP_MIB, join(folder.path, 'data'), ...flags);
  const stop = async (): Promise<void> => {
    await service[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  };
  const { rtmpPort, httpPort, internalPort } = await service.ready().catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  const pid = service.child.pid ?? 0;
  const metrics = (): Promise<string> => page(`http://127.0.0.1:${internalPort}/metrics`);
  const messages = (): { level: number; msg: string }[] =>
    service.out
      .slice(0, service.out.lastIndexOf('\n') + 1)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { level: number; msg: string });
  return {
    rtmpPort,
    httpPort,
    isAlive: () => service.child.exitCode === null && service.child.signalCode === null,
    holdings: async () => {
      // First: the question about the rest takes one for itself.
      const files = onLinux ? readdirSync(`/proc/${pid}/fd`).length : 0;
      const samples = samplesOf(await metrics());
      return {
        connections: Object.fromEntries(
          [...samples].filter(([name, value]) => name.startsWith('sluice_connections{') && value !== 0),
        ),
        streams: samples.get('sluice_streams_live') ?? 0,
        players: samples.get('sluice_players') ?? 0,
        files,
      };
    },
    closings: () => messages().flatMap(({ msg }) => (msg.startsWith('closed: ') ? [msg] : [])),
    faults: () => [
      ...messages().flatMap(({ level, msg }) => (level >= ERROR ? [msg] : [])),
      ...(service.err === '' ? [] : [service.err]),
    ],
    metric: async (sample) =>
      [...samplesOf(await metrics())].reduce(
        (sum, [name, value]) => (name.startsWith(sample) ? sum + value : sum),
        0,
      ),
    markMemory: () => {
      if (onLinux) writeFileSync(`/proc/${pid}/clear_refs`, '5');
      return onLinux ? resident(pid, 'VmRSS') : 0;
    },
    peakMemory: () => (onLinux ? resident(pid, 'VmHWM') : 0),
    [Symbol.asyncDispose]: stop,
  };
}

/** Of the log. */
const ERROR = 50;

/** On a connection of its own, which is gone afterwards: it must not count among what is left. */
function page(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (answer) => void text(answer).then(resolve, reject)).on('error', reject);
  });
}

function samplesOf(page: string): Map<string, number> {
  const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}

function resident(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const kib = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(
    readFileSync(`/proc/${pid}/status`, 'utf8'),
  )?.[1];
  return Number(kib) * 1024;
}
