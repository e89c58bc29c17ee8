import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { WRITE_ERRORS } from '../write-errors.ts';
import { controlsOf } from './controls.ts';

/** Puts a service in test mode into the state of a new start. */
export const ResetTestState = defineOperation({
  name: 'ResetTestState',
  summary: 'Put everything back as it was at the start of the service, between two tests.',
  doc: `Ours, and only there with \`sluice serve --test-mode\`. Time is real time again and the faults are gone; calls that
a \`delay\` holds up go on. Publishers are cut and players ended. Blocks, history, audit, users, groups, roles, policies,
accounts, domains and access keys are gone, but for the root key, which is there again even if it was disabled. The
limits of calls are fresh, but for the one of this operation. What stays: connections that neither publish nor play, log
levels, metrics, and the nonces of earlier calls, so that a replay is refused.`,
  kind: 'write',
  testMode: true,
  ram: { action: 'live:ResetTestState', level: 'delete', resource: '*' },
  limit: { calls: 50, perSeconds: 1 },
  parameters: z.object({}),
  response: z.object({}),
  errors: WRITE_ERRORS,
  async handle({ caller, core, fail }) {
    if ((await controlsOf(core).reset(caller)) === 'nonce-used') throw fail('SignatureNonceUsed');
    return {};
  },
});
