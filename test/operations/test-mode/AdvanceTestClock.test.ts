import { describe, expect, it } from 'vitest';
import { formatTimestamp } from '../../../src/base/timestamp.ts';
import type { Api } from '../../support/api-harness.ts';
import { publish } from '../../support/fake-peers.ts';
import type { Room } from '../../support/fake-peers.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { eachInTestMode } from '../../support/rooms.ts';

const action = 'AdvanceTestClock';
let api: Api;
let room: Room;
eachInTestMode((made) => ({ api, room } = made));

const advance = (seconds: number | string) => api.call(action, { Seconds: String(seconds) });
const shift = async () => (await api.call('DescribeTestState')).json['ShiftSeconds'];

describe('parameters', () => {
  it.each(['0', '-60', '31622401', '1.5', 'an hour'])('refuses Seconds=%s', async (seconds) => {
    await expectCode(advance(seconds), 400, 'InvalidSeconds.Malformed');
    expect(await shift()).toBe(0);
  });

  it('refuses to leave the year 2099', async () => {
    await api.call('SetTestClock', { Time: '2099-12-31T23:59:00Z' });
    await expectCode(advance(60), 400, 'InvalidSeconds.Malformed');
    expect(await advance(59)).toMatchObject({ status: 200, json: { Time: '2099-12-31T23:59:59Z' } });
  });
});

describe('permission', () => {
  itAsksForPermission({ api: () => api, action, params: () => ({ Seconds: '1' }) }, '*');
});

describe('limits', () => itIsLimitedTo(action, { calls: 100, perSeconds: 1 }));

describe('behaviour', () => {
  it('moves the calendar by as much, and moves add up', async () => {
    const start = api.clock.now();
    const first = await advance(3600);
    expect(first.json).toMatchObject({ Time: formatTimestamp(start + 3_600_000), ShiftSeconds: 3600 });
    await advance(60);
    expect(await shift()).toBe(3660);
    expect(api.core.clock.now()).toBe(start + 3_660_000);
  });

  it('makes a ResumeTime elapse', async () => {
    const ResumeTime = formatTimestamp(api.clock.now() + 3_600_000);
    await api.call('ForbidLiveStream', { ...room.names, LiveStreamType: 'publisher', ResumeTime });
    expect(() => publish(api.core, room.key)).toThrow('blocked');

    await advance(3599);
    expect(() => publish(api.core, room.key)).toThrow('blocked');
    await advance(1);
    expect(publish(api.core, room.key).cuts).toEqual([]);
  });

  it('makes a session expire', async () => {
    const claims = { accountId: api.accountId, roleId: 'none', sessionName: 's', policy: null };
    const session = api.store.sessions.issue({ ...claims, expiresAt: api.clock.now() + 900_000 });
    const call = () =>
      api.call(
        'DescribeTestState',
        {},
        {
          accessKeyId: session.accessKeyId,
          accessKeySecret: session.secret,
          securityToken: session.token,
        },
      );
    // The role is not there; that it is looked for means that the session holds.
    expect((await call()).json['Message']).toContain('its role does not exist');
    await advance(900);
    expect((await call()).json).toMatchObject({
      Code: 'InvalidSecurityToken.Expired',
      Message: 'Specified SecurityToken is expired.',
    });
  });

  it('leaves signing, limits and live streams in real time', async () => {
    const live = publish(api.core, room.key);
    const count = () => api.call('DescribeLiveStreamCount', { DomainName: 'play.example.com' });
    await count();
    await advance(366 * 86_400);
    await expectCode(count(), 400, 'Throttling.User');
    expect(live.cuts).toEqual([]);
    api.clock.advance(1000);
    expect((await count()).status).toBe(200);
  });

  it.each(['ForbidLiveStream', 'DescribeLiveStreamState'])(
    'still refuses a replay of %s, also after the sweep of the later time',
    async (replayed) => {
      const raw = api.sign(replayed, { ...room.names, LiveStreamType: 'publisher' });
      expect((await api.send(raw)).status).toBe(200);
      await advance(3600);
      await api.store.sweep(api.core.clock.now());
      await expectCode(api.send(raw), 400, 'SignatureNonceUsed');
    },
  );

  it('stamps history with the new time', async () => {
    await advance(86_400);
    await api.call('ForbidLiveStream', { ...room.names, LiveStreamType: 'publisher' });
    const now = api.core.clock.now();
    const { json } = await api.call('DescribeLiveStreamsControlHistory', {
      DomainName: room.names.DomainName,
      AppName: room.names.AppName,
      StartTime: formatTimestamp(now - 1000),
      EndTime: formatTimestamp(now + 1000),
    });
    expect(json).toMatchObject({ ControlInfo: { LiveStreamControlInfo: [{ Action: 'ForbidLiveStream' }] } });
  });
});
