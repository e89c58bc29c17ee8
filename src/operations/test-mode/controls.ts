import type { Core } from '../../core/core.ts';
import type { TestControls } from '../../core/test-controls.ts';
import { formatTimestamp } from '../../base/timestamp.ts';
import { count, text } from '../fields.ts';

/** The calendar stays between these, epoch milliseconds: times far off have no form that the API could show. */
const CALENDAR = { from: Date.UTC(2000, 0, 1), before: Date.UTC(2100, 0, 1) };

/** Whether the calendar may be moved to `at`, epoch milliseconds. */
export function canBeNow(at: number): boolean {
  return at >= CALENDAR.from && at < CALENDAR.before;
}

/** What the operations of test mode act upon. @throws Error outside of test mode, where no call gets here */
export function controlsOf({ testControls }: Pick<Core, 'testControls'>): TestControls {
  if (!testControls) throw new Error('an operation of test mode was called outside of it');
  return testControls;
}

/** The clock as answers show it. */
export const clockFields = {
  Time: text({ description: "The service's time now.", example: '2026-01-01T09:00:00Z' }),
  ShiftSeconds: count({
    description: 'Seconds that it is ahead of real time; below 0: behind.',
    example: '3600',
  }),
};

/** {@link clockFields} of now. */
export function shownClock({ clock }: Pick<TestControls, 'clock'>): { Time: string; ShiftSeconds: number } {
  return { Time: formatTimestamp(clock.now()), ShiftSeconds: Math.round(clock.shiftMs / 1000) };
}
