import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary.ts';
import { killRounds } from './kill-rounds.ts';

it(
  'keeps every acknowledged forbid when the service is killed with 100 under way',
  { timeout: 60_000 },
  async () => {
    await using folder = await temporaryFolder();
    const [acknowledged] = await killRounds({ data: join(folder.path, 'data'), rounds: 1, calls: 100 });
    expect(acknowledged).toBeGreaterThan(0);
  },
);
