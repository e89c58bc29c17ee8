import { z } from 'zod';
import { choice, count, text, wrappedList } from './fields.ts';
import { DOMAIN_ERRORS, domainName, domainOf } from './names.ts';
import { defineOperation } from './operation.ts';

/** Counts the live streams of a domain. */
export const DescribeLiveStreamCount = defineOperation({
  name: 'DescribeLiveStreamCount',
  summary: 'Count the live streams of a domain, by kind and codec.',
  doc: `Streams whose codec is not known yet, or that have no video, are in \`Count\` but in none of the details. There is
no transcoding here: the entry \`trans\` is always 0, and no entry has a \`Limit\`.`,
  kind: 'read',
  ram: { action: 'live:DescribeLiveStreamCount', level: 'get', resource: 'domain' },
  limit: { calls: 1, perSeconds: 1 },
  parameters: z.object({ DomainName: domainName }),
  response: z.object({
    StreamCountInfos: wrappedList(
      'StreamCountInfo',
      z.object({
        Type: choice(['raw', 'trans'], { description: 'As published, or transcoded.', example: 'raw' }),
        Count: count({ description: 'Streams of this kind.', example: '3' }),
        StreamCountDetails: wrappedList(
          'StreamCountDetail',
          z.object({
            Format: text({ description: 'Video codec.', example: 'h264' }),
            Count: count({ description: 'Streams of this codec.', example: '2' }),
          }),
        ),
      }),
    ),
  }),
  errors: DOMAIN_ERRORS,
  handle({ params, core, fail }) {
    const live = core.streams.list(domainOf(core, params.DomainName, fail).main);
    const formats = live.flatMap(({ publisher }) => formatOf(publisher.stats().video?.codec));
    const StreamCountDetail = [...new Set(formats)].sort().map((Format) => ({
      Format,
      Count: formats.filter((format) => format === Format).length,
    }));
    return {
      StreamCountInfos: {
        StreamCountInfo: [
          { Type: 'raw' as const, Count: live.length, StreamCountDetails: { StreamCountDetail } },
          { Type: 'trans' as const, Count: 0, StreamCountDetails: { StreamCountDetail: [] } },
        ],
      },
    };
  },
});

/** The vendor's word for a codec; what is not known counts as none. */
function formatOf(codec = 'unknown'): string[] {
  return codec === 'unknown' ? [] : [codec === 'hevc' ? 'h265' : codec];
}
