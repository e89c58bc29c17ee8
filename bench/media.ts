import { setTimeout as sleep } from 'node:timers/promises';
import type { Benchmark, Measure, Pace, Readings, Subject } from './support/benchmark.ts';
import { startMediaLoad } from './support/media-load.ts';
import type { MediaLoad } from './support/media-load.ts';
import { hasNginx, startNginx, startSluice } from './support/processes.ts';
import type { ServerProcess } from './support/processes.ts';
import { cpuMs, rssMb } from './support/usage.ts';

/** Milliseconds of a load before it is measured. */
const SETTLE_MS = 3000;
const MEASURE_MS = 8000;

const OPEN = { ingest: { limits: { maxConnectionsPerAddress: 2000 } } };

type Over = 'rtmp' | 'http-flv';

interface Scene {
  readonly publishers: number;
  readonly players: number;
  readonly over: Over;
}

const MEMORY: Measure = { key: 'rss', label: 'memory', unit: 'MB' };

/** What it costs to take streams. */
export const ingest: Benchmark = {
  name: 'ingest',
  title: 'Ingest of 100 publishers',
  about: `100 RTMP publishers of 1 Mbit/s each (25 pictures and 43 sounds a second) and no player, beside nginx-rtmp with
one worker. Processor time is that of the whole process with all its threads, per Mbit that the publishers sent.`,
  measures: [cost({ of: 'ratio', bound: 'at most', limit: 1.9 }), MEMORY],
  open: (pace) => open({ publishers: 100, players: 0, over: 'rtmp' }, pace),
};

/** What it costs to give one stream to many. */
export const rtmpPlayers: Benchmark = {
  name: 'rtmp-players',
  title: 'RTMP fan-out to 200 players',
  about: `One stream of 1 Mbit/s is played by 200 RTMP players, beside the same of nginx-rtmp. Per Mbit that the players
received.`,
  measures: [cost({ of: 'ratio', bound: 'at most', limit: 0.8 }), MEMORY],
  open: (pace) => open({ publishers: 1, players: 200, over: 'rtmp' }, pace),
};

/** The same over HTTP. */
export const flvPlayers: Benchmark = {
  name: 'flv-players',
  title: 'HTTP-FLV fan-out to 200 players',
  about: `One stream of 1 Mbit/s is played by 200 HTTP-FLV players. nginx-rtmp has no HTTP-FLV: the peer is its RTMP.`,
  measures: [cost({ of: 'ratio', bound: 'at most', limit: 1 }), MEMORY],
  open: (pace) => open({ publishers: 1, players: 200, over: 'http-flv' }, pace),
};

function cost(target: NonNullable<Measure['target']>): Measure {
  return { key: 'msPerMbit', label: 'processor time', unit: 'CPU-ms/Mbit', digits: 2, target };
}

async function open(scene: Scene, pace: Pace): Promise<[Subject, ...Subject[]]> {
  const { quick } = pace;
  const paced = quick ? { ...scene, publishers: 1, players: Math.min(scene.players, 3) } : scene;
  const sluice = await startSluice(OPEN, pace);
  const over = paced.over === 'rtmp' ? 'rtmp' : { httpPort: sluice.httpPort };
  const ours = subject('Sluice', sluice, { ...paced, rtmpPort: sluice.rtmpPort, over, quick });
  if (!hasNginx()) return [ours];
  const nginx = await startNginx();
  return [ours, subject('nginx-rtmp', nginx, { ...paced, rtmpPort: nginx.rtmpPort, over: 'rtmp', quick })];
}

function subject(name: string, server: ServerProcess, load: MediaLoad & { quick: boolean }): Subject {
  return {
    name,
    measure: () => measure(server, load),
    [Symbol.asyncDispose]: () => Promise.resolve(server[Symbol.asyncDispose]()),
  };
}

async function measure({ pid }: ServerProcess, load: MediaLoad & { quick: boolean }): Promise<Readings> {
  await using running = await startMediaLoad(load);
  await sleep(load.quick ? 300 : SETTLE_MS);
  const before = await running.counts();
  const cpuBefore = cpuMs(pid);
  await sleep(load.quick ? 700 : MEASURE_MS);
  const cpu = cpuMs(pid) - cpuBefore;
  const { sentBytes, receivedBytes, lost } = await running.counts();
  if (lost > 0) throw new Error(`${lost} connections were lost`);
  // Publishers receive next to nothing, so that with players what was received is what they received.
  const bytes = load.players === 0 ? sentBytes - before.sentBytes : receivedBytes - before.receivedBytes;
  return { msPerMbit: cpu / ((bytes * 8) / 1e6), rss: rssMb(pid) };
}
