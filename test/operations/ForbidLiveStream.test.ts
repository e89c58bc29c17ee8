import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { StoreUnavailableError } from '../../src/base/errors.ts';
import { formatTimestamp } from '../../src/base/timestamp.ts';
import type { BlockStore, Store } from '../../src/core/ports.ts';
import { startApi } from '../support/api-harness.ts';
import type { Api } from '../support/api-harness.ts';
import { newRoom, play, publish } from '../support/fake-peers.ts';
import type { Room } from '../support/fake-peers.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../support/operation-blocks.ts';
import { expectEveryCodeProduced } from '../support/produced-codes.ts';

const action = 'ForbidLiveStream';
/** What a test puts in front of the store's own forbid. */
let interfere: ((forbid: BlockStore['forbid']) => BlockStore['forbid']) | undefined;
let api: Api;
let room: Room;
expectEveryCodeProduced();
beforeAll(async () => {
  api = await startApi({ wrapStore });
});
afterAll(() => api[Symbol.asyncDispose]());
beforeEach(() => {
  interfere = undefined;
  room = newRoom();
  api.clock.advance(60_000);
});

function wrapStore(store: Store): Store {
  const kept = store.blocks;
  const blocks: BlockStore = {
    forbid: (write) => (interfere ? interfere((allowed) => kept.forbid(allowed))(write) : kept.forbid(write)),
    resume: (write) => kept.resume(write),
    recordEffect: (intentId, effect) => kept.recordEffect(intentId, effect),
    listBlocks: (query) => kept.listBlocks(query),
    listControlHistory: (query, limit) => kept.listControlHistory(query, limit),
  };
  return { ...store, blocks };
}

const forbid = (more: Record<string, string> = {}) =>
  api.call(action, { ...room.names, LiveStreamType: 'publisher', ...more });
const blocks = () =>
  api.core.store.blocks.listBlocks({
    accountId: api.accountId,
    now: api.clock.now(),
    pageNumber: 1,
    pageSize: 10,
    stream: room.key.stream,
  });
const isBlocked = () => api.core.control.preview(room.key).alreadyBlocked;

describe('parameters', () => {
  it.each([
    ['LiveStreamType', 'player'],
    ['Oneshot', 'maybe'],
    ['DryRun', 'yes'],
    ['ResumeTime', '2030-01-01T00:00:00+00:00'],
    ['ResumeTime', '2030-02-30T00:00:00Z'],
    ['AppName', '*'],
    ['AppName', 'metrics'],
    ['StreamName', 'a/b'],
    ['StreamName', '*'],
    ['DomainName', 'no domain!'],
  ])('refuses %s=%s and changes nothing', async (name, value) => {
    const publisher = publish(api.core, room.key);
    await expectCode(forbid({ [name]: value }), 400, `Invalid${name}.Malformed`);
    expect(publisher.cuts).toEqual([]);
    expect(isBlocked()).toBe(false);
  });

  it('refuses a ResumeTime that is not in the future', async () => {
    await expectCode(
      forbid({ ResumeTime: formatTimestamp(api.clock.now()) }),
      400,
      'InvalidResumeTime.Malformed',
    );
  });

  it('counts the bytes of Reason, not its characters', async () => {
    expect(await forbid({ Reason: 'é'.repeat(1024) })).toMatchObject({ status: 200 });
    await expectCode(forbid({ Reason: `${'é'.repeat(1024)}x` }), 400, 'InvalidReason.Malformed');
  });

  it('ignores RegionId, OwnerId and what it does not know', async () => {
    expect(await forbid({ RegionId: 'cn-shanghai', OwnerId: '7', Whatever: 'x' })).toMatchObject({
      status: 200,
    });
  });
});

describe('permission', () => {
  itAsksForPermission(
    { api: () => api, action, params: () => ({ ...room.names, LiveStreamType: 'publisher' }) },
    'domain',
  );
});

describe('limits', () => {
  itIsLimitedTo(action, { calls: 200, perSeconds: 1 });

  it('refuses the block that exceeds the quota of the account', async () => {
    interfere = (store) => (write) => store({ ...write, quota: 0 });
    const publisher = publish(api.core, room.key);
    await expectCode(forbid(), 400, 'QuotaExceeded.Blacklist');
    expect(publisher.cuts).toEqual([]);
  });
});

describe('behaviour', () => {
  it('tells the audit trail what it reached', async () => {
    const told: unknown[] = [];
    const make = async (more?: Record<string, string>) => {
      await forbid(more);
      const { effect, status } = api.audit.at(-1) ?? {};
      told.push([status, ...Object.values(effect ?? {})]);
    };
    publish(api.core, room.key);
    play(api.core, room.key);
    await make({ DryRun: 'true' });
    await make({ Oneshot: 'yes' });
    await make();
    await make();
    await make({ Replace: 'true' });
    interfere = () => () => Promise.reject(new StoreUnavailableError('away'));
    await make();
    expect(told).toEqual([
      [200, 'DryRun', 1, 1],
      [200, 'CutOnce', 1, 1],
      [200, 'Blocked', 0, 0],
      [400, 'AlreadyBlocked', 0, 0],
      [200, 'Replaced', 0, 0],
      [503, 'CutNotPersisted', 0, 0],
    ]);
    expect(api.audit.at(-1)?.target).toBe(`play.example.com/live/${room.key.stream}`);
  });

  it('cuts publisher and players, and keeps the stream out', async () => {
    const publisher = publish(api.core, room.key);
    const player = play(api.core, room.key);
    const answer = await forbid({ Reason: 'test' });
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.json)).toEqual(['RequestId']);
    expect(publisher.cuts).toEqual(['forbidden']);
    expect(player).toEqual(['forbidden']);
    expect(() => publish(api.core, room.key)).toThrow('blocked');
    expect(await blocks()).toMatchObject({
      total: 1,
      items: [{ key: room.key, resumeAt: null, reason: 'test', actor: api.accessKeyId }],
    });
  });

  it('blocks the same stream whichever way it is spelled', async () => {
    room = { ...room, names: { ...room.names, DomainName: 'PLAY.example.com.' } };
    await forbid({ AppName: '%6Cive' });
    expect(isBlocked()).toBe(true);
  });

  it('lets the stream in again at ResumeTime, to the millisecond', async () => {
    const at = api.clock.now() + 5000;
    await forbid({ ResumeTime: formatTimestamp(at) });
    api.clock.advance(4999);
    expect(isBlocked()).toBe(true);
    api.clock.advance(1);
    expect(isBlocked()).toBe(false);
    publish(api.core, room.key);
  });

  it('reports a block that is in force, and cuts whoever is live all the same', async () => {
    await forbid();
    await expectCode(forbid({ Reason: 'again' }), 400, 'ConfigAlreadyExists');
    expect((await blocks()).items).toMatchObject([{ reason: null }]);
  });

  it('replaces time and reason when asked to', async () => {
    await forbid({ Reason: 'first' });
    const at = api.clock.now() + 60_000;
    expect(
      await forbid({ Replace: 'true', Reason: 'second', ResumeTime: formatTimestamp(at) }),
    ).toMatchObject({
      status: 200,
    });
    expect((await blocks()).items).toMatchObject([{ reason: 'second', resumeAt: at }]);
  });

  it('cuts once without leaving a block', async () => {
    const publisher = publish(api.core, room.key);
    expect(await forbid({ Oneshot: 'yes' })).toMatchObject({ status: 200 });
    expect(publisher.cuts).toEqual(['forbidden once']);
    expect(await blocks()).toMatchObject({ total: 0 });
    publish(api.core, room.key);
  });

  it('takes a oneshot of what is not live, and a ResumeTime in the past with it', async () => {
    expect(await forbid({ Oneshot: 'yes', ResumeTime: '2020-01-01T00:00:00Z' })).toMatchObject({
      status: 200,
    });
    await expectCode(forbid({ Oneshot: 'yes', ResumeTime: 'soon' }), 400, 'InvalidResumeTime.Malformed');
  });

  it('tells what a dry run would reach and writes nothing', async () => {
    const publisher = publish(api.core, room.key);
    play(api.core, room.key);
    play(api.core, room.key);
    interfere = () => () => Promise.reject(new Error('a dry run must not write'));
    const answer = await forbid({ DryRun: 'true' });
    expect(answer.json).toEqual({
      RequestId: answer.headers['x-acs-request-id'],
      DryRun: true,
      Effect: { Publishers: 1, Players: 2, AlreadyBlocked: false },
    });
    expect(publisher.cuts).toEqual([]);
    expect(isBlocked()).toBe(false);
  });

  it('tells a dry run that a block is in force', async () => {
    await forbid();
    expect((await forbid({ DryRun: 'true' })).json['Effect']).toEqual({
      Publishers: 0,
      Players: 0,
      AlreadyBlocked: true,
    });
  });

  it('cuts and says that this is not persisted when the store fails', async () => {
    interfere = () => () => Promise.reject(new StoreUnavailableError('disk full'));
    const publisher = publish(api.core, room.key);
    const answer = await forbid();
    expect(answer).toMatchObject({ status: 503, json: { Code: 'ServiceUnavailable' } });
    expect(answer.json['Message']).toMatch(/cut, but this is not persisted/);
    expect(publisher.cuts).toEqual(['forbidden']);
  });

  it('says so within its deadline when the store hangs', async () => {
    interfere = () => () => new Promise(() => undefined);
    const publisher = publish(api.core, room.key);
    const answer = forbid();
    await Promise.resolve();
    api.clock.advance(1500);
    await expectCode(answer, 503, 'ServiceUnavailable');
    expect(publisher.cuts).toEqual(['forbidden']);
  });

  it('refuses a nonce that the store has seen, as after a restart', async () => {
    interfere = () => async () => ({ kind: 'nonce-used' });
    await expectCode(forbid(), 400, 'SignatureNonceUsed');
  });
});

describe('a domain that is not registered', () => {
  it('is refused when domains must be', async () => {
    await using strict = await startApi({
      domains: { mode: 'registered', registered: ['play.example.com'] },
    });
    const call = (DomainName: string) =>
      strict.call(action, { ...room.names, LiveStreamType: 'publisher', DomainName });
    await expectCode(call('other.example.com'), 404, 'InvalidDomain.NotFound');
    expect(await call('push.example.com')).toMatchObject({ status: 200 });
  });
});
