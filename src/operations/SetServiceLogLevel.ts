import { z } from 'zod';
import { LOG_LEVELS, LOG_ROOMS } from '../base/logger.ts';
import { choice } from './fields.ts';
import { defineOperation } from './operation.ts';
import { requireRootAccount, ROOT_ONLY_ERRORS } from './root-account.ts';
import { WRITE_ERRORS } from './write-errors.ts';

/** Sets how much a room logs, while the service runs. */
export const SetServiceLogLevel = defineOperation({
  name: 'SetServiceLogLevel',
  summary: 'Set how much a room of the service logs, without a restart.',
  doc: `Ours. Acts at once, on connections that are open already too, and until the service ends: the next start takes
the levels of the configuration (\`log.level\`, \`log.levels\`). Only the root account may call. DescribeServiceStatus
shows the levels in force.`,
  kind: 'write',
  ram: { action: 'live:SetServiceLogLevel', level: 'update', resource: '*' },
  limit: { calls: 10, perSeconds: 1 },
  parameters: z.object({
    Room: choice([...LOG_ROOMS, '*'], {
      description: 'The room; `*`: all of them.',
      example: 'ingest',
    }).default('*'),
    Level: choice(LOG_LEVELS, { description: 'The least severe level that is logged.', example: 'debug' }),
  }),
  response: z.object({}),
  errors: { ...ROOT_ONLY_ERRORS, ...WRITE_ERRORS },
  async handle({ params, caller, core, service, reached, fail }) {
    requireRootAccount({ caller, core }, fail);
    if (!(await core.store.directory.beginCall(caller))) throw fail('SignatureNonceUsed');
    service.setLogLevel(params.Room, params.Level);
    reached({ Room: params.Room, Level: params.Level });
    return {};
  },
});
