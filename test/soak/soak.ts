import { globalAgent } from 'node:http';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { build } from 'esbuild';
import { expect } from 'vitest';
import { RealService } from '../support/real-service.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { until } from '../support/wait.ts';
import { House } from './house.ts';
import type { Probe } from './probe.ts';
import { Random } from './random.ts';

/** Domains in which things happen at the same time. */
const HOUSES = 4;

/** Milliseconds between two steps in a domain, at most: the load is that of a quiet day. */
const PAUSE_MS = 100;

/** Milliseconds of the warm-up, at most; the shorter part of a short soak. */
const WARM_UP_MS = 60_000;

/**
 * Bytes that heap and buffers may have grown by for a reason: what V8 learns, and 31 minutes of nonces, one for each call.
 */
const GROWTH = { fixed: 6 * 1024 * 1024, perCall: 200 } as const;

/** What the process holds when nobody is connected. */
interface Holdings {
  /** Bytes after a collection. */
  readonly memory: number;
  readonly files: number;
  /** Active handles and timers by type. */
  readonly resources: Readonly<Record<string, number>>;
  readonly calls: number;
}

/** What a soak did. */
export interface SoakReport {
  readonly steps: number;
  readonly publishes: number;
  /** By which heap and buffers grew, and what was allowed. */
  readonly grown: number;
  readonly allowed: number;
}

/**
 * Lets publishers, players, forbids, resumes and kicks happen by chance in the real service, and compares every answer
 * with a model. When all are gone at the end, it holds what it held after the warm-up.
 */
export async function soak(options: { seconds: number; seed: number }): Promise<SoakReport> {
  const { seconds, seed } = options;
  await using folder = await temporaryFolder();
  const probing = join(folder.path, 'probe.mjs');
  const entry = fileURLToPath(new URL('./probe.ts', import.meta.url));
  await build({ entryPoints: [entry], outfile: probing, platform: 'node', format: 'esm' });
  await using service = await RealService.start({
    data: join(folder.path, 'data'),
    flags: ['--log-level', 'warn', '--log-levels', 'app=info', '--ingest-duplicate-publish', 'replace'],
    env: { NODE_OPTIONS: `--expose-gc --import ${probing}` },
  });
  const houses = Array.from(
    { length: HOUSES },
    (_, index) => new House(service, `house${index}.example.com`, new Random(seed + index)),
  );
  const warmUpMs = Math.min(WARM_UP_MS, seconds * 300);
  let steps = await live(houses, warmUpMs);
  const before = await holdings(service);
  steps += await live(houses, seconds * 1000 - warmUpMs);
  const growth = await expectNothingLeft(service, before);
  service.process.child.kill('SIGTERM');
  expect(await service.process.ended).toBe(0);
  expect({ errors: service.errors(), err: service.process.err }).toEqual({ errors: [], err: '' });
  const publishes = houses.flatMap(({ rooms }) => rooms).reduce((sum, room) => sum + room.publishes, 0);
  return { steps, publishes, ...growth };
}

/** Things happen for so long; then everybody leaves. Gives the number of steps. */
async function live(houses: readonly House[], ms: number): Promise<number> {
  const end = Date.now() + ms;
  let steps = 0;
  let failed = false;
  await Promise.all(
    houses.map(async (house, index) => {
      const pace = new Random(index);
      try {
        for (; Date.now() < end && !failed; steps++) {
          await house.step();
          await sleep(pace.below(PAUSE_MS));
        }
      } catch (error) {
        failed = true;
        throw error;
      }
      await house.empty();
    }),
  );
  return steps;
}

/** What is left when the last connection has gone, our own to its API and metrics included. */
async function holdings(service: RealService): Promise<Holdings> {
  await until(async () => (await gauges(service)).every((value) => value === 0), 'the last peer to be gone');
  const calls = sumOf(await service.metrics(), 'sluice_api_calls_total');
  globalAgent.destroy();
  const isAlone = async (): Promise<boolean> => (await probe(service)).resources[SOCKET] === undefined;
  await until(isAlone, 'the last connection to be gone');
  const found: Probe[] = [];
  while (found.length < LOOKS) found.push(await probe(service));
  const count = ({ resources }: Probe): number => Object.values(resources).reduce((a, b) => a + b, 0);
  // The deadline of a look at the change feed comes and goes.
  const { heapUsed, external, resources } = found.reduce((a, b) => (count(b) < count(a) ? b : a));
  const files = readdirSync(`/proc/${service.pid}/fd`).length;
  return { memory: heapUsed + external, files, resources, calls };
}

/** As Node calls an open connection. */
const SOCKET = 'TCPSocketWrap';

/** Looks at the process, of which the one counts that finds the fewest handles and timers. */
const LOOKS = 5;

/** Connections, streams and players. */
async function gauges(service: RealService): Promise<number[]> {
  const metrics = await service.metrics();
  return ['sluice_connections{', 'sluice_streams_live', 'sluice_players'].map((name) => sumOf(metrics, name));
}

function sumOf(metrics: ReadonlyMap<string, number>, name: string): number {
  return [...metrics].reduce((sum, [sample, value]) => (sample.startsWith(name) ? sum + value : sum), 0);
}

const leftOf = ({ files, resources }: Holdings): object => ({ files, resources });

async function expectNothingLeft(
  service: RealService,
  before: Holdings,
): Promise<Pick<SoakReport, 'grown' | 'allowed'>> {
  let after = await holdings(service);
  const isSame = async (): Promise<boolean> => {
    after = await holdings(service);
    return isDeepStrictEqual(leftOf(after), leftOf(before));
  };
  await until(isSame, 'files and timers to be as before', 20_000).catch(() =>
    expect(leftOf(after)).toEqual(leftOf(before)),
  );
  const allowed = GROWTH.fixed + GROWTH.perCall * (after.calls - before.calls);
  const grown = after.memory - before.memory;
  expect(grown).toBeLessThan(allowed);
  return { grown, allowed };
}

/** Has the process collect its garbage and tell what is left. */
async function probe({ process }: RealService): Promise<Probe> {
  const probes = (): string[] =>
    process.out
      .split('\n')
      .slice(0, -1)
      .filter((line) => line.includes('"probe"'));
  const known = probes().length;
  process.child.kill('SIGUSR2');
  await until(() => probes().length > known, 'the figures of the process');
  return (JSON.parse(probes().at(-1) ?? '') as { probe: Probe }).probe;
}
