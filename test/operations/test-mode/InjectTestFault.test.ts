import { describe, expect, it } from 'vitest';
import { MAX_FAULTS } from '../../../src/core/test-faults.ts';
import type { Api } from '../../support/api-harness.ts';
import type { Room } from '../../support/fake-peers.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { eachInTestMode } from '../../support/rooms.ts';
import { until } from '../../support/wait.ts';

const action = 'InjectTestFault';
let api: Api;
let room: Room;
eachInTestMode((made) => ({ api, room } = made));

const FORBID = 'ForbidLiveStream';
const inject = (more: Record<string, string>) => api.call(action, { ActionName: FORBID, ...more });
const forbid = (more: Record<string, string> = {}) =>
  api.call(FORBID, { ...room.names, LiveStreamType: 'publisher', ...more });
const isBlocked = () => api.core.control.preview(room.key).alreadyBlocked;

describe('parameters', () => {
  it.each([
    ['ActionName', 'AddLiveRecordNotifyConfigs'],
    ['ActionName', 'forbidlivestream'],
    ['ActionName', 'ResetTestState'],
    ['Fault', 'error404'],
    ['Count', '0'],
    ['DelayMs', '60001'],
  ])('refuses %s=%s', async (name, value) => {
    const good = { Fault: 'delay', DelayMs: '1' };
    await expectCode(inject({ ...good, [name]: value }), 400, `Invalid${name}.Malformed`);
    expect((await forbid()).status).toBe(200);
  });

  it('needs DelayMs for a delay, and takes it for nothing else', async () => {
    await expectCode(inject({ Fault: 'delay' }), 400, 'MissingDelayMs');
    await expectCode(inject({ Fault: 'throttle', DelayMs: '5' }), 400, 'InvalidDelayMs.Malformed');
  });
});

describe('permission', () => {
  const params = () => ({ ActionName: FORBID, Fault: 'throttle' });
  itAsksForPermission({ api: () => api, action, params }, '*');
});

describe('limits', () => {
  itIsLimitedTo(action, { calls: 100, perSeconds: 1 });

  it(`keeps ${MAX_FAULTS} faults, of which one that is used up makes room`, async () => {
    await inject({ Fault: 'unavailable', Count: '1' });
    const full = async (): Promise<number> => {
      for (let more = 0; more < 2 * MAX_FAULTS; more++) {
        api.clock.advance(10);
        const { status, json } = await inject({ Fault: 'throttle' });
        if (status === 200) continue;
        expect(json['Code']).toBe('QuotaExceeded.TestFault');
        return more;
      }
      return Infinity;
    };
    expect(await full()).toBe(MAX_FAULTS - 1);
    await forbid();
    expect(await full()).toBe(1);
  });
});

describe('behaviour', () => {
  it('throttles exactly as one call too many is throttled', async () => {
    const count = () => api.call('DescribeLiveStreamCount', { DomainName: room.names.DomainName });
    await count();
    const real = await count();
    expect(real.json['Code']).toBe('Throttling.User');
    api.clock.advance(1000);
    await inject({ ActionName: 'DescribeLiveStreamCount', Fault: 'throttle', Count: '1' });
    const injected = await count();
    const { RequestId: _, Recommend: __, ...same } = real.json;
    expect(injected).toMatchObject({ status: real.status, json: same });
    expect(injected.headers['x-acs-retry-after']).toBe(real.headers['x-acs-retry-after']);
    // It took nothing of the allowance.
    expect((await count()).status).toBe(200);
  });

  it.each([
    ['error500', 500, 'InternalError'],
    ['unavailable', 503, 'ServiceUnavailable'],
  ])('answers %s before anything happened', async (fault, status, code) => {
    await inject({ Fault: fault, Count: '1' });
    await expectCode(forbid(), status, code);
    expect(isBlocked()).toBe(false);
    expect((await forbid()).status).toBe(200);
    expect(isBlocked()).toBe(true);
    expect(api.audit.find((record) => record.code === code)).toMatchObject({ action: FORBID, status });
  });

  it('delays a call, which then is made', async () => {
    await inject({ Fault: 'delay', DelayMs: '5000', Count: '1' });
    let answered = false;
    const call = forbid().finally(() => (answered = true));
    api.clock.advance(4999);
    await Promise.resolve();
    expect([answered, isBlocked()]).toEqual([false, false]);
    api.clock.advance(1);
    expect((await call).status).toBe(200);
    expect(isBlocked()).toBe(true);
  });

  it('is met Count times, or until the reset', async () => {
    await inject({ Fault: 'unavailable', Count: '2' });
    const codes = [];
    for (let calls = 0; calls < 3; calls++) codes.push((await forbid({ Oneshot: 'yes' })).status);
    expect(codes).toEqual([503, 503, 200]);

    await inject({ Fault: 'unavailable' });
    for (let calls = 0; calls < 10; calls++) expect((await forbid()).status).toBe(503);
    await api.call('ResetTestState');
    expect((await forbid()).status).toBe(200);
  });

  it('comes in the order of injection, and for all operations with *', async () => {
    await inject({ Fault: 'error500', Count: '1' });
    await inject({ ActionName: '*', Fault: 'unavailable', Count: '2' });
    expect((await api.call('DescribeLiveStreamState', room.names)).status).toBe(503);
    expect([(await forbid()).status, (await forbid()).status]).toEqual([500, 503]);
  });

  it('leaves the operations of test mode alone', async () => {
    await inject({ ActionName: '*', Fault: 'error500' });
    expect((await api.call('DescribeTestState')).status).toBe(200);
    expect((await api.call('ResetTestState')).status).toBe(200);
  });

  it('is not met by a call that is wrong by itself', async () => {
    await inject({ Fault: 'error500', Count: '1' });
    await expectCode(forbid({ LiveStreamType: 'player' }), 400, 'InvalidLiveStreamType.Malformed');
    await expectCode(
      api.call(FORBID, room.names, { accessKeySecret: 'wrong' }),
      400,
      'SignatureDoesNotMatch',
    );
    await expectCode(forbid(), 500, 'InternalError');
  });

  it('lets delayed calls go on at a reset', async () => {
    await inject({ ActionName: 'DescribeLiveStreamState', Fault: 'delay', DelayMs: '60000' });
    const call = api.call('DescribeLiveStreamState', room.names);
    await until(() => api.core.testControls?.faults.list()[0]?.hits === 1, 'the call to wait');
    await api.call('ResetTestState');
    expect((await call).status).toBe(200);
  });
});
