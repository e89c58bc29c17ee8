import { expect, it } from 'vitest';
import { soak } from './soak.ts';

const SECONDS = 10;

it(`answers rightly and leaks nothing for ${SECONDS} s of chance`, { timeout: 120_000 }, async () => {
  const seed = Number(process.env['SLUICE_SOAK_SEED'] ?? Date.now() % 1_000_000);
  console.log(`soak: seed ${seed}`);
  const report = await soak({ seconds: SECONDS, seed });
  console.log('soak:', report);
  expect(report.steps).toBeGreaterThan(SECONDS);
  expect(report.publishes).toBeGreaterThan(SECONDS / 2);
});
