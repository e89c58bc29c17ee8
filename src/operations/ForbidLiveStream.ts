import { z } from 'zod';
import type { ForbidResult } from '../core/stream-control.ts';
import { boundedText, choice, count, flag, time, truth } from './fields.ts';
import { appName, DOMAIN_ERRORS, domainName, keyOf, liveStreamType, streamName } from './names.ts';
import { defineOperation } from './operation.ts';
import { WRITE_ERRORS } from './write-errors.ts';

const MAX_REASON_BYTES = 2048;

/** Cuts a stream and keeps it out. */
export const ForbidLiveStream = defineOperation({
  name: 'ForbidLiveStream',
  summary: 'Cut a stream now and keep it out until a time or until it is resumed.',
  doc: `The publisher is cut in the moment of the answer, players are ended, and every later attempt to publish under the
same domain, app and name is refused until \`ResumeTime\` or \`ResumeLiveStream\`, also after a restart. A stream that is
not live is kept out all the same. Without \`ResumeTime\` the block lasts until it is resumed, unless the configuration
sets a default duration.

An account may have 10,000 blocks in force. Forbidding again what is blocked already cuts whoever is live and answers
\`ConfigAlreadyExists\`; \`Replace=true\` (ours) gives the block the new time and reason instead. \`Oneshot=yes\` cuts
without a block: \`ResumeTime\` then has no effect, and nothing being live is a success. \`DryRun=true\` (ours) only tells
what would be reached. A \`503 ServiceUnavailable\` means: cut, but the block is not known to be kept; call again.`,
  kind: 'write',
  ram: { action: 'live:ForbidLiveStream', level: 'update', resource: 'domain' },
  limit: { calls: 200, perSeconds: 1 },
  parameters: z.object({
    DomainName: domainName,
    AppName: appName,
    StreamName: streamName,
    LiveStreamType: liveStreamType,
    Oneshot: choice(['yes', 'no'], {
      description: '`yes` cuts once and leaves no block.',
      example: 'no',
    }).default('no'),
    ResumeTime: time({
      description: 'When the stream may come back; in the future. Absent: not before it is resumed.',
      example: '2030-01-01T00:00:00Z',
    }).optional(),
    Reason: boundedText(MAX_REASON_BYTES, {
      description: 'Ours: why; shown by DescribeLiveStreamBlocks and in the history.',
      example: 'copyright claim 4711',
    }).optional(),
    DryRun: flag({
      description: 'Ours: tell what would be reached, change nothing.',
      example: 'false',
    }).default(false),
    Replace: flag({
      description: 'Ours: replace time and reason of a block that is in force.',
      example: 'false',
    }).default(false),
  }),
  response: z.object({
    DryRun: truth({ description: 'Ours: only in the answer to a dry run.', example: 'true' }).optional(),
    Effect: z
      .object({
        Publishers: count({ description: 'Publishers that would be cut.', example: '1' }),
        Players: count({ description: 'Players that would be ended.', example: '12' }),
        AlreadyBlocked: truth({ description: 'Whether a block is in force.', example: 'false' }),
      })
      .optional(),
  }),
  errors: {
    ...DOMAIN_ERRORS,
    ...WRITE_ERRORS,
    ConfigAlreadyExists: { status: 400, message: 'Config has already exist.' },
    'QuotaExceeded.Blacklist': { status: 400, message: 'Exceed max blacklist count limit' },
    ServiceUnavailable: {
      status: 503,
      message:
        'The stream was cut, but this is not persisted: the store did not confirm in time. Please call again.',
    },
  },
  async handle({ params, caller, core, fail, reached }) {
    const key = keyOf(core, params, fail);
    const oneshot = params.Oneshot === 'yes';
    const resumeAt = params.ResumeTime ?? null;
    if (resumeAt !== null && !oneshot && resumeAt <= core.clock.now())
      throw fail('InvalidResumeTime.Malformed');
    if (params.DryRun) {
      const { publishers: Publishers, players: Players, alreadyBlocked } = core.control.preview(key);
      reached({ Outcome: 'DryRun', Publishers, Players });
      return { DryRun: true, Effect: { Publishers, Players, AlreadyBlocked: alreadyBlocked } };
    }
    const reason = params.Reason ?? null;
    const write = { caller, key, resumeAt, reason, oneshot, replace: params.Replace };
    const result = await core.control.forbid(write);
    if ('effect' in result) {
      const { publishers: Publishers, players: Players } = result.effect;
      reached({ Outcome: outcomeOf(result, oneshot), Publishers, Players });
    }
    if (result.kind !== 'done') throw fail(CODES[result.kind]);
    return {};
  },
});

/** What became of it, for the audit trail, in the words of the control history. */
function outcomeOf({ kind, replaced }: Cut, oneshot: boolean): string {
  if (kind === 'unpersisted') return 'CutNotPersisted';
  if (kind === 'exists') return 'AlreadyBlocked';
  if (oneshot) return 'CutOnce';
  return replaced ? 'Replaced' : 'Blocked';
}

type Cut = Extract<ForbidResult, { readonly effect: unknown }>;

const CODES = {
  exists: 'ConfigAlreadyExists',
  unpersisted: 'ServiceUnavailable',
  'quota-exceeded': 'QuotaExceeded.Blacklist',
  'nonce-used': 'SignatureNonceUsed',
} as const;
