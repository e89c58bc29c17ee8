import { expect, it } from 'vitest';
import { soak } from './soak.ts';

const seconds = Number(process.env['SLUICE_SOAK_SECONDS'] ?? 600);
const seed = Number(process.env['SLUICE_SOAK_SEED'] ?? Date.now() % 1_000_000);

it(
  `answers rightly and leaks nothing for ${seconds} s of chance`,
  { timeout: (seconds + 120) * 1000 },
  async () => {
    console.log(`soak: seed ${seed}`);
    const report = await soak({ seconds, seed });
    console.log('soak:', report);
    expect(report.steps).toBeGreaterThan(seconds);
    expect(report.publishes).toBeGreaterThan(seconds / 2);
  },
);
