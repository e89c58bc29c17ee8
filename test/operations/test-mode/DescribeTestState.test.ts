import { describe, expect, it } from 'vitest';
import { formatTimestamp } from '../../../src/base/timestamp.ts';
import type { Api } from '../../support/api-harness.ts';
import type { Room } from '../../support/fake-peers.ts';
import { itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { eachInTestMode } from '../../support/rooms.ts';

const action = 'DescribeTestState';
let api: Api;
let room: Room;
eachInTestMode((made) => ({ api, room } = made));

describe('parameters', () => {
  it('takes none', async () => expect((await api.call(action)).status).toBe(200));
});

describe('permission', () => itAsksForPermission({ api: () => api, action, params: () => ({}) }, '*'));

describe('limits', () => itIsLimitedTo(action, { calls: 100, perSeconds: 1 }));

describe('behaviour', () => {
  it('shows real time and no faults at first', async () => {
    const now = formatTimestamp(api.clock.now());
    const { RequestId: _, ...state } = (await api.call(action)).json;
    expect(state).toEqual({ Time: now, RealTime: now, ShiftSeconds: 0, Faults: { Fault: [] } });
  });

  it('shows a moved clock beside real time', async () => {
    const start = api.clock.now();
    await api.call('AdvanceTestClock', { Seconds: '90' });
    expect((await api.call(action)).json).toMatchObject({
      Time: formatTimestamp(start + 90_000),
      RealTime: formatTimestamp(start),
      ShiftSeconds: 90,
    });
  });

  it('counts the calls that met a fault, and those that will', async () => {
    const state = () => api.call('DescribeLiveStreamState', room.names);
    const named = { ActionName: 'DescribeLiveStreamState' };
    await api.call('InjectTestFault', { ...named, Fault: 'unavailable', Count: '3' });
    await api.call('InjectTestFault', { ActionName: '*', Fault: 'delay', DelayMs: '5' });
    await state();
    await state();
    expect((await api.call(action)).json['Faults']).toEqual({
      Fault: [
        { ...named, Fault: 'unavailable', Hits: 2, Remaining: 1 },
        { ActionName: '*', Fault: 'delay', Hits: 0, DelayMs: 5 },
      ],
    });
  });
});
