/** `npm run bench`: measures Sluice beside its peers, in the same run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { admission } from './admission.ts';
import { reads, writes } from './calls.ts';
import { cut } from './cut.ts';
import { flvPlayers, ingest, rtmpPlayers } from './media.ts';
import { start } from './start.ts';
import { runBenchmark } from './support/benchmark.ts';
import type { Benchmark, Pace } from './support/benchmark.ts';
import { machineLine } from './support/machine.ts';
import { sharesOf } from './support/profile.ts';
import type { Share } from './support/profile.ts';
import { hasNginx } from './support/processes.ts';
import { PAGE, writeBlock } from './support/page.ts';
import { outcomeOf, sectionOf } from './support/report.ts';

const BENCHMARKS: readonly Benchmark[] = [
  reads,
  writes,
  cut,
  admission,
  ingest,
  rtmpPlayers,
  flvPlayers,
  start,
];
const ROUNDS = 5;

const HELP = `Measures Sluice beside its peers, in the same run, and writes the tables into ${PAGE}.

  npm run bench                     all of them, about 20 minutes
  npm run bench -- NAME...          some of them
  npm run bench -- --quick          a few seconds each, to see that they work; writes nothing

  --rounds N    rounds after the warm-up (${ROUNDS})
  --no-profile  leave out the extra round that tells where the time goes
  --no-write    leave the page alone

${BENCHMARKS.map(({ name, title }) => `  ${name.padEnd(14)}${title}`).join('\n')}

The media benchmarks compare with nginx and its RTMP module when that is installed: apt-get install nginx libnginx-mod-rtmp
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', short: 'h', default: false },
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    'no-profile': { type: 'boolean', default: false },
    'no-write': { type: 'boolean', default: false },
  },
});
if (values.help) console.log(HELP);
else await runAll();

async function runAll(): Promise<void> {
  const unknown = positionals.find((name) => !BENCHMARKS.some((one) => one.name === name));
  if (unknown !== undefined) throw new Error(`there is no benchmark ${unknown}: see npm run bench -- --help`);
  const chosen = BENCHMARKS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const rounds = Number(values.rounds ?? (values.quick ? 1 : ROUNDS));
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds is a whole number from 1 on');
  if (!hasNginx())
    console.log('nginx with its RTMP module is not installed: the media benchmarks run without a peer');
  let missed = 0;
  for (const benchmark of chosen) missed += await runOne(benchmark, rounds);
  if (!values.quick) console.log(missed === 0 ? 'Every target holds.' : `${missed} targets are missed.`);
}

/** Gives how many targets were missed. */
async function runOne(benchmark: Benchmark, rounds: number): Promise<number> {
  const { quick } = values;
  const pace: Pace = { quick, rounds, profiles: undefined };
  const result = await runBenchmark(benchmark, pace, (line) => console.log(line));
  const shares = quick || values['no-profile'] ? [] : await profile(benchmark);
  const section = sectionOf(result, { machine: machineLine(rounds), shares });
  console.log(`\n${section}\n`);
  if (!quick && !values['no-write']) await writeBlock(benchmark.name, section);
  return benchmark.measures.filter((measure) => outcomeOf(result, measure).holds === false).length;
}

/** Runs ours once more under V8's profiler. */
async function profile(benchmark: Benchmark): Promise<Share[]> {
  const profiles = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  try {
    const [ours, ...peers] = await benchmark.open({ quick: false, rounds: 1, profiles });
    for (const peer of peers) await peer[Symbol.asyncDispose]();
    console.log(`${benchmark.name}: a round under the profiler`);
    await ours.measure().finally(() => ours[Symbol.asyncDispose]());
    return sharesOf(profiles);
  } finally {
    rmSync(profiles, { recursive: true });
  }
}
