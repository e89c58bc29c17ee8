import { describe, expect, it } from 'vitest';
import type { Api } from '../support/api-harness.ts';
import { formatTimestamp } from '../../src/base/timestamp.ts';
import { publish } from '../support/fake-peers.ts';
import type { Room } from '../support/fake-peers.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../support/operation-blocks.ts';
import { eachInARoom } from '../support/rooms.ts';

const action = 'DescribeLiveStreamsOnlineList';
let api: Api;
let room: Room;
eachInARoom((made) => ({ api, room } = made));

const params = () => ({ DomainName: 'push.example.com' });
const list = (more: Record<string, string> = {}) => api.call(action, { ...params(), ...more });
const entries = async (more: Record<string, string> = {}) => {
  const { OnlineInfo } = (await list(more)).json as {
    OnlineInfo: { LiveStreamOnlineInfo: Record<string, unknown>[] };
  };
  return OnlineInfo.LiveStreamOnlineInfo;
};
const names = async (more: Record<string, string>) =>
  (await entries(more)).map((entry) => entry['StreamName']);

describe('parameters', () => {
  it.each([
    ['DomainName', 'no domain!'],
    ['AppName', '*'],
    ['StreamType', 'some'],
    ['QueryType', 'exact'],
    ['OnlyStream', 'true'],
    ['PageNum', '0'],
    ['PageSize', '3001'],
  ])('refuses %s=%s', async (name, value) => {
    await expectCode(list({ [name]: value }), 400, `Invalid${name}.Malformed`);
  });

  it('returns page 1 of 2000 by default', async () => {
    expect((await list()).json).toMatchObject({ PageNum: 1, PageSize: 2000 });
  });
});

describe('permission', () => itAsksForPermission({ api: () => api, action, params }, 'domain'));

describe('limits', () => itIsLimitedTo(action, { calls: 10_000, perSeconds: 60 }));

describe('behaviour', () => {
  it('tells what is measured, in whole numbers', async () => {
    publish(api.core, room.key);
    const [entry] = await entries({ StreamName: room.key.stream, QueryType: 'strict' });
    expect(entry).toEqual({
      DomainName: 'push.example.com',
      AppName: 'live',
      StreamName: room.key.stream,
      PublishTime: formatTimestamp(api.clock.now()),
      PublishUrl: `rtmp://push.example.com/live/${room.key.stream}`,
      PublishDomain: 'push.example.com',
      PublishType: 'edge',
      Transcoded: 'no',
      ClientIp: '192.0.2.50',
      ServerIp: '192.0.2.1',
      Width: 1280,
      Height: 720,
      FrameRate: 25,
      VideoDataRate: 1801,
      AudioDataRate: 128,
      VideoCodecId: 7,
      AudioCodecId: 10,
    });
  });

  it('leaves out what is not known yet', async () => {
    publish(api.core, room.key, { video: null, audio: null });
    const [entry] = await entries({ StreamName: room.key.stream });
    for (const field of ['Width', 'Height', 'VideoCodecId', 'AudioCodecId'])
      expect(entry).not.toHaveProperty(field);
  });

  it('tells only names and time when asked to', async () => {
    publish(api.core, room.key);
    const [entry] = await entries({ StreamName: room.key.stream, OnlyStream: 'yes' });
    expect(Object.keys(entry!)).toEqual(['DomainName', 'AppName', 'StreamName', 'PublishTime']);
  });

  it('matches a part of the name, or the whole with QueryType=strict', async () => {
    const { stream } = room.key;
    publish(api.core, room.key);
    publish(api.core, { ...room.key, stream: `x-${stream}-x` });
    publish(api.core, { ...room.key, app: 'other' });
    expect(await names({ StreamName: `${stream}-x` })).toEqual([`x-${stream}-x`]);
    expect(await names({ StreamName: stream, QueryType: 'strict' })).toEqual([stream, stream]);
    expect(await names({ StreamName: stream, QueryType: 'strict', AppName: 'other' })).toEqual([stream]);
    expect(await names({ StreamName: stream, StreamType: 'raw' })).toHaveLength(3);
    expect(await names({ StreamName: stream, StreamType: 'trans' })).toEqual([]);
  });

  it('answers for both sides of the mapping, and pages oldest first', async () => {
    const domain = `${room.key.stream}.example.com`;
    for (const stream of ['a', 'b', 'c']) {
      publish(api.core, { domain, app: 'live', stream });
      api.clock.advance(1000);
    }
    const page = { DomainName: domain, PageSize: '2' };
    expect(await names(page)).toEqual(['a', 'b']);
    expect(await names({ ...page, PageNum: '2' })).toEqual(['c']);
    expect((await list(page)).json).toMatchObject({ TotalNum: 3, TotalPage: 2, PageNum: 1, PageSize: 2 });
    publish(api.core, room.key);
    const [entry] = await entries({ DomainName: 'play.example.com', StreamName: room.key.stream });
    expect(entry).toMatchObject({ DomainName: 'play.example.com', PublishDomain: 'push.example.com' });
  });

  it('no longer lists what was cut', async () => {
    publish(api.core, room.key);
    await api.call('ForbidLiveStream', { ...room.names, LiveStreamType: 'publisher' });
    expect(await names({ StreamName: room.key.stream, QueryType: 'strict' })).toEqual([]);
  });
});
