import { disableKey } from '../../support/accounts.ts';
import { describe, expect, it } from 'vitest';
import type { Api, CallerKey } from '../../support/api-harness.ts';
import { play, publish } from '../../support/fake-peers.ts';
import type { Room } from '../../support/fake-peers.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { eachInTestMode } from '../../support/rooms.ts';

const action = 'ResetTestState';
let api: Api;
let room: Room;
eachInTestMode((made) => ({ api, room } = made));

const reset = async () => expect((await api.call(action)).status).toBe(200);
const forbid = () => api.call('ForbidLiveStream', { ...room.names, LiveStreamType: 'publisher' });

/** Everything that can be looked up in the span of all times. */
async function kept() {
  const { blocks, keys, entities } = await api.store.feed.snapshot();
  const { domain, app } = room.key;
  const span = { domain, app, from: 0, to: Number.MAX_SAFE_INTEGER };
  const page = { pageNumber: 1, pageSize: 100, match: 'strict', order: 'publish_time_asc' } as const;
  return {
    blocks,
    entities,
    keys: keys.map(({ accessKeyId, status, root }) => ({ accessKeyId, status, root })),
    history: await api.store.blocks.listControlHistory({ ...span, accountId: api.accountId }, 100),
    publishes: (await api.store.publishes.listPublishes({ ...span, ...page })).items,
  };
}

describe('parameters', () => {
  it('takes none', reset);
});

describe('permission', () => {
  itAsksForPermission({ api: () => api, action, params: () => ({}) }, '*');

  it('changes nothing when it is denied', async () => {
    await forbid();
    api.policy.decision = 'explicit-deny';
    await expectCode(
      api.call(action).finally(() => (api.policy.decision = undefined)),
      403,
      'NoPermission',
    );
    expect(api.core.control.preview(room.key).alreadyBlocked).toBe(true);
  });
});

describe('limits', () => {
  itIsLimitedTo(action, { calls: 50, perSeconds: 1 });

  it('makes the limits of all others fresh', async () => {
    const count = () => api.call('DescribeLiveStreamCount', { DomainName: room.names.DomainName });
    await count();
    await expectCode(count(), 400, 'Throttling.User');
    await reset();
    expect((await count()).status).toBe(200);
  });
});

describe('behaviour', () => {
  const rootKey = () => ({ accessKeyId: api.accessKeyId, status: 'active', root: true });
  const fresh = () => ({ blocks: [], entities: [], keys: [rootKey()], history: [], publishes: [] });

  it('leaves nothing but the root key, in the store and in memory', async () => {
    await api.core.changes.change(api.accountId, null, (_, now) => ({
      puts: [{ kind: 'domain', id: 'mine.example.com', accountId: api.accountId, createdAt: now }],
      result: undefined,
    }));
    const other = await api.makeKey({ accountId: '2000000000000009' });
    publish(api.core, { ...room.key, stream: 'another' });
    await forbid();
    const before = await kept();
    expect(before).not.toEqual(fresh());
    for (const list of Object.values(before)) expect(list).not.toEqual([]);

    await reset();
    expect(await kept()).toEqual(fresh());
    expect(api.core.control.preview(room.key).alreadyBlocked).toBe(false);
    expect(api.core.directory.accounts()).toEqual([]);
    expect(api.core.directory.domain('mine.example.com')).toBeUndefined();
    await expectCode(api.call('DescribeTestState', {}, other), 404, 'InvalidAccessKeyId.NotFound');
  });

  it('cuts publishers and ends players', async () => {
    const live = publish(api.core, room.key);
    const player = play(api.core, { ...room.key, stream: 'nobody-publishes' });
    await reset();
    expect(live.cuts).toEqual(['the test state was reset']);
    expect(player).toEqual(['the test state was reset']);
    expect(api.core.streams.list()).toEqual([]);
    expect(api.core.streams.countPlayers()).toBe(0);
  });

  it('brings back real time and a root key that was disabled', async () => {
    const spare: CallerKey = await api.makeKey({});
    await api.call('AdvanceTestClock', { Seconds: '60' });
    await disableKey(api, api.accountId, api.accessKeyId);
    await expectCode(api.call('DescribeTestState'), 400, 'InvalidAccessKeyId.Inactive');
    expect((await api.call(action, {}, spare)).status).toBe(200);
    expect((await api.call('DescribeTestState')).json).toMatchObject({ ShiftSeconds: 0 });
  });

  it('still refuses replays of calls from before', async () => {
    const raw = api.sign('ForbidLiveStream', { ...room.names, LiveStreamType: 'publisher' });
    expect((await api.send(raw)).status).toBe(200);
    await reset();
    await expectCode(api.send(raw), 400, 'SignatureNonceUsed');
    expect((await api.sendToAnother(raw)).json['Code']).toBe('SignatureNonceUsed');
  });

  it('leaves a service that works as before', async () => {
    await forbid();
    await reset();
    expect((await forbid()).status).toBe(200);
    await expectCode(forbid(), 400, 'ConfigAlreadyExists');
    const { json } = await api.call('DescribeLiveStreamBlocks', { DomainName: room.names.DomainName });
    expect(json).toMatchObject({ TotalNum: 1 });
  });
});
