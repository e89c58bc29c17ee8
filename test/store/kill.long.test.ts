import { expect, it } from 'vitest';
import { killRounds } from './support/kill-rounds.ts';
import { tempDirectory } from './support/test-store.ts';

it('keeps every acknowledged forbid through 20 times kill -9', { timeout: 300_000 }, async () => {
  expect(await killRounds(tempDirectory(), 20)).toBeGreaterThan(600);
});
