import { randomInt } from 'node:crypto';
import { testTarget } from './run.ts';
import { TARGETS } from './targets.ts';

/** How many times the inputs of `npm test`. */
const FACTOR = 50;
const seed = Number(process.env['SLUICE_FUZZ_SEED'] ?? randomInt(2 ** 31));

for (const target of TARGETS)
  testTarget(target, { runs: target.runs * FACTOR, seed, seeds: false, timeoutMs: 300_000 });
