import { describe, expect, it } from 'vitest';
import type { Api } from '../support/api-harness.ts';
import { formatTimestamp } from '../../src/base/timestamp.ts';
import type { Room } from '../support/fake-peers.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../support/operation-blocks.ts';
import { eachInARoom } from '../support/rooms.ts';

const action = 'DescribeLiveStreamBlocks';
let api: Api;
let room: Room;
eachInARoom((made) => ({ api, room } = made));

const params = () => ({ DomainName: 'push.example.com' });
const list = (more: Record<string, string> = {}) => api.call(action, more);
const forbid = (more: Record<string, string> = {}) =>
  api.call('ForbidLiveStream', { ...room.names, LiveStreamType: 'publisher', ...more });
const entries = async (more: Record<string, string>) =>
  ((await list(more)).json['Blocks'] as { Block: Record<string, unknown>[] }).Block;
const after = (seconds: number) => formatTimestamp(api.clock.now() + seconds * 1000);

describe('parameters', () => {
  it.each([
    ['DomainName', 'no domain!'],
    ['AppName', 'a/b'],
    ['StreamName', '*'],
    ['ExpiresBefore', 'tomorrow'],
    ['ExpiresAfter', '2026-01-01'],
    ['PageNum', '-1'],
    ['PageSize', '9999'],
  ])('refuses %s=%s', async (name, value) => {
    await expectCode(list({ [name]: value }), 400, `Invalid${name}.Malformed`);
  });
});

describe('permission', () => {
  itAsksForPermission({ api: () => api, action, params }, 'domain');

  it('asks for everything when no domain is named', async () => {
    api.policy.asked.length = 0;
    await list();
    expect(api.policy.asked).toMatchObject([{ resources: ['*'] }]);
  });
});

describe('limits', () => itIsLimitedTo(action, { calls: 50, perSeconds: 1 }));

describe('behaviour', () => {
  it('tells who blocked what, why, since when and until when', async () => {
    const Since = after(0);
    const Until = after(3600);
    await forbid({ Reason: 'a reason', ResumeTime: Until });
    const [entry, ...others] = await entries({ StreamName: room.key.stream });
    expect(others).toEqual([]);
    const { Version, ...rest } = entry!;
    expect(rest).toEqual({
      DomainName: 'play.example.com',
      AppName: 'live',
      StreamName: room.key.stream,
      Reason: 'a reason',
      Actor: api.accessKeyId,
      Since,
      Until,
    });
    api.clock.advance(10_000);
    await forbid({ Replace: 'true' });
    const [replaced] = await entries({ StreamName: room.key.stream });
    expect(replaced).toMatchObject({ Since });
    expect(replaced).not.toHaveProperty('Until');
    expect(replaced).not.toHaveProperty('Reason');
    expect(replaced!['Version']).toBeGreaterThan(Version as number);
  });

  it('filters by domain, app, stream and expiry', async () => {
    const { stream } = room.key;
    const DomainName = `filter-${stream}.example.com`;
    await forbid({ DomainName, StreamName: 'short', ResumeTime: after(60) });
    await forbid({ DomainName, StreamName: 'long', ResumeTime: after(600) });
    await forbid({ DomainName, StreamName: 'forever', AppName: 'other' });
    const names = async (filter: Record<string, string>) =>
      (await entries({ DomainName, ...filter })).map((entry) => entry['StreamName']).sort();
    expect(await names({})).toEqual(['forever', 'long', 'short']);
    expect(await names({ AppName: 'other' })).toEqual(['forever']);
    expect(await names({ StreamName: 'long' })).toEqual(['long']);
    expect(await names({ ExpiresBefore: after(600) })).toEqual(['short']);
    expect(await names({ ExpiresAfter: after(600) })).toEqual(['forever', 'long']);
    expect(await names({ ExpiresAfter: after(61), ExpiresBefore: after(601) })).toEqual(['long']);
    expect(await names({ PageSize: '2', PageNum: '2' })).toHaveLength(1);
  });

  it('names the domain as the call does', async () => {
    await forbid();
    const [entry] = await entries({ DomainName: 'push.example.com', StreamName: room.key.stream });
    expect(entry).toMatchObject({ DomainName: 'push.example.com' });
  });
});
