import { afterAll, beforeAll, describe, it } from 'vitest';
import { fuzz, seedsOf } from './fuzz.ts';
import type { FuzzTarget } from './fuzz.ts';

/** The tests of one target: every seed that is kept for it, unless it is a long run, and as many inputs as told. */
export function testTarget(
  target: FuzzTarget,
  { runs, seed, seeds, timeoutMs }: { runs: number; seed: number; seeds: boolean; timeoutMs: number },
): void {
  describe(target.name, () => {
    let opened: AsyncDisposable | undefined;
    beforeAll(async () => {
      opened = await target.open?.();
    });
    afterAll(() => opened?.[Symbol.asyncDispose]());
    if (seeds)
      it.each(seedsOf(target.name))('kept: $name', async ({ bytes }) => {
        await target.check(bytes);
      });
    it(`${runs} inputs of seed ${seed}`, () => fuzz(target, { runs, seed }), timeoutMs);
  });
}
