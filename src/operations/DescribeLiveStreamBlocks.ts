import { z } from 'zod';
import type { Block } from '../core/blocks.ts';
import { formatTimestamp } from '../base/timestamp.ts';
import { count, shownTime, text, time, wrappedList } from './fields.ts';
import { DOMAIN_ERRORS, domainName, domainOf } from './names.ts';
import { defineOperation } from './operation.ts';
import { appFilter, streamFilter } from './stream-filter.ts';
import { pageAnswer, pageFields, pageNumber, pageSize } from './paging.ts';

/** Lists blocks with all that is known of them. Ours. */
export const DescribeLiveStreamBlocks = defineOperation({
  name: 'DescribeLiveStreamBlocks',
  summary: 'List the blocks of the account with reason, actor and times (ours).',
  doc: `Not an operation of the vendor. Lists blocks in force that every given filter lets through. A block without
\`Until\` stays until it is resumed: \`ExpiresBefore\` leaves it out and \`ExpiresAfter\` lets it through.
\`DomainName\` in an entry is the main domain, or the domain that the call names.`,
  kind: 'read',
  ram: { action: 'live:DescribeLiveStreamBlocks', level: 'list', resource: 'domain' },
  limit: { calls: 50, perSeconds: 1 },
  parameters: z.object({
    DomainName: domainName.optional(),
    AppName: appFilter,
    StreamName: streamFilter,
    ExpiresBefore: time({
      description: 'Only blocks that end before this time.',
      example: '2030-01-01T00:00:00Z',
    }).optional(),
    ExpiresAfter: time({
      description: 'Only blocks that end at this time or later, or never.',
      example: '2026-01-01T00:00:00Z',
    }).optional(),
    PageNum: pageNumber,
    PageSize: pageSize,
  }),
  response: z.object({
    ...pageFields,
    Blocks: wrappedList(
      'Block',
      z.object({
        DomainName: text({ description: 'Domain of the stream.', example: 'push.example.com' }),
        AppName: text({ description: 'App of the stream.', example: 'live' }),
        StreamName: text({ description: 'Name of the stream.', example: 'room1' }),
        Reason: text({ description: 'Why, if the call said so.', example: 'copyright claim' }).optional(),
        Actor: text({ description: 'AccessKeyId of the last change.', example: 'LTAI5tExample' }),
        Since: text({ description: 'When the stream was forbidden.', example: '2026-01-01T08:00:00Z' }),
        Until: text({ description: 'When it may come back.', example: '2030-01-01T00:00:00Z' }).optional(),
        Version: count({ description: 'Grows with every change of any block.', example: '42' }),
      }),
    ),
  }),
  errors: DOMAIN_ERRORS,
  async handle({ params, caller, core, fail }) {
    const domain = params.DomainName ? domainOf(core, params.DomainName, fail) : undefined;
    const page = { pageNumber: params.PageNum, pageSize: params.PageSize };
    const { total, items } = await core.store.blocks.listBlocks({
      ...page,
      accountId: caller.accountId,
      now: core.clock.now(),
      ...(domain && { domain: domain.main }),
      ...(params.AppName !== undefined && { app: params.AppName }),
      ...(params.StreamName !== undefined && { stream: params.StreamName }),
      ...(params.ExpiresBefore !== undefined && { expiresBefore: params.ExpiresBefore }),
      ...(params.ExpiresAfter !== undefined && { expiresAfter: params.ExpiresAfter }),
    });
    const entries = items.map((block) => entryOf(block, domain?.named ?? block.key.domain));
    return { ...pageAnswer(page, total), Blocks: { Block: entries } };
  },
});

function entryOf(block: Block, DomainName: string) {
  return {
    DomainName,
    AppName: block.key.app,
    StreamName: block.key.stream,
    Reason: block.reason ?? undefined,
    Actor: block.actor,
    Since: formatTimestamp(block.createdAt),
    Until: shownTime(block.resumeAt),
    Version: block.version,
  };
}
