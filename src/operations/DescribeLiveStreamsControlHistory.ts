import { z } from 'zod';
import { formatTimestamp } from '../base/timestamp.ts';
import { formatKey } from '../core/names.ts';
import type { ControlRecord } from '../core/ports.ts';
import { choice, count, shownTime, text, wrappedList } from './fields.ts';
import { DOMAIN_ERRORS, domainName, domainOf } from './names.ts';
import { defineOperation } from './operation.ts';
import { appFilter } from './stream-filter.ts';
import { endTime, SPAN_ERRORS, spanOf, startTime } from './time-span.ts';

/** The operation has no paging, so an answer must end somewhere. */
const MAX_ROWS = 5000;

/** Lists who forbade and resumed streams of a domain. */
export const DescribeLiveStreamsControlHistory = defineOperation({
  name: 'DescribeLiveStreamsControlHistory',
  summary: 'List the calls that forbade or resumed streams of a domain.',
  doc: `The calls of your account, newest first, at most ${MAX_ROWS} entries: narrow the span for more. Entries are kept 90 days. \`StreamName\` is
\`<domain>/<app>/<stream>\` (the vendor's pages show this and the bare name; an answer has no other place for the app), with
the domain as the call names it and \`*\` for the app of a resume in every app. The fields after \`TimeStamp\` are ours.`,
  kind: 'read',
  ram: { action: 'live:DescribeLiveStreamsControlHistory', level: 'get', resource: 'domain' },
  limit: { calls: 50, perSeconds: 1 },
  parameters: z.object({
    DomainName: domainName,
    AppName: appFilter,
    StartTime: startTime,
    EndTime: endTime,
  }),
  response: z.object({
    ControlInfo: wrappedList(
      'LiveStreamControlInfo',
      z.object({
        Action: text({ description: 'Operation that was called.', example: 'ForbidLiveStream' }),
        ClientIP: text({ description: 'Address of the caller.', example: '192.0.2.7' }),
        StreamName: text({ description: 'The stream.', example: 'push.example.com/live/room1' }),
        TimeStamp: text({ description: 'When.', example: '2026-01-01T08:00:00Z' }),
        AccessKeyId: text({ description: 'Who.', example: 'LTAI5tExample' }),
        CallId: text({
          description: 'RequestId of the call.',
          example: 'A57FBFD7-FC9A-54FE-A876-4D5E19577186',
        }),
        Reason: text({ description: 'Why, if the call said so.', example: 'copyright claim' }).optional(),
        Effect: z
          .object({
            State: choice(['applied', 'unknown'], {
              description: '`unknown`: the service ended between the commit and the cut.',
              example: 'applied',
            }),
            Publishers: count({ description: 'Publishers that were cut.', example: '1' }).optional(),
            Players: count({ description: 'Players that were ended.', example: '12' }).optional(),
          })
          .optional(),
        Outcome: choice(['Blocked', 'Replaced', 'AlreadyBlocked', 'CutOnce', 'Resumed'], {
          description:
            'What became of the call. `Blocked`, `Replaced`: the stream was cut and is kept out; `AlreadyBlocked`: it was cut, and the block in force stayed as it was; `CutOnce`: it was cut without a block; `Resumed`: the block, if there was one, was lifted.',
          example: 'Blocked',
        }),
        ResumeTime: text({
          description:
            'When the block ends that the call made (`AlreadyBlocked`: that it found). Absent: not before it is resumed, or there is no block.',
          example: '2026-01-02T00:00:00Z',
        }).optional(),
      }),
    ),
  }),
  errors: { ...DOMAIN_ERRORS, ...SPAN_ERRORS },
  async handle({ params, caller, core, fail }) {
    const { main, named } = domainOf(core, params.DomainName, fail);
    const app = params.AppName === undefined ? {} : { app: params.AppName };
    const query = { accountId: caller.accountId, domain: main, ...app, ...spanOf(params, fail) };
    const records = await core.store.blocks.listControlHistory(query, MAX_ROWS);
    return { ControlInfo: { LiveStreamControlInfo: records.map((record) => entryOf(record, named)) } };
  },
});

const OUTCOMES = {
  blocked: 'Blocked',
  replaced: 'Replaced',
  exists: 'AlreadyBlocked',
  'cut-once': 'CutOnce',
  resumed: 'Resumed',
} as const;

function entryOf(record: ControlRecord, domain: string) {
  return {
    Action: record.action,
    ClientIP: record.clientAddress,
    StreamName: formatKey({ ...record.key, domain }),
    TimeStamp: formatTimestamp(record.at),
    AccessKeyId: record.accessKeyId,
    CallId: record.requestId,
    Reason: record.reason ?? undefined,
    Effect: effectOf(record.effect),
    Outcome: OUTCOMES[record.outcome],
    ResumeTime: shownTime(record.resumeAt),
  };
}

function effectOf(effect: ControlRecord['effect']) {
  if (effect === null) return undefined;
  if (effect === 'unknown') return { State: 'unknown' as const };
  return { State: 'applied' as const, Publishers: effect.publishers, Players: effect.players };
}
