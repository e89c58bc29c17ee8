import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary.ts';
import { killRounds } from './kill-rounds.ts';

it(
  'keeps every acknowledged forbid through 20 kills with 1,000 under way',
  { timeout: 600_000 },
  async () => {
    await using folder = await temporaryFolder();
    const rounds = await killRounds({ data: join(folder.path, 'data'), rounds: 20, calls: 1000 });
    expect(rounds).toHaveLength(20);
    expect(rounds.reduce((sum, acknowledged) => sum + acknowledged, 0)).toBeGreaterThan(1000);
  },
);
