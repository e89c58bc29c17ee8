import { expect, it } from 'vitest';
import { BLOCK_QUOTA } from '../../src/core/stream-control.ts';
import { formatTimestamp } from '../../src/base/timestamp.ts';
import { startApi } from '../support/api-harness.ts';
import type { Api } from '../support/api-harness.ts';

const names = (stream: string): Record<string, string> => ({
  DomainName: 'play.example.com',
  AppName: 'live',
  StreamName: stream,
  LiveStreamType: 'publisher',
});

/** Blocks in force, made past the gateway's throttle but by the same statements. */
async function fill(api: Api, count: number, resumeAt: number): Promise<void> {
  const caller = {
    accountId: api.accountId,
    accessKeyId: api.accessKeyId,
    requestId: 'R',
    at: 0,
    actor: 'root',
    target: null,
    action: 'ForbidLiveStream',
    clientAddress: '192.0.2.7',
  };
  const forbid = (index: number): Promise<unknown> =>
    api.store.blocks.forbid({
      caller: { ...caller, nonce: `fill-${index}` },
      key: { domain: 'play.example.com', app: 'live', stream: `full${index}` },
      now: api.clock.now(),
      resumeAt: index === 0 ? resumeAt : null,
      reason: null,
      replace: false,
      oneshot: false,
      quota: BLOCK_QUOTA,
    });
  for (let from = 0; from < count; from += 1000)
    await Promise.all(Array.from({ length: 1000 }, (_, index) => forbid(from + index)));
}

it('lets an account have 10,000 blocks in force, and not one more', async () => {
  await using api = await startApi();
  expect(BLOCK_QUOTA).toBe(10_000);
  const resumeAt = api.clock.now() + 60_000;
  await fill(api, BLOCK_QUOTA, resumeAt);
  const forbid = async (stream: string, more: Record<string, string> = {}): Promise<unknown> =>
    (await api.call('ForbidLiveStream', { ...names(stream), ...more })).json['Code'] ?? 'done';

  expect(await forbid('one-more')).toBe('QuotaExceeded.Blacklist');
  expect(await forbid('one-more', { Oneshot: 'yes' })).toBe('done');
  expect(await forbid('full7')).toBe('ConfigAlreadyExists');
  expect(await forbid('full7', { Replace: 'true', ResumeTime: formatTimestamp(resumeAt) })).toBe('done');

  // Room is made by a resume, and by the mere passing of a resume time.
  await api.call('ResumeLiveStream', names('full8'));
  expect(await forbid('one-more')).toBe('done');
  expect(await forbid('two-more')).toBe('QuotaExceeded.Blacklist');
  api.clock.advance(60_000);
  expect(await forbid('two-more')).toBe('done');
  expect(await forbid('three-more')).toBe('done');
  expect(await forbid('four-more')).toBe('QuotaExceeded.Blacklist');

  const list = await api.call('DescribeLiveStreamsBlockList', {
    DomainName: 'play.example.com',
    PageSize: '3000',
  });
  expect(list.json).toMatchObject({ TotalNum: BLOCK_QUOTA, TotalPage: 4 });
}, 180_000);
