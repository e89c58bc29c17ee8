import { z } from 'zod';
import { text, wrappedList } from './fields.ts';
import { DOMAIN_ERRORS, domainName, domainOf } from './names.ts';
import { defineOperation } from './operation.ts';
import { pageAnswer, pageFields, pageNumber, pageSize } from './paging.ts';

/** Lists the blocks of a domain in the vendor's short form. */
export const DescribeLiveStreamsBlockList = defineOperation({
  name: 'DescribeLiveStreamsBlockList',
  summary: 'List the streams of a domain that are forbidden.',
  doc: `An entry is \`<domain>/<app>/<stream>\` without a scheme, with the domain as the call names it. Only blocks in
force are listed. DescribeLiveStreamBlocks tells more of each.`,
  kind: 'read',
  ram: { action: 'live:DescribeLiveStreamsBlockList', level: 'get', resource: 'domain' },
  limit: { calls: 50, perSeconds: 1 },
  parameters: z.object({ DomainName: domainName, PageNum: pageNumber, PageSize: pageSize }),
  response: z.object({
    DomainName: text({ description: 'The domain, as the call names it.', example: 'push.example.com' }),
    ...pageFields,
    StreamUrls: wrappedList(
      'StreamUrl',
      text({ description: 'A stream that is kept out.', example: 'push.example.com/live/room1' }),
    ),
  }),
  errors: DOMAIN_ERRORS,
  async handle({ params, caller, core, fail }) {
    const { main, named } = domainOf(core, params.DomainName, fail);
    const page = { pageNumber: params.PageNum, pageSize: params.PageSize };
    const { accountId } = caller;
    const query = { accountId, now: core.clock.now(), domain: main, ...page };
    const { total, items } = await core.store.blocks.listBlocks(query);
    return {
      DomainName: named,
      ...pageAnswer(page, total),
      StreamUrls: { StreamUrl: items.map(({ key }) => `${named}/${key.app}/${key.stream}`) },
    };
  },
});
