import { describe, expect, it } from 'vitest';
import type { Api } from '../support/api-harness.ts';
import { newRoom, publish } from '../support/fake-peers.ts';
import type { Room } from '../support/fake-peers.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../support/operation-blocks.ts';
import { eachInARoom } from '../support/rooms.ts';

const action = 'ResumeLiveStream';
let api: Api;
let room: Room;
eachInARoom((made) => ({ api, room } = made));

const params = (more: Record<string, string> = {}) => ({
  ...room.names,
  LiveStreamType: 'publisher',
  ...more,
});
const resume = (more?: Record<string, string>) => api.call(action, params(more));
const forbid = (more?: Record<string, string>) => api.call('ForbidLiveStream', params(more));
const isBlocked = (app = 'live') => api.core.control.preview({ ...room.key, app }).alreadyBlocked;

describe('parameters', () => {
  it.each([
    ['LiveStreamType', 'player'],
    ['AppName', 'a/b'],
    ['StreamName', '*'],
    ['DomainName', 'no domain!'],
  ])('refuses %s=%s and changes nothing', async (name, value) => {
    await forbid();

    await expectCode(resume({ [name]: value }), 400, `Invalid${name}.Malformed`);
    expect(isBlocked()).toBe(true);
  });

  it('refuses a bad StreamName in every app too', async () => {
    await expectCode(resume({ AppName: '*', StreamName: 'a/b' }), 400, 'InvalidStreamName.Malformed');
  });
});

describe('permission', () => {
  itAsksForPermission({ api: () => api, action, params }, 'domain');

  it('leaves the block when it is denied', async () => {
    await forbid();
    api.policy.decision = 'explicit-deny';
    await expectCode(
      resume().finally(() => (api.policy.decision = undefined)),
      403,
      'NoPermission',
    );
    expect(isBlocked()).toBe(true);
  });
});

describe('limits', () => itIsLimitedTo(action, { calls: 30, perSeconds: 1 }));

describe('behaviour', () => {
  it('lets the stream in again at once', async () => {
    await forbid();
    const answer = await resume();
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.json)).toEqual(['RequestId']);
    expect(isBlocked()).toBe(false);
    publish(api.core, room.key);
  });

  it('takes what is not blocked', async () => {
    expect(await resume()).toMatchObject({ status: 200 });
  });

  it('tells the audit trail how many blocks it lifted', async () => {
    const effects = async (more?: Record<string, string>) => {
      await resume(more);
      return api.audit.at(-1);
    };
    expect(await effects()).toMatchObject({ action, effect: { Resumed: 0 } });
    await forbid();
    await forbid({ AppName: 'other' });
    expect(await effects({ AppName: '*' })).toMatchObject({ actor: 'root', effect: { Resumed: 2 } });
  });

  it('does not touch a stream that is live', async () => {
    const publisher = publish(api.core, room.key);
    await resume();
    expect(publisher.cuts).toEqual([]);
  });

  it('resumes one app only', async () => {
    await forbid();
    await forbid({ AppName: 'other' });
    await resume();
    expect([isBlocked('live'), isBlocked('other')]).toEqual([false, true]);
  });

  it('resumes the name in every app of the domain, from either side of the mapping', async () => {
    await forbid();
    await forbid({ AppName: 'other' });
    const bystander = newRoom();
    await forbid(bystander.names);
    await resume({ AppName: '*', DomainName: 'play.example.com' });
    expect([isBlocked('live'), isBlocked('other')]).toEqual([false, false]);
    expect(api.core.control.preview(bystander.key).alreadyBlocked).toBe(true);
  });
});
