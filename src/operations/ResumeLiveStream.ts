import { z } from 'zod';
import { canonicalName } from '../core/names.ts';
import { text } from './fields.ts';
import { DOMAIN_ERRORS, domainName, domainOf, keyOf, liveStreamType, streamName } from './names.ts';
import { defineOperation } from './operation.ts';
import { WRITE_ERRORS } from './write-errors.ts';

/** Lets a stream in again. */
export const ResumeLiveStream = defineOperation({
  name: 'ResumeLiveStream',
  summary: 'Let a stream that was forbidden in again.',
  doc: `Acts at once: the next attempt to publish is admitted. Resuming what is not blocked is a success (the vendor's
documents are silent), so that a call may be repeated. \`AppName=*\` resumes the name in every app of the domain.
A \`503 ServiceUnavailable\` means that the resume is not known to be kept; call again.`,
  kind: 'write',
  ram: { action: 'live:ResumeLiveStream', level: 'update', resource: 'domain' },
  limit: { calls: 30, perSeconds: 1 },
  parameters: z.object({
    DomainName: domainName,
    AppName: text({ description: 'App of the stream; `*` means every app of the domain.', example: 'live' }),
    StreamName: streamName,
    LiveStreamType: liveStreamType,
  }),
  response: z.object({}),
  errors: { ...DOMAIN_ERRORS, ...WRITE_ERRORS },
  async handle({ params, caller, core, fail, reached }) {
    const resumed = await core.control.resume({ caller, ...target() });
    if (resumed === 'nonce-used') throw fail('SignatureNonceUsed');
    reached({ Resumed: resumed });
    return {};

    function target(): { domain: string; app: string | null; stream: string } {
      if (params.AppName !== '*') return keyOf(core, params, fail);
      const { main: domain } = domainOf(core, params.DomainName, fail);
      const stream = canonicalName(params.StreamName);
      if (stream === undefined) throw fail('InvalidStreamName.Malformed');
      return { domain, app: null, stream };
    }
  },
});
