import { describe, expect, it } from 'vitest';
import { formatTimestamp } from '../../src/base/timestamp.ts';
import { inAccount } from '../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../support/operation-blocks.ts';
import { eachInARoom } from '../support/rooms.ts';
import type { InRoom } from '../support/rooms.ts';
import { startTestService } from '../support/service.ts';

let made: InRoom;
eachInARoom((fresh) => (made = fresh));
const status = () => made.api.call('DescribeServiceStatus');

describe('parameters', () => {
  it('has none', async () => {
    expect((await made.api.call('DescribeServiceStatus', { Anything: 'x' })).status).toBe(200);
  });
});

describe('permission', () => {
  itAsksForPermission({ api: () => made.api, action: 'DescribeServiceStatus', params: () => ({}) }, '*');

  it('is for the root account only', async () => {
    const tenant = await inAccount(made.api);
    await expectCode(tenant.call('DescribeServiceStatus'), 403, 'IllegalOperation');
  });
});

describe('limits', () => {
  itIsLimitedTo('DescribeServiceStatus', { calls: 10, perSeconds: 1 });
});

describe('behaviour', () => {
  it('counts streams and tells the time of its clock', async () => {
    const { json } = await status();
    expect(json).toMatchObject({
      Streams: 0,
      Players: 0,
      Time: formatTimestamp(made.api.clock.now()),
      FeedStalenessMs: 2,
    });
  });

  it('tells how a real service is', async () => {
    const before = Date.now();
    await using running = await startTestService({ config: { log: { levels: { store: 'error' } } } });
    const { body } = await running.call('DescribeServiceStatus', {});
    expect(body).toMatchObject({
      NodeVersion: process.version,
      Ready: true,
      TestMode: false,
      Checks: { Check: expect.arrayContaining([{ Name: 'store', State: 'ok' }]) as unknown },
      Certificates: { Certificate: [] },
      LogLevels: { LogLevel: expect.arrayContaining([{ Room: 'store', Level: 'error' }]) as unknown },
    });
    expect(body['ResidentBytes']).toBeGreaterThan(10_000_000);
    expect(Math.abs(Date.parse(String(body['StartTime'])) - before)).toBeLessThan(60_000);
  });
});
