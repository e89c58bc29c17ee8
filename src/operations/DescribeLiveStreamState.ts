import { z } from 'zod';
import { choice } from './fields.ts';
import { appName, DOMAIN_ERRORS, domainName, keyOf, streamName } from './names.ts';
import { defineOperation } from './operation.ts';

/** Tells whether one stream is live. */
export const DescribeLiveStreamState = defineOperation({
  name: 'DescribeLiveStreamState',
  summary: 'Tell whether a stream is live, not live, or forbidden.',
  doc: `A stream that is blocked is \`forbidden\` (only some of the vendor's pages know this state). A stream that nobody
has ever published is \`offline\`. \`Type\` is always \`push\`.`,
  kind: 'read',
  ram: { action: 'live:DescribeLiveStreamState', level: 'get', resource: 'domain' },
  limit: { calls: 100, perSeconds: 1 },
  parameters: z.object({ DomainName: domainName, AppName: appName, StreamName: streamName }),
  response: z.object({
    StreamState: choice(['online', 'offline', 'forbidden'], {
      description: 'State of the stream.',
      example: 'online',
    }),
    Type: choice(['push'], { description: 'How the stream comes in.', example: 'push' }),
  }),
  errors: DOMAIN_ERRORS,
  handle({ params, core, fail }) {
    const { publishers, alreadyBlocked } = core.control.preview(keyOf(core, params, fail));
    const state = publishers > 0 ? 'online' : 'offline';
    return { StreamState: alreadyBlocked ? 'forbidden' : state, Type: 'push' } as const;
  },
});
