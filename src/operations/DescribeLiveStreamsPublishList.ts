import { z } from 'zod';
import { formatTimestamp } from '../base/timestamp.ts';
import type { PublishRecord } from '../core/ports.ts';
import { choice, shownTime, text, wrappedList } from './fields.ts';
import { DOMAIN_ERRORS, domainName, domainOf } from './names.ts';
import { defineOperation } from './operation.ts';
import { appFilter, queryType, streamFilter, streamType } from './stream-filter.ts';
import { pageAnswer, pageFields, pageNumber, pageSize } from './paging.ts';
import { endTime, SPAN_ERRORS, spanOf, startTime } from './time-span.ts';

const ORDERS = ['publish_time_asc', 'publish_time_desc', 'stream_name_asc', 'stream_name_desc'] as const;

/** Lists past and present publishes of a domain. */
export const DescribeLiveStreamsPublishList = defineOperation({
  name: 'DescribeLiveStreamsPublishList',
  summary: 'List what was published in a span of time.',
  doc: `Every publish that was live at some time of the span is an entry of its own; one that is still live has an empty
\`StopTime\`. The request counts pages with \`PageNumber\`, the answer with \`PageNum\`: both are the vendor's spelling.
\`DomainName\` in an entry is the domain as the call names it. There is no transcoding here: \`StreamType=trans\` lists nothing.`,
  kind: 'read',
  ram: { action: 'live:DescribeLiveStreamsPublishList', level: 'get', resource: 'domain' },
  limit: { calls: 3, perSeconds: 1 },
  parameters: z.object({
    DomainName: domainName,
    AppName: appFilter,
    StreamName: streamFilter,
    StartTime: startTime,
    EndTime: endTime,
    StreamType: streamType,
    QueryType: queryType,
    OrderBy: choice(ORDERS, { description: 'Order of the entries.', example: 'publish_time_desc' }).default(
      'publish_time_asc',
    ),
    PageNumber: pageNumber,
    PageSize: pageSize,
  }),
  response: z.object({
    ...pageFields,
    PublishInfo: wrappedList(
      'LiveStreamPublishInfo',
      z.object({
        DomainName: text({ description: 'Domain of the stream.', example: 'push.example.com' }),
        AppName: text({ description: 'App of the stream.', example: 'live' }),
        StreamName: text({ description: 'Name of the stream.', example: 'room1' }),
        StreamUrl: text({ description: 'Where it plays.', example: 'rtmp://play.example.com/live/room1' }),
        PublishTime: text({ description: 'When it began.', example: '2026-01-01T08:00:00Z' }),
        StopTime: text({ description: 'When it ended; empty while live.', example: '2026-01-01T09:00:00Z' }),
        PublishUrl: text({ description: 'Where it came in.', example: 'rtmp://push.example.com/live/room1' }),
        PublishDomain: text({ description: 'Domain that was named.', example: 'push.example.com' }),
        PublishType: text({ description: 'Always `edge`.', example: 'edge' }),
        ClientAddr: text({ description: 'Address of the publisher.', example: '192.0.2.7' }),
        EdgeNodeAddr: text({ description: 'Our address.', example: '192.0.2.1' }),
        Transcoded: text({ description: 'Always `no`.', example: 'no' }),
        StopReason: text({ description: 'Ours: why it ended.', example: 'forbidden' }).optional(),
      }),
    ),
  }),
  errors: { ...DOMAIN_ERRORS, ...SPAN_ERRORS },
  async handle({ params, core, fail }) {
    const { main, named } = domainOf(core, params.DomainName, fail);
    const page = { pageNumber: params.PageNumber, pageSize: params.PageSize };
    const span = spanOf(params, fail);
    // What was published before the domain was the account's is not the account's to see.
    const from = Math.max(span.from, core.owners.ownedSince(main));
    const query = { domain: main, ...span, from, ...page };
    if (params.StreamType === 'trans') return answer(0, []);
    const { total, items } = await core.store.publishes.listPublishes({
      ...query,
      ...(params.AppName !== undefined && { app: params.AppName }),
      ...(params.StreamName !== undefined && { stream: params.StreamName }),
      match: params.QueryType,
      order: params.OrderBy,
    });
    return answer(total, items);

    function answer(all: number, records: readonly PublishRecord[]) {
      const LiveStreamPublishInfo = records.map((record) => entryOf(record, named));
      return { ...pageAnswer(page, all), PublishInfo: { LiveStreamPublishInfo } };
    }
  },
});

function entryOf(record: PublishRecord, DomainName: string) {
  const { key, pushDomain } = record;
  return {
    DomainName,
    AppName: key.app,
    StreamName: key.stream,
    StreamUrl: `rtmp://${key.domain}/${key.app}/${key.stream}`,
    PublishTime: formatTimestamp(record.startedAt),
    StopTime: shownTime(record.endedAt) ?? '',
    PublishUrl: `rtmp://${pushDomain}/${key.app}/${key.stream}`,
    PublishDomain: pushDomain,
    PublishType: 'edge',
    ClientAddr: record.clientAddress,
    EdgeNodeAddr: record.serverAddress,
    Transcoded: 'no',
    StopReason: record.endReason ?? undefined,
  };
}
