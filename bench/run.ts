/**
 * `npm run bench [-- NAME... --quick --rounds N --no-write]`: measures Sluice beside its peers, in the same run.
 */
import { parseArgs } from 'node:util';
import { runBenchmark } from './support/benchmark.ts';
import type { Benchmark, Result } from './support/benchmark.ts';
import { reads, writes } from './calls.ts';
import { admission } from './admission.ts';
import { cut } from './cut.ts';
import { start } from './start.ts';
import { flvPlayers, ingest, rtmpPlayers } from './media.ts';
import { tableOf } from './support/report.ts';

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
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, rounds: { type: 'string' } },
});
const chosen =
  positionals.length === 0 ? BENCHMARKS : BENCHMARKS.filter(({ name }) => positionals.includes(name));
const results: Result[] = [];
for (const benchmark of chosen) {
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 5));
  const result = await runBenchmark(benchmark, { quick: values.quick, rounds }, (line) => console.log(line));
  console.log(tableOf(result));
}
