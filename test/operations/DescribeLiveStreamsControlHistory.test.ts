import { describe, expect, it } from 'vitest';
import type { Api } from '../support/api-harness.ts';
import { formatTimestamp } from '../../src/base/timestamp.ts';
import { caller } from '../store/support/test-store.ts';
import { inAccount } from '../support/accounts.ts';
import { play, publish } from '../support/fake-peers.ts';
import type { Room } from '../support/fake-peers.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../support/operation-blocks.ts';
import { eachInARoom } from '../support/rooms.ts';
import { until } from '../support/wait.ts';

const action = 'DescribeLiveStreamsControlHistory';
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
const history = (more?: Record<string, string>) => api.call(action, params(more));
const entries = async (more?: Record<string, string>) => {
  const { ControlInfo } = (await history(more)).json as {
    ControlInfo: { LiveStreamControlInfo: Record<string, unknown>[] };
  };
  return ControlInfo.LiveStreamControlInfo.filter(({ StreamName }) =>
    String(StreamName).endsWith(`/${room.key.stream}`),
  );
};
const control = (name: string, more: Record<string, string> = {}) =>
  api.call(name, { ...room.names, LiveStreamType: 'publisher', ...more });

describe('parameters', () => {
  it.each([
    ['DomainName', 'no domain!'],
    ['AppName', 'a/b'],
    ['StartTime', '2026-01-01'],
    ['EndTime', 'now'],
  ])('refuses %s=%s', async (name, value) => {
    await expectCode(history({ [name]: value }), 400, `Invalid${name}.Malformed`);
  });

  it('refuses a span that is empty, backwards or longer than 30 days', async () => {
    await expectCode(history({ EndTime: at(-DAY) }), 400, 'InvalidEndTime.Mismatch');
    await expectCode(history({ EndTime: at(-DAY - 1) }), 400, 'InvalidEndTime.Mismatch');
    await expectCode(history({ StartTime: at(-30 * DAY), EndTime: at(1) }), 400, 'InvalidEndTime.Mismatch');
    expect(await history({ StartTime: at(-30 * DAY), EndTime: at(0) })).toMatchObject({ status: 200 });
  });
});

describe('permission', () => itAsksForPermission({ api: () => api, action, params }, 'domain'));

describe('limits', () => itIsLimitedTo(action, { calls: 50, perSeconds: 1 }));

describe('behaviour', () => {
  it('tells who called what, and what the cut reached', async () => {
    publish(api.core, room.key);
    play(api.core, room.key);
    const forbidden = await control('ForbidLiveStream', { Reason: 'a reason' });
    await until(async () => JSON.stringify(await entries()).includes('applied'), 'the effect is recorded');
    api.clock.advance(1000);
    await control('ResumeLiveStream');
    const [resume, forbid, ...others] = await entries();
    expect(others).toEqual([]);
    expect(forbid).toEqual({
      Action: 'ForbidLiveStream',
      ClientIP: '192.0.2.7',
      StreamName: `push.example.com/live/${room.key.stream}`,
      TimeStamp: at(-1),
      AccessKeyId: api.accessKeyId,
      CallId: forbidden.headers['x-acs-request-id'],
      Reason: 'a reason',
      Effect: { State: 'applied', Publishers: 1, Players: 1 },
      Outcome: 'Blocked',
    });
    expect(resume).toMatchObject({ Action: 'ResumeLiveStream', TimeStamp: at(0), Outcome: 'Resumed' });
    expect(resume).not.toHaveProperty('Effect');
  });

  it('keeps refused repetitions and oneshots too, and no dry runs', async () => {
    await control('ForbidLiveStream', { Oneshot: 'yes' });
    await control('ForbidLiveStream');
    await control('ForbidLiveStream');
    await control('ForbidLiveStream', { DryRun: 'true' });
    expect(await entries()).toHaveLength(3);
  });

  it('tells what became of each call, and when the block ends', async () => {
    const [soon, late] = [at(60), at(120)];
    const calls: [name: string, more?: Record<string, string>][] = [
      ['ForbidLiveStream', { Oneshot: 'yes', ResumeTime: soon }],
      ['ForbidLiveStream', { ResumeTime: soon }],
      ['ForbidLiveStream', { ResumeTime: late }],
      ['ForbidLiveStream', { ResumeTime: late, Replace: 'true' }],
      ['ForbidLiveStream', { Replace: 'true' }],
      ['ForbidLiveStream', { ResumeTime: soon }],
      ['ResumeLiveStream'],
      ['ForbidLiveStream'],
    ];
    for (const [name, more] of calls) await control(name, more);
    const became = (await entries()).map(({ Outcome, ResumeTime }) => [Outcome, ResumeTime]);
    expect(became.reverse()).toEqual([
      ['CutOnce', undefined],
      ['Blocked', soon],
      ['AlreadyBlocked', soon],
      ['Replaced', late],
      ['Replaced', undefined],
      ['AlreadyBlocked', undefined],
      ['Resumed', undefined],
      ['Blocked', undefined],
    ]);
  });

  it('filters by app and by time', async () => {
    await control('ForbidLiveStream');
    expect(await entries({ AppName: 'live' })).toHaveLength(1);
    expect(await entries({ AppName: 'other' })).toHaveLength(0);
    api.clock.advance(10_000);
    expect(await entries({ StartTime: at(-10) })).toHaveLength(1);
    expect(await entries({ StartTime: at(-9) })).toHaveLength(0);
    expect(await entries({ EndTime: at(-10) })).toHaveLength(1);
    expect(await entries({ EndTime: at(-11) })).toHaveLength(0);
  });

  it('names the domain as the call does', async () => {
    await control('ForbidLiveStream');
    const [entry] = await entries({ DomainName: 'play.example.com' });
    expect(entry).toMatchObject({ StreamName: `play.example.com/live/${room.key.stream}` });
  });

  it('shows an account only its own calls on a domain that was in the hands of others before', async () => {
    const { call } = await (await inAccount(api)).otherAccount();
    const DomainName = `${room.key.stream}.shared.example.com`;
    const names = { ...room.names, DomainName, LiveStreamType: 'publisher' };
    const forbidden = await call('ForbidLiveStream', { ...names, Oneshot: 'yes' });
    expect(forbidden.status).toBe(200);
    // As if the configuration had given the domain to the root account for a while.
    const now = api.clock.now();
    const { accountId, accessKeyId } = api;
    const root = caller({ accountId, accessKeyId, at: now });
    const write = { caller: root, key: { ...room.key, domain: DomainName }, now, reason: null, quota: 1 };
    const options = { resumeAt: null, oneshot: true, replace: false };
    expect(await api.store.blocks.forbid({ ...write, ...options })).toMatchObject({ kind: 'done' });
    const { json } = await call(action, params({ DomainName }));
    expect(json['ControlInfo']).toMatchObject({
      LiveStreamControlInfo: [{ CallId: forbidden.json['RequestId'], Outcome: 'CutOnce' }],
    });
    expect(JSON.stringify(json)).not.toContain(api.accessKeyId);
  });
});
