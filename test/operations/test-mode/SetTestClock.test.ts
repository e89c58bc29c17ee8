import { describe, expect, it } from 'vitest';
import { formatTimestamp } from '../../../src/base/timestamp.ts';
import type { Api } from '../../support/api-harness.ts';
import { publish } from '../../support/fake-peers.ts';
import type { Room } from '../../support/fake-peers.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { eachInTestMode } from '../../support/rooms.ts';

const action = 'SetTestClock';
let api: Api;
let room: Room;
eachInTestMode((made) => ({ api, room } = made));

const set = (Time: string) => api.call(action, { Time });
const clockNow = async () => (await api.call('DescribeTestState')).json['Time'];

describe('parameters', () => {
  it.each(['1999-12-31T23:59:59Z', '2100-01-01T00:00:00Z', '2026-02-30T00:00:00Z', 'tomorrow'])(
    'refuses Time=%s and changes nothing',
    async (time) => {
      const before = await clockNow();
      await expectCode(set(time), 400, 'InvalidTime.Malformed');
      expect(await clockNow()).toBe(before);
    },
  );
});

describe('permission', () => {
  itAsksForPermission({ api: () => api, action, params: () => ({ Time: '2026-06-01T12:00:00Z' }) }, '*');
});

describe('limits', () => itIsLimitedTo(action, { calls: 100, perSeconds: 1 }));

describe('behaviour', () => {
  it('sets the time, which goes on from there', async () => {
    const { json } = await set('2031-05-06T07:08:09Z');
    expect(json).toMatchObject({ Time: '2031-05-06T07:08:09Z' });
    api.clock.advance(2000);
    expect(await clockNow()).toBe('2031-05-06T07:08:11Z');
    expect((await set('2025-01-01T00:00:00Z')).json['ShiftSeconds']).toBeLessThan(0);
    expect(await clockNow()).toBe('2025-01-01T00:00:00Z');
  });

  it('puts a block in force again when the time goes back, and leaves who came in meanwhile', async () => {
    const start = api.clock.now();
    const ResumeTime = formatTimestamp(start + 60_000);
    await api.call('ForbidLiveStream', { ...room.names, LiveStreamType: 'publisher', ResumeTime });
    await set(formatTimestamp(start + 60_000));
    const live = publish(api.core, room.key);

    await set(formatTimestamp(start));
    const state = await api.call('DescribeLiveStreamState', room.names);
    expect(state.json['StreamState']).toBe('forbidden');
    expect(live.cuts).toEqual([]);
  });

  it('cannot bring back a block that was swept', async () => {
    const start = api.clock.now();
    const ResumeTime = formatTimestamp(start + 60_000);
    await api.call('ForbidLiveStream', { ...room.names, LiveStreamType: 'publisher', ResumeTime });
    await set(formatTimestamp(start + 60_000));
    await api.store.sweep(api.core.clock.now());
    await api.core.feed.refresh();
    await set(formatTimestamp(start));
    const state = await api.call('DescribeLiveStreamState', room.names);
    expect(state.json['StreamState']).toBe('offline');
  });

  it('takes nothing from callers, who sign with real time', async () => {
    await set('2090-01-01T00:00:00Z');
    expect((await api.call('DescribeLiveStreamState', room.names)).status).toBe(200);
    await expectCode(
      api.call('DescribeLiveStreamState', room.names, { date: '2090-01-01T00:00:00Z' }),
      400,
      'InvalidTimeStamp.Expired',
    );
  });
});
