import { z } from 'zod';
import { formatTimestamp } from '../base/timestamp.ts';
import { formatKey } from '../core/names.ts';
import { pageOf } from '../core/page.ts';
import type { Publish } from '../core/streams.ts';
import { choice, count, text, wrappedList } from './fields.ts';
import { DOMAIN_ERRORS, domainName, domainOf } from './names.ts';
import { defineOperation } from './operation.ts';
import { appFilter, queryType, streamFilter, streamType } from './stream-filter.ts';
import { pageAnswer, pageFields, pageNumber, pageSize } from './paging.ts';

/** Lists the live streams of a domain. */
export const DescribeLiveStreamsOnlineList = defineOperation({
  name: 'DescribeLiveStreamsOnlineList',
  summary: 'List the streams of a domain that are live, with what is measured of them.',
  doc: `Oldest publish first. \`DomainName\` in an entry is the domain as the call names it, \`PublishDomain\` the one that
the publisher named. Rates are of the last seconds, rounded; what is not known yet is left out. There is no transcoding
here: \`StreamType=trans\` lists nothing.`,
  kind: 'read',
  ram: { action: 'live:DescribeLiveStreamsOnlineList', level: 'get', resource: 'domain' },
  limit: { calls: 10_000, perSeconds: 60 },
  parameters: z.object({
    DomainName: domainName,
    AppName: appFilter,
    StreamName: streamFilter,
    StreamType: streamType,
    QueryType: queryType,
    OnlyStream: choice(['yes', 'no'], {
      description: '`yes`: only DomainName, AppName, StreamName and PublishTime of each stream.',
      example: 'no',
    }).default('no'),
    PageNum: pageNumber,
    PageSize: pageSize,
  }),
  response: z.object({
    ...pageFields,
    OnlineInfo: wrappedList(
      'LiveStreamOnlineInfo',
      z.object({
        DomainName: text({ description: 'Domain of the stream.', example: 'push.example.com' }),
        AppName: text({ description: 'App of the stream.', example: 'live' }),
        StreamName: text({ description: 'Name of the stream.', example: 'room1' }),
        PublishTime: text({ description: 'When the publish began.', example: '2026-01-01T08:00:00Z' }),
        PublishUrl: text({ description: 'Where.', example: 'rtmp://push.example.com/live/room1' }).optional(),
        PublishDomain: text({
          description: 'Domain that was named.',
          example: 'push.example.com',
        }).optional(),
        PublishType: text({ description: 'Always `edge`.', example: 'edge' }).optional(),
        Transcoded: text({ description: 'Always `no`.', example: 'no' }).optional(),
        ClientIp: text({ description: 'Address of the publisher.', example: '192.0.2.7' }).optional(),
        ServerIp: text({ description: 'Our address.', example: '192.0.2.1' }).optional(),
        Width: count({ description: 'Pixels.', example: '1280' }).optional(),
        Height: count({ description: 'Pixels.', example: '720' }).optional(),
        FrameRate: count({ description: 'Frames per second.', example: '25' }).optional(),
        VideoDataRate: count({ description: 'kbit/s.', example: '1800' }).optional(),
        AudioDataRate: count({ description: 'kbit/s.', example: '128' }).optional(),
        VideoCodecId: count({ description: 'Codec id of FLV; 7 is AVC.', example: '7' }).optional(),
        AudioCodecId: count({ description: 'Codec id of FLV; 10 is AAC.', example: '10' }).optional(),
      }),
    ),
  }),
  errors: DOMAIN_ERRORS,
  handle({ params, core, fail }) {
    const { main, named } = domainOf(core, params.DomainName, fail);
    const { AppName, StreamName = '', QueryType, StreamType } = params;
    const matches = ({ key }: Publish): boolean =>
      (AppName === undefined || key.app === AppName) &&
      (QueryType === 'fuzzy' || StreamName === ''
        ? key.stream.includes(StreamName)
        : key.stream === StreamName);
    const live = StreamType === 'trans' ? [] : core.streams.list(main).filter(matches);
    live.sort((a, b) => a.startedAt - b.startedAt || (formatKey(a.key) < formatKey(b.key) ? -1 : 1));
    const page = { pageNumber: params.PageNum, pageSize: params.PageSize };
    const { total, items } = pageOf(live, page);
    const entryOf = params.OnlyStream === 'yes' ? shortEntry : fullEntry;
    const LiveStreamOnlineInfo = items.map((publish) => entryOf(publish, named));
    return { ...pageAnswer(page, total), OnlineInfo: { LiveStreamOnlineInfo } };
  },
});

function shortEntry({ key, startedAt }: Publish, DomainName: string) {
  return {
    DomainName,
    AppName: key.app,
    StreamName: key.stream,
    PublishTime: formatTimestamp(startedAt),
  };
}

function fullEntry(publish: Publish, domain: string) {
  const { key, publisher, startedAt } = publish;
  const stats = publisher.stats();
  return {
    DomainName: domain,
    AppName: key.app,
    StreamName: key.stream,
    PublishTime: formatTimestamp(startedAt),
    PublishUrl: `rtmp://${publisher.pushDomain}/${key.app}/${key.stream}`,
    PublishDomain: publisher.pushDomain,
    PublishType: 'edge',
    Transcoded: 'no',
    ClientIp: publisher.clientAddress,
    ServerIp: publisher.serverAddress,
    Width: stats.video?.width ?? undefined,
    Height: stats.video?.height ?? undefined,
    FrameRate: Math.round(stats.fps),
    VideoDataRate: Math.round(stats.videoKbps),
    AudioDataRate: Math.round(stats.audioKbps),
    VideoCodecId: stats.video?.flvCodecId,
    AudioCodecId: stats.audio?.flvCodecId,
  };
}
