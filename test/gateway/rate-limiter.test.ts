import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RateLimiter } from '../../src/gateway/rate-limiter.ts';
import { ManualClock } from '../support/manual-clock.ts';

it.each([
  [1, 1],
  [3, 1],
  [30, 1],
  [200, 1],
  [10_000, 60],
])('takes exactly %i calls at once in %i s, then one after each interval', (calls, perSeconds) => {
  const clock = new ManualClock();
  const limiter = new RateLimiter(clock, 10);
  const limit = { calls, perSeconds };
  for (let made = 0; made < calls; made++) expect(limiter.take('a', limit)).toBe(0);
  const wait = limiter.take('a', limit);
  expect(wait).toBeCloseTo((perSeconds * 1000) / calls, 1);
  clock.advance(wait);
  expect(limiter.take('a', limit)).toBe(0);
  expect(limiter.take('a', limit)).toBeGreaterThan(0);
});

it('never takes more in any window than the burst and what flows in meanwhile, and a waited call passes', () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), gaps, (calls, waits) => {
      const clock = new ManualClock();
      const limiter = new RateLimiter(clock, 10);
      const taken: number[] = [];
      for (const ms of waits) {
        clock.advance(ms);
        const wait = limiter.take('a', { calls, perSeconds: 1 });
        if (wait === 0) taken.push(clock.now());
        else expect(wait).toBeLessThanOrEqual(1000 / calls + 0.1);
      }
      taken.forEach((from, first) =>
        taken.slice(first).forEach((to, length) => {
          expect(length + 1).toBeLessThanOrEqual(calls + ((to - from + 0.2) * calls) / 1000);
        }),
      );
    }),
  );
});

it('keeps keys apart, and forgets the one unused for longest', () => {
  const limiter = new RateLimiter(new ManualClock(), 2);
  const limit = { calls: 2, perSeconds: 1 };
  expect([limiter.take('a', limit), limiter.take('b', limit), limiter.take('a', limit)]).toEqual([0, 0, 0]);
  expect(limiter.take('a', limit)).toBeGreaterThan(0);
  limiter.take('c', limit);
  expect(limiter.take('a', limit)).toBeGreaterThan(0);
});

it('lets a refused call cost nothing', () => {
  const clock = new ManualClock();
  const limiter = new RateLimiter(clock, 2);
  const limit = { calls: 1, perSeconds: 1 };
  limiter.take('a', limit);
  for (let at = 0; at < 9; at++) {
    clock.advance(100);
    expect(limiter.take('a', limit)).toBeGreaterThan(0);
  }
  clock.advance(100);
  expect(limiter.take('a', limit)).toBe(0);
});
