import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Benchmark, Measure, Pace, Readings, Subject } from './support/benchmark.ts';

const SIZES = { '10k': 10_000, '1M': 1_000_000 } as const;

/** What the child is asked to do; see {@link AdmissionReading}. */
export interface AdmissionLoad {
  /** `sluice`: the rules; `map`: a plain Map with the same texts as keys, looked up once. */
  readonly subject: 'sluice' | 'map';
  readonly blocks: number;
  readonly decisions: number;
}

/** What it tells. */
export interface AdmissionReading {
  /** Microseconds of processor time of a decision, half of which find a block. */
  readonly microseconds: number;
  /** Bytes of heap of all blocks. */
  readonly bytes: number;
}

/** What the list of blocks costs those who publish, and the memory. */
export const admission: Benchmark = {
  name: 'admission',
  title: 'Admission with many blocks',
  about: `A publisher's request is decided (names, domain, URL authentication being off, blocks) with 10,000 and with
1,000,000 blocks in memory; every second request is refused. Each size in a fresh process. The peer is one look-up of the
same texts in a plain \`Map\`. Memory is the heap after a forced collection, less what was there before.`,
  measures: [
    decision('10k', 'a decision, 10,000 blocks'),
    decision('1M', 'a decision, 1,000,000 blocks'),
    { key: 'memory', label: 'memory of a million blocks', unit: 'MB' },
  ],
  open: ({ quick }) => Promise.resolve([subject('sluice', { quick }), subject('map', { quick })]),
};

function decision(size: keyof typeof SIZES, label: string): Measure {
  const target = { of: 'value', bound: 'at most', limit: 2 } as const;
  return { key: size, label, unit: 'CPU-µs', digits: 2, target };
}

function subject(kind: AdmissionLoad['subject'], { quick }: Pick<Pace, 'quick'>): Subject {
  return {
    name: kind === 'sluice' ? 'Sluice' : 'a plain Map',
    measure: async (): Promise<Readings> => {
      const decisions = quick ? 1000 : 500_000;
      const sizes = quick ? { '10k': 100, '1M': 1000 } : SIZES;
      const small = await inChild({ subject: kind, blocks: sizes['10k'], decisions });
      const large = await inChild({ subject: kind, blocks: sizes['1M'], decisions });
      const memory = (large.bytes / sizes['1M']) * 1e6;
      return { '10k': small.microseconds, '1M': large.microseconds, memory: memory / 1e6 };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function inChild(load: AdmissionLoad): Promise<AdmissionReading> {
  const child = fork(new URL('./support/admission-process.ts', import.meta.url), [JSON.stringify(load)], {
    execArgv: ['--import', 'tsx', '--expose-gc'],
  });
  const failed = once(child, 'exit').then(() => {
    throw new Error('the measuring process ended: more above');
  });
  const [reading] = (await Promise.race([once(child, 'message'), failed])) as [AdmissionReading];
  child.disconnect();
  return reading;
}
