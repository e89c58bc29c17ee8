import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runBenchmark } from '../../bench/support/benchmark.ts';
import type { Benchmark, Readings, Result } from '../../bench/support/benchmark.ts';
import { sharesOf } from '../../bench/support/profile.ts';
import { outcomeOf, sectionOf } from '../../bench/support/report.ts';
import { median, quantile } from '../../bench/support/statistics.ts';

const COST = {
  key: 'cost',
  label: 'cost',
  unit: 'ms',
  target: { of: 'ratio', bound: 'at most', limit: 2 },
} as const;

function benchmark(order: string[], readings: Readonly<Record<string, readonly number[]>>): Benchmark {
  const subject = (name: string) => {
    let round = 0;
    return {
      name,
      measure: (): Promise<Readings> => {
        order.push(name);
        return Promise.resolve({ cost: readings[name]?.[round++] ?? NaN });
      },
      [Symbol.asyncDispose]: (): Promise<void> => Promise.resolve(void order.push(`end ${name}`)),
    };
  };
  return {
    name: 'test',
    title: 'Test',
    about: 'Nothing.',
    measures: [COST],
    open: () => Promise.resolve([subject('ours'), subject('peer')]),
  };
}

const PACE = { quick: false, rounds: 3, profiles: undefined };

describe('a benchmark', () => {
  it('warms everybody up, takes turns, and ends everybody', async () => {
    const order: string[] = [];
    const readings = { ours: [99, 4, 5, 9], peer: [99, 2, 2, 3] };
    const lines: string[] = [];
    const result = await runBenchmark(benchmark(order, readings), PACE, (line) => lines.push(line));
    expect(order).toEqual([
      ...Array.from({ length: 4 }, () => ['ours', 'peer']).flat(),
      'end ours',
      'end peer',
    ]);
    expect(result.subjects.map(({ rounds }) => rounds.map(({ cost }) => cost))).toEqual([
      [4, 5, 9],
      [2, 2, 3],
    ]);
    expect(lines).toHaveLength(8);
    expect(lines[1]).toBe('test, peer, warm-up: 99 ms');
  });

  it('ends everybody when a round fails', async () => {
    const order: string[] = [];
    const failing = benchmark(order, {});
    const broken: Benchmark = {
      ...failing,
      open: async (pace) => {
        const [ours, ...peers] = await failing.open(pace);
        return [{ ...ours, measure: () => Promise.reject(new Error('no')) }, ...peers];
      },
    };
    await expect(runBenchmark(broken, PACE, () => undefined)).rejects.toThrow('no');
    expect(order).toEqual(['end ours', 'end peer']);
  });
});

describe('the outcome', () => {
  const result = (ours: number[], peer: number[]): Result => ({
    benchmark: benchmark([], {}),
    subjects: [
      { name: 'ours', rounds: ours.map((cost) => ({ cost })) },
      ...(peer.length > 0 ? [{ name: 'peer', rounds: peer.map((cost) => ({ cost })) }] : []),
    ],
  });

  it('is the median of the rounds, and the ratio that of each round', () => {
    const { ours, peer, ratio, holds } = outcomeOf(result([4, 5, 9], [2, 2, 3]), COST);
    expect(ours).toEqual({ median: 5, min: 4, max: 9 });
    expect(peer).toEqual({ median: 2, min: 2, max: 3 });
    expect(ratio).toEqual({ median: 2.5, min: 2, max: 3 });
    expect(holds).toBe(false);
  });

  it('holds at the limit itself, in either direction', () => {
    expect(outcomeOf(result([4], [2]), COST).holds).toBe(true);
    const least = { ...COST, target: { of: 'value', bound: 'at least', limit: 4 } } as const;
    expect(outcomeOf(result([4], [2]), least).holds).toBe(true);
    expect(outcomeOf(result([3.9], [2]), least).holds).toBe(false);
  });

  it('is open when the peer that the target needs is missing', () => {
    expect(outcomeOf(result([4], []), COST).holds).toBeUndefined();
  });

  it('is told with medians, spreads, target and verdict', () => {
    const section = sectionOf(result([4, 5, 9], [2, 2, 3]), {
      machine: 'a machine',
      shares: [
        { place: 'gateway', share: 0.6 },
        { place: 'pino', share: 0.39 },
        { place: 'ws', share: 0.01 },
      ],
    });
    expect(section).toContain('| cost, ms | 5 (4–9) | 2 (2–3) | 2.50 (2.00–3.00) | ratio ≤ 2 | **misses** |');
    expect(section).toContain('gateway 60 %, pino 39 %, all others 1 %');
    expect(section).toContain('_a machine._');
  });
});

describe('statistics', () => {
  it('median of an even number is between the two in the middle', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(() => median([])).toThrow('no samples');
  });

  it('quantiles are samples', () => {
    const samples = Array.from({ length: 100 }, (_, i) => i);
    expect(quantile(samples, 0.5)).toBe(50);
    expect(quantile(samples, 0.99)).toBe(99);
    expect(quantile([7], 0.99)).toBe(7);
  });
});

describe('a profile', () => {
  it('is summed up by room, package, Node and the rest, without the time of doing nothing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-test-'));
    const frame = (id: number, functionName: string, url: string) => ({
      id,
      callFrame: { functionName, url },
    });
    const nodes = [
      frame(1, '(idle)', ''),
      frame(2, 'serve', 'file:///x/dist/gateway/pipeline.js'),
      frame(3, 'next', 'file:///x/dist/wire/rtmp/chunk-reader.js'),
      frame(4, 'send', 'file:///x/node_modules/@scope/name/dist/a/b.js'),
      frame(5, 'emit', 'node:events'),
      frame(6, '(garbage collector)', ''),
      frame(7, 'writev', ''),
    ];
    const profile = { nodes, samples: [1, 2, 3, 4, 5, 6, 7], timeDeltas: [1000, 40, 20, 10, 10, 10, 10] };
    await writeFile(join(folder, 'a.cpuprofile'), JSON.stringify(profile));
    const shares = sharesOf(folder).map(({ place, share }) => [place, share]);
    await rm(folder, { recursive: true });
    expect(shares).toEqual([
      ['gateway', 0.4],
      ['wire/rtmp', 0.2],
      ['@scope/name', 0.1],
      ['Node’s JavaScript', 0.1],
      ['garbage collection', 0.1],
      ['native code and system calls', 0.1],
    ]);
  });
});
