import { z } from 'zod';
import { FAULT_KINDS, MAX_FAULTS } from '../../core/test-faults.ts';
import { boundedText, choice, integer } from '../fields.ts';
import { defineOperation } from '../operation.ts';
import { WRITE_ERRORS } from '../write-errors.ts';
import { controlsOf } from './controls.ts';

const MAX_DELAY_MS = 60_000;

/** Makes calls of a service in test mode fail or wait. */
export const InjectTestFault = defineOperation({
  name: 'InjectTestFault',
  summary: 'Make the next calls of an operation be throttled, fail, or wait.',
  doc: `Ours, and only there with \`sluice serve --test-mode\`. What a call meets:

- \`throttle\`: \`Throttling.User\` with \`x-acs-retry-after\`, as one call too many would get it.
- \`error500\`: \`InternalError\`; the operation does not happen.
- \`unavailable\`: \`503 ServiceUnavailable\`; the operation does not happen.
- \`delay\`: the call waits for \`DelayMs\`, and then is made. The wait comes on top of the 2.5 s that an operation may
  take, so that a client's own time-out can be tried.

Only calls that are rightly signed and permitted meet a fault, and but for \`throttle\` only those whose parameters are
there and of the right form. What an operation finds wrong by itself, as a bad stream name, comes after the fault.
Faults for the same operation are met in the order in which they were injected, each until its \`Count\` is used up. The
operations of test mode themselves meet none.`,
  kind: 'write',
  testMode: true,
  ram: { action: 'live:InjectTestFault', level: 'update', resource: '*' },
  limit: { calls: 100, perSeconds: 1 },
  parameters: z.object({
    ActionName: boundedText(100, {
      description: 'Operation whose calls meet the fault; `*`: all of them.',
      example: 'ForbidLiveStream',
    }),
    Fault: choice(FAULT_KINDS, { description: 'What they meet.', example: 'throttle' }),
    Count: integer(
      { min: 1, max: 1_000_000 },
      { description: 'How many calls meet it. Absent: all until ResetTestState.', example: '1' },
    ).optional(),
    DelayMs: integer(
      { min: 1, max: MAX_DELAY_MS },
      { description: 'Milliseconds of a `delay`, which needs it; the others take none.', example: '500' },
    ).optional(),
  }),
  response: z.object({}),
  errors: {
    ...WRITE_ERRORS,
    MissingDelayMs: { status: 400, message: 'DelayMs is mandatory for this action.' },
    'QuotaExceeded.TestFault': {
      status: 400,
      message: `There are ${MAX_FAULTS} faults that are not used up; ResetTestState removes them.`,
    },
  },
  async handle({ params, caller, core, reached, fail }) {
    const { actions, faults } = controlsOf(core);
    const { ActionName: action, Fault: kind, Count: count = null, DelayMs: delayMs } = params;
    if (action !== '*' && !actions.has(action)) throw fail('InvalidActionName.Malformed');
    if (kind === 'delay' && delayMs === undefined) throw fail('MissingDelayMs');
    if (kind !== 'delay' && delayMs !== undefined) throw fail('InvalidDelayMs.Malformed');
    if (!(await core.store.directory.beginCall(caller))) throw fail('SignatureNonceUsed');
    if (!faults.inject({ action, kind, count, delayMs: delayMs ?? 0 })) throw fail('QuotaExceeded.TestFault');
    reached({ ActionName: action, Fault: kind });
    return {};
  },
});
