import { describe, expect, it } from 'vitest';
import type { Api } from '../support/api-harness.ts';
import { newRoom } from '../support/fake-peers.ts';
import type { Room } from '../support/fake-peers.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../support/operation-blocks.ts';
import { eachInARoom } from '../support/rooms.ts';

const action = 'DescribeLiveStreamsBlockList';
let api: Api;
let room: Room;
eachInARoom((made) => ({ api, room } = made));

const params = () => ({ DomainName: 'push.example.com' });
const list = (more: Record<string, string> = {}) => api.call(action, { ...params(), ...more });
const forbid = (names: Room['names'], more: Record<string, string> = {}) =>
  api.call('ForbidLiveStream', { ...names, LiveStreamType: 'publisher', ...more });
const urls = (json: Record<string, unknown>) => (json['StreamUrls'] as { StreamUrl: string[] }).StreamUrl;

describe('parameters', () => {
  it.each([
    ['DomainName', 'no domain!'],
    ['PageNum', '0'],
    ['PageSize', '0'],
    ['PageSize', '3001'],
    ['PageSize', '1e3'],
  ])('refuses %s=%s', async (name, value) => {
    await expectCode(list({ [name]: value }), 400, `Invalid${name}.Malformed`);
  });

  it('returns page 1 of 2000 by default', async () => {
    expect((await list()).json).toMatchObject({ PageNum: 1, PageSize: 2000 });
    expect(await list({ PageSize: '3000' })).toMatchObject({ status: 200 });
  });
});

describe('permission', () => itAsksForPermission({ api: () => api, action, params }, 'domain'));

describe('limits', () => itIsLimitedTo(action, { calls: 50, perSeconds: 1 }));

describe('behaviour', () => {
  it('lists blocks in force, with the domain as the call names it', async () => {
    await forbid(room.names);
    await forbid({ ...newRoom().names, DomainName: 'elsewhere.example.com' });
    const { StreamName } = room.names;
    const push = await list();
    expect(push.json).toMatchObject({ DomainName: 'push.example.com' });
    expect(urls(push.json)).toContain(`push.example.com/live/${StreamName}`);
    const play = await list({ DomainName: 'PLAY.example.com' });
    expect(play.json).toMatchObject({ DomainName: 'play.example.com', TotalNum: push.json['TotalNum'] });
    expect(urls(play.json)).toContain(`play.example.com/live/${StreamName}`);
    expect(urls(play.json).every((url) => url.startsWith('play.example.com/'))).toBe(true);
  });

  it('pages through a domain of its own', async () => {
    const DomainName = 'pages.example.com';
    for (const StreamName of ['a', 'b', 'c']) await forbid({ DomainName, AppName: 'live', StreamName });
    const seen: string[] = [];
    for (const PageNum of ['1', '2', '3']) {
      const { json } = await list({ DomainName, PageNum, PageSize: '2' });
      expect(json).toMatchObject({ PageNum: Number(PageNum), PageSize: 2, TotalNum: 3, TotalPage: 2 });
      seen.push(...urls(json));
    }
    expect(seen.sort()).toEqual(['a', 'b', 'c'].map((name) => `${DomainName}/live/${name}`));
  });

  it('answers an empty list in its wrapper', async () => {
    const { json } = await list({ DomainName: 'empty.example.com' });
    expect(json).toMatchObject({ TotalNum: 0, TotalPage: 0, StreamUrls: { StreamUrl: [] } });
  });

  it('drops a block that has ended by itself', async () => {
    const DomainName = 'brief.example.com';
    const ResumeTime = new Date(api.clock.now() + 2000).toISOString().replace('.000Z', 'Z');
    await forbid({ ...room.names, DomainName }, { ResumeTime });
    expect((await list({ DomainName })).json).toMatchObject({ TotalNum: 1 });
    api.clock.advance(2000);
    expect((await list({ DomainName })).json).toMatchObject({ TotalNum: 0 });
  });
});
