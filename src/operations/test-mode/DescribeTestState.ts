import { z } from 'zod';
import { formatTimestamp } from '../../base/timestamp.ts';
import { FAULT_KINDS } from '../../core/test-faults.ts';
import type { Fault } from '../../core/test-faults.ts';
import { choice, count, text, wrappedList } from '../fields.ts';
import { defineOperation } from '../operation.ts';
import { clockFields, controlsOf, shownClock } from './controls.ts';

/** Tells what a test has changed in a service in test mode. */
export const DescribeTestState = defineOperation({
  name: 'DescribeTestState',
  summary: 'Tell the moved clock and the injected faults, with the calls that met them.',
  doc: `Ours, and only there with \`sluice serve --test-mode\`. \`Hits\` tells how many calls have met a fault, so that a
test can see whether a client tried again. Faults that are used up stay in the list until a reset, or until there are
100 in it.`,
  kind: 'read',
  testMode: true,
  ram: { action: 'live:DescribeTestState', level: 'get', resource: '*' },
  limit: { calls: 100, perSeconds: 1 },
  parameters: z.object({}),
  response: z.object({
    ...clockFields,
    RealTime: text({
      description: 'Time of the machine, which calls are signed with.',
      example: '2026-01-01T08:00:00Z',
    }),
    Faults: wrappedList(
      'Fault',
      z.object({
        ActionName: text({ description: 'Operation, or `*`.', example: 'ForbidLiveStream' }),
        Fault: choice(FAULT_KINDS, { description: 'What its calls meet.', example: 'throttle' }),
        Hits: count({ description: 'Calls that have met it.', example: '1' }),
        Remaining: count({
          description: 'Calls that will; absent: all until a reset.',
          example: '1',
        }).optional(),
        DelayMs: count({ description: 'Milliseconds of a `delay`.', example: '500' }).optional(),
      }),
    ),
  }),
  errors: {},
  handle({ core }) {
    const { clock, faults } = controlsOf(core);
    return {
      ...shownClock({ clock }),
      RealTime: formatTimestamp(clock.base.now()),
      Faults: { Fault: faults.list().map(shownFault) },
    };
  },
});

function shownFault({ action, kind, hits, count: most, delayMs }: Fault) {
  return {
    ActionName: action,
    Fault: kind,
    Hits: hits,
    ...(most !== null && { Remaining: most - hits }),
    ...(kind === 'delay' && { DelayMs: delayMs }),
  };
}
