import { describe, expect, it } from 'vitest';
import { seedFolders } from './fuzz.ts';
import { testTarget } from './run.ts';
import { TARGETS } from './targets.ts';

/** The same inputs every time; test/fuzz/fuzz.long.test.ts tries others. */
for (const target of TARGETS)
  testTarget(target, { runs: target.runs, seed: 1, seeds: true, timeoutMs: 30_000 });

describe('seeds', () => {
  it('belong to targets, and every target has some', () => {
    expect(seedFolders()).toEqual(TARGETS.map(({ name }) => name).sort());
  });
});
