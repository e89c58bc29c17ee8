import { z } from 'zod';
import { time } from '../fields.ts';
import { defineOperation } from '../operation.ts';
import { WRITE_ERRORS } from '../write-errors.ts';
import { canBeNow, clockFields, controlsOf, shownClock } from './controls.ts';

/** Moves the calendar of a service in test mode to a time, forward or back. */
export const SetTestClock = defineOperation({
  name: 'SetTestClock',
  summary: "Set the service's time, forward or back; it goes on from there.",
  doc: `Ours, and only there with \`sluice serve --test-mode\`. As AdvanceTestClock, with a time of its own: the clock does
not stand still at it. The time may lie before the one of now. Then a block that had ended is in force again, as long as
the sweep, which runs every minute, has not removed it; a publisher that it let in meanwhile stays until it is cut; and
records keep the times that they were written with, so that newer ones can show an earlier time.`,
  kind: 'write',
  testMode: true,
  ram: { action: 'live:SetTestClock', level: 'update', resource: '*' },
  limit: { calls: 100, perSeconds: 1 },
  parameters: z.object({
    Time: time({ description: 'The new time, in the years 2000 to 2099.', example: '2026-06-01T12:00:00Z' }),
  }),
  response: z.object(clockFields),
  errors: WRITE_ERRORS,
  async handle({ params, caller, core, reached, fail }) {
    const { clock } = controlsOf(core);
    if (!canBeNow(params.Time)) throw fail('InvalidTime.Malformed');
    if (!(await core.store.directory.beginCall(caller))) throw fail('SignatureNonceUsed');
    clock.moveTo(params.Time);
    reached(shownClock({ clock }));
    return shownClock({ clock });
  },
});
