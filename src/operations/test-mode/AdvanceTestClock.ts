import { z } from 'zod';
import { integer } from '../fields.ts';
import { defineOperation } from '../operation.ts';
import { WRITE_ERRORS } from '../write-errors.ts';
import { canBeNow, clockFields, controlsOf, shownClock } from './controls.ts';

/** Seconds of a leap year. */
const MAX_SECONDS = 366 * 86_400;

/** Moves the calendar of a service in test mode forward. */
export const AdvanceTestClock = defineOperation({
  name: 'AdvanceTestClock',
  summary: "Move the service's time forward, so that what is due by then happens now.",
  doc: `Ours, and only there with \`sluice serve --test-mode\`. After the answer blocks whose \`ResumeTime\` has come by let
their streams in, sessions and signed URLs have expired, and all that is recorded has the new time. Only the calendar
moves: nobody times out by it, live streams stay live, limits of calls are counted in real time, and callers sign with
real time as before. Moves add up. Up to 366 days at once, and never past the year 2099. What is older than the
configuration keeps is removed within a minute, by the new time.`,
  kind: 'write',
  testMode: true,
  ram: { action: 'live:AdvanceTestClock', level: 'update', resource: '*' },
  limit: { calls: 100, perSeconds: 1 },
  parameters: z.object({
    Seconds: integer(
      { min: 1, max: MAX_SECONDS },
      { description: 'How far; time moves forward only, SetTestClock moves it back too.', example: '3600' },
    ),
  }),
  response: z.object(clockFields),
  errors: WRITE_ERRORS,
  async handle({ params, caller, core, reached, fail }) {
    const { clock } = controlsOf(core);
    const ms = params.Seconds * 1000;
    if (!canBeNow(clock.now() + ms)) throw fail('InvalidSeconds.Malformed');
    if (!(await core.store.directory.beginCall(caller))) throw fail('SignatureNonceUsed');
    clock.moveBy(ms);
    reached(shownClock({ clock }));
    return shownClock({ clock });
  },
});
