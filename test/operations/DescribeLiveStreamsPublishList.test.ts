import { describe, expect, it } from 'vitest';
import type { Api } from '../support/api-harness.ts';
import { formatTimestamp } from '../../src/base/timestamp.ts';
import { publish } from '../support/fake-peers.ts';
import type { Room } from '../support/fake-peers.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../support/operation-blocks.ts';
import { eachInARoom } from '../support/rooms.ts';
import { until } from '../support/wait.ts';

const action = 'DescribeLiveStreamsPublishList';
let api: Api;
let room: Room;
eachInARoom((made) => ({ api, room } = made));

const DAY = 86_400;
const at = (seconds: number) => formatTimestamp(api.clock.now() + seconds * 1000);
const params = (more: Record<string, string> = {}) => ({
  DomainName: 'push.example.com',
  StartTime: at(-DAY),
  EndTime: at(1),
  ...more,
});
const list = (more?: Record<string, string>) => {
  api.clock.advance(1000);
  return api.call(action, params(more));
};
const entries = async (more?: Record<string, string>) => {
  const { PublishInfo } = (await list(more)).json as {
    PublishInfo: { LiveStreamPublishInfo: Record<string, unknown>[] };
  };
  return PublishInfo.LiveStreamPublishInfo;
};
const names = async (more: Record<string, string>) =>
  (await entries(more)).map((entry) => entry['StreamName']);

describe('parameters', () => {
  it.each([
    ['DomainName', 'no domain!'],
    ['AppName', 'a/b'],
    ['StartTime', '2026-01-01T00:00:00'],
    ['EndTime', '1767225600'],
    ['StreamType', 'some'],
    ['QueryType', 'like'],
    ['OrderBy', 'publish_time'],
    ['PageNumber', '0'],
    ['PageSize', '3001'],
  ])('refuses %s=%s', async (name, value) => {
    await expectCode(list({ [name]: value }), 400, `Invalid${name}.Malformed`);
  });

  it('refuses a span that is empty, backwards or longer than 30 days', async () => {
    for (const [StartTime, EndTime] of [
      [0, 0],
      [0, -1],
      [-30 * DAY, 1],
    ] as const)
      await expectCode(
        list({ StartTime: at(StartTime), EndTime: at(EndTime) }),
        400,
        'InvalidEndTime.Mismatch',
      );
    expect(await list({ StartTime: at(-30 * DAY), EndTime: at(0) })).toMatchObject({ status: 200 });
  });
});

describe('permission', () => itAsksForPermission({ api: () => api, action, params }, 'domain'));

describe('limits', () => itIsLimitedTo(action, { calls: 3, perSeconds: 1 }));

describe('behaviour', () => {
  it('lists a publish while it is live and after its end', async () => {
    const filter = { StreamName: room.key.stream, QueryType: 'strict' };
    const PublishTime = at(0);
    const { publish: live } = publish(api.core, room.key);
    await until(async () => (await names(filter)).length === 1, 'the publish is stored');
    expect((await entries(filter))[0]).toEqual({
      DomainName: 'push.example.com',
      AppName: 'live',
      StreamName: room.key.stream,
      StreamUrl: `rtmp://play.example.com/live/${room.key.stream}`,
      PublishTime,
      StopTime: '',
      PublishUrl: `rtmp://push.example.com/live/${room.key.stream}`,
      PublishDomain: 'push.example.com',
      PublishType: 'edge',
      ClientAddr: '192.0.2.50',
      EdgeNodeAddr: '192.0.2.1',
      Transcoded: 'no',
    });
    const StopTime = at(0);
    api.core.streams.detachPublisher(live, 'deleteStream');
    await until(async () => (await entries(filter))[0]?.['StopTime'] !== '', 'the end is stored');
    expect((await entries(filter))[0]).toMatchObject({ PublishTime, StopTime, StopReason: 'deleteStream' });
  });

  it('orders, filters and pages', async () => {
    const DomainName = `${room.key.stream}.example.com`;
    for (const stream of ['b-cam', 'a-cam', 'c-mic']) {
      publish(api.core, { domain: DomainName, app: stream === 'c-mic' ? 'audio' : 'live', stream });
      api.clock.advance(1000);
    }
    await until(async () => (await names({ DomainName })).length === 3, 'all are stored');
    expect(await names({ DomainName })).toEqual(['b-cam', 'a-cam', 'c-mic']);
    expect(await names({ DomainName, OrderBy: 'publish_time_desc' })).toEqual(['c-mic', 'a-cam', 'b-cam']);
    expect(await names({ DomainName, OrderBy: 'stream_name_asc' })).toEqual(['a-cam', 'b-cam', 'c-mic']);
    expect(await names({ DomainName, OrderBy: 'stream_name_desc' })).toEqual(['c-mic', 'b-cam', 'a-cam']);
    expect(await names({ DomainName, AppName: 'audio' })).toEqual(['c-mic']);
    expect(await names({ DomainName, StreamName: 'cam' })).toEqual(['b-cam', 'a-cam']);
    expect(await names({ DomainName, StreamName: 'cam', QueryType: 'strict' })).toEqual([]);
    expect(await names({ DomainName, StreamType: 'trans' })).toEqual([]);
    expect(await names({ DomainName, StreamType: 'raw' })).toHaveLength(3);
    expect(await names({ DomainName, PageSize: '2', PageNumber: '2' })).toEqual(['c-mic']);
    expect((await list({ DomainName, PageSize: '2', PageNumber: '2' })).json).toMatchObject({
      PageNum: 2,
      PageSize: 2,
      TotalNum: 3,
      TotalPage: 2,
    });
  });

  it('answers for both sides of the mapping', async () => {
    publish(api.core, room.key);
    const filter = { StreamName: room.key.stream, QueryType: 'strict', DomainName: 'play.example.com' };
    await until(async () => (await names(filter)).length === 1, 'the publish is stored');
    expect((await entries(filter))[0]).toMatchObject({ DomainName: 'play.example.com' });
  });
});
