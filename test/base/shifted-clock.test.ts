import { expect, it } from 'vitest';
import { ShiftedClock } from '../../src/base/shifted-clock.ts';
import { ManualClock } from '../support/manual-clock.ts';

it('moves the calendar and nothing else', () => {
  const base = new ManualClock(1_000_000);
  const clock = new ShiftedClock(base);
  let ran = 0;
  clock.after(1000, () => ran++);
  clock.every(400, () => ran++);

  clock.moveBy(3_600_000);
  expect([clock.now(), clock.monotonic(), clock.shiftMs, ran]).toEqual([4_600_000, 1_000_000, 3_600_000, 0]);
  base.advance(999);
  expect([clock.now(), ran]).toEqual([4_600_999, 2]);
  base.advance(1);
  expect(ran).toBe(3);

  clock.moveTo(500);
  base.advance(10);
  expect([clock.now(), clock.shiftMs]).toEqual([510, 500 - 1_001_000]);
  clock.reset();
  expect(clock.now()).toBe(base.now());
});
