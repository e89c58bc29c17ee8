import { describe, expect, it } from 'vitest';
import type { Store } from '../../src/core/ports.ts';
import { caller, forbidding, resuming, T0, tempDirectory, testStore } from './support/test-store.ts';

const SECOND = 1000;
const DAY = 86_400_000;
const OWN = { accountId: '1000000000000001', domain: 'live.example.com' };

async function history(store: Store) {
  return store.blocks.listControlHistory({ ...OWN, from: 0, to: T0 + DAY }, 100);
}

async function names(store: Store, now = T0) {
  const page = { accountId: '1000000000000001', now, pageNumber: 1, pageSize: 100 };
  return (await store.blocks.listBlocks(page)).items.map((block) => block.key.stream);
}

describe('forbid', () => {
  it('stores the block, its feed row and its intent', async () => {
    const store = await testStore();
    const write = forbidding('s', { resumeAt: T0 + SECOND, reason: 'spam' });
    const outcome = await store.blocks.forbid(write);
    const block = {
      key: write.key,
      accountId: '1000000000000001',
      version: 1,
      resumeAt: T0 + SECOND,
      reason: 'spam',
      actor: 'AK1',
      createdAt: T0,
      updatedAt: T0,
    };
    expect(outcome).toEqual({
      kind: 'done',
      intentId: 1,
      change: { key: write.key, version: 1, block },
    });
    expect((await store.feed.snapshot()).blocks).toEqual([block]);
    expect(await store.feed.changesSince(0)).toEqual({
      gap: false,
      changes: [{ seq: 1, kind: 'block', change: { key: write.key, version: 1, block } }],
    });
    expect(await history(store)).toEqual([
      {
        at: T0,
        action: 'ForbidLiveStream',
        clientAddress: '192.0.2.1',
        accessKeyId: 'AK1',
        requestId: write.caller.requestId,
        key: write.key,
        reason: 'spam',
        effect: 'unknown',
        outcome: 'blocked',
        resumeAt: T0 + SECOND,
      },
    ]);
  });

  it('reports a block in force and changes nothing but the record', async () => {
    const store = await testStore();
    await store.blocks.forbid(forbidding('s', { reason: 'first' }));
    const again = await store.blocks.forbid(forbidding('s', { reason: 'second' }));
    expect(again).toMatchObject({ kind: 'exists', intentId: 2, block: { reason: 'first', version: 1 } });
    expect((await store.feed.snapshot()).seq).toBe(1);
    expect((await history(store)).map((record) => record.reason)).toEqual(['second', 'first']);
  });

  it('replaces a block and keeps when it began', async () => {
    const store = await testStore();
    await store.blocks.forbid(forbidding('s', { reason: 'first' }));
    const later = forbidding('s', { now: T0 + 5, resumeAt: T0 + DAY, reason: 'second', replace: true });
    expect(await store.blocks.forbid(later)).toMatchObject({
      kind: 'done',
      replaced: true,
      change: {
        version: 2,
        block: { version: 2, reason: 'second', resumeAt: T0 + DAY, createdAt: T0, updatedAt: T0 + 5 },
      },
    });
  });

  it('never replaces the block of another account', async () => {
    const store = await testStore();
    await store.blocks.forbid(forbidding('s'));
    const other = caller({ accountId: '1000000000000002', accessKeyId: 'AK2' });
    const outcome = await store.blocks.forbid(forbidding('s', { caller: other, replace: true }));
    expect(outcome).toMatchObject({ kind: 'exists', block: { accountId: '1000000000000001' } });
  });

  it('forbids again what has expired, from that millisecond on', async () => {
    const store = await testStore();
    await store.blocks.forbid(forbidding('s', { resumeAt: T0 + SECOND }));
    const early = await store.blocks.forbid(forbidding('s', { now: T0 + SECOND - 1 }));
    const due = await store.blocks.forbid(forbidding('s', { now: T0 + SECOND }));
    expect([early.kind, due.kind]).toEqual(['exists', 'done']);
    expect(due).toMatchObject({ change: { block: { createdAt: T0 + SECOND, version: 2 } } });
  });

  it('leaves an intent and nothing else for a oneshot', async () => {
    const store = await testStore();
    const outcome = await store.blocks.forbid(forbidding('s', { oneshot: true, quota: 0 }));
    expect(outcome).toEqual({ kind: 'done', intentId: 1, change: null });
    expect(await store.feed.snapshot()).toEqual({ seq: 0, blocks: [], keys: [], entities: [] });
    expect(await history(store)).toHaveLength(1);
  });

  it('counts only unexpired blocks of the account against the quota', async () => {
    const store = await testStore();
    const quota = 2;
    await store.blocks.forbid(forbidding('expired', { quota, resumeAt: T0 + SECOND }));
    const now = T0 + SECOND;
    await store.blocks.forbid(forbidding('a', { quota, now }));
    await store.blocks.forbid(forbidding('b', { quota, now }));
    const full = await store.blocks.forbid(forbidding('c', { quota, now }));
    const replaced = await store.blocks.forbid(forbidding('a', { quota, now, replace: true }));
    const known = await store.blocks.forbid(forbidding('b', { quota, now }));
    const expired = await store.blocks.forbid(forbidding('expired', { quota, now }));
    const other = caller({ accountId: '1000000000000002' });
    const others = await store.blocks.forbid(forbidding('d', { quota, now, caller: other }));
    expect([full, replaced, known, expired, others].map(({ kind }) => kind)).toEqual([
      'quota-exceeded',
      'done',
      'exists',
      'quota-exceeded',
      'done',
    ]);
    expect(await names(store, now)).toEqual(['a', 'b']);
  });

  it('lets no race past the quota', async () => {
    const store = await testStore();
    const writes = Array.from({ length: 40 }, (_, i) => forbidding(`s${i}`, { quota: 10 }));
    const outcomes = await Promise.all(writes.map((write) => store.blocks.forbid(write)));
    expect(outcomes.filter(({ kind }) => kind === 'done')).toHaveLength(10);
    expect(outcomes.filter(({ kind }) => kind === 'quota-exceeded')).toHaveLength(30);
    expect((await store.feed.snapshot()).seq).toBe(10);
  });
});

describe('nonces', () => {
  it('refuses a nonce for 31 minutes, per key, and changes nothing then', async () => {
    const store = await testStore();
    const who = caller();
    await store.blocks.forbid(forbidding('a', { caller: who }));
    const soon = T0 + 31 * 60 * SECOND;
    expect(await store.blocks.forbid(forbidding('b', { caller: who, now: soon - 1 }))).toEqual({
      kind: 'nonce-used',
    });
    expect(await store.blocks.resume(resuming('a', { caller: who }))).toEqual({ kind: 'nonce-used' });
    expect(await names(store)).toEqual(['a']);
    expect(await history(store)).toHaveLength(1);
    const otherKey = { ...who, accessKeyId: 'AK2' };
    expect(await store.blocks.forbid(forbidding('c', { caller: otherKey }))).toMatchObject({ kind: 'done' });
    expect(await store.blocks.forbid(forbidding('b', { caller: who, now: soon }))).toMatchObject({
      kind: 'done',
    });
  });

  it('refuses it after a restart, and also when it was spent on a full quota', async () => {
    const directory = tempDirectory();
    const first = await testStore({ directory });
    const [used, spent] = [caller(), caller()];
    await first.blocks.forbid(forbidding('a', { caller: used }));
    expect(await first.blocks.forbid(forbidding('b', { caller: spent, quota: 1 }))).toEqual({
      kind: 'quota-exceeded',
    });
    await first.close();
    const second = await testStore({ directory });
    for (const who of [used, spent]) {
      expect(await second.blocks.forbid(forbidding('c', { caller: who }))).toEqual({
        kind: 'nonce-used',
      });
    }
  });

  it('gives it to one of two callers that come together', async () => {
    const store = await testStore();
    const who = caller();
    const outcomes = await Promise.all([
      store.blocks.forbid(forbidding('a', { caller: who })),
      store.blocks.forbid(forbidding('b', { caller: who })),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'nonce-used']);
  });
});

describe('resume', () => {
  it('frees the key with a feed row and a record', async () => {
    const store = await testStore();
    await store.blocks.forbid(forbidding('s'));
    const key = forbidding('s').key;
    expect(await store.blocks.resume(resuming('s'))).toEqual({
      kind: 'done',
      changes: [{ key, version: 2, block: null }],
    });
    expect(await store.feed.changesSince(1)).toEqual({
      gap: false,
      changes: [{ seq: 2, kind: 'block', change: { key, version: 2, block: null } }],
    });
    expect((await history(store))[0]).toMatchObject({ action: 'ResumeLiveStream', effect: null, key });
  });

  it('succeeds when nothing matches', async () => {
    const store = await testStore();
    expect(await store.blocks.resume(resuming('s'))).toEqual({ kind: 'done', changes: [] });
    expect(await history(store)).toHaveLength(1);
  });

  it('frees the name in every app of the domain, and only the own blocks', async () => {
    const store = await testStore();
    const key = (domain: string, app: string, stream = 's') => ({ key: { domain, app, stream } });
    await store.blocks.forbid(forbidding('s', key('live.example.com', 'one')));
    await store.blocks.forbid(forbidding('s', key('live.example.com', 'two')));
    await store.blocks.forbid(forbidding('s', key('live.example.com', 'two', 'other')));
    await store.blocks.forbid(forbidding('s', key('else.example.com', 'one')));
    const stranger = caller({ accountId: '1000000000000002' });
    await store.blocks.forbid(forbidding('s', { ...key('live.example.com', 'three'), caller: stranger }));
    const outcome = await store.blocks.resume(resuming('s', { app: null }));
    const changes = outcome.kind === 'done' ? outcome.changes : [];
    expect(changes.map((change) => change.key.app).sort()).toEqual(['one', 'two']);
    expect(changes.map((change) => change.version).sort()).toEqual([6, 7]);
    expect((await store.feed.snapshot()).blocks).toHaveLength(3);
    const wild = { domain: 'live.example.com', app: '*', stream: 's' };
    expect((await history(store))[0]).toMatchObject({ key: wild });
  });
});

describe('lists', () => {
  it('completes the record of a forbid with its effect', async () => {
    const store = await testStore();
    const outcome = await store.blocks.forbid(forbidding('s'));
    const intentId = outcome.kind === 'done' ? outcome.intentId : 0;
    store.blocks.recordEffect(intentId, { publishers: 1, players: 12 });
    expect((await history(store))[0]?.effect).toEqual({ publishers: 1, players: 12 });
  });

  it('keeps what became of each call and when the block ends', async () => {
    const store = await testStore();
    const [soon, late] = [T0 + SECOND, T0 + DAY];
    await store.blocks.forbid(forbidding('s', { oneshot: true, resumeAt: soon }));
    await store.blocks.forbid(forbidding('s', { resumeAt: soon }));
    await store.blocks.forbid(forbidding('s', { resumeAt: late }));
    await store.blocks.forbid(forbidding('s', { resumeAt: late, replace: true }));
    const other = caller({ accountId: '1000000000000002', accessKeyId: 'AK2' });
    await store.blocks.forbid(forbidding('s', { caller: other, replace: true }));
    await store.blocks.resume(resuming('s'));
    await store.blocks.forbid(forbidding('s', { replace: true }));
    await store.blocks.forbid(forbidding('t', { quota: 1 }));
    const became = (await history(store)).map(({ outcome, resumeAt }) => [outcome, resumeAt]);
    const ofOther = { ...OWN, accountId: '1000000000000002', from: 0, to: T0 };
    expect(await store.blocks.listControlHistory(ofOther, 10)).toMatchObject([
      { outcome: 'exists', resumeAt: late, accessKeyId: 'AK2' },
    ]);
    expect(became.reverse()).toEqual([
      ['cut-once', null],
      ['blocked', soon],
      ['exists', soon],
      ['replaced', late],
      ['resumed', null],
      ['blocked', null],
    ]);
  });

  it('bounds the history by time, app and count, newest first', async () => {
    const store = await testStore();
    for (const [index, app] of ['one', 'two', 'one'].entries()) {
      const key = { domain: 'live.example.com', app, stream: `s${index}` };
      await store.blocks.forbid(forbidding('', { key, now: T0 + index }));
    }
    await store.blocks.resume(resuming('s0', { app: null, now: T0 + 3 }));
    const list = async (change: object, limit = 10) => {
      const query = { ...OWN, from: T0, to: T0 + 3, ...change };
      return (await store.blocks.listControlHistory(query, limit)).map(({ key }) => key.stream);
    };
    expect(await list({})).toEqual(['s0', 's2', 's1', 's0']);
    expect(await list({ from: T0 + 1, to: T0 + 2 })).toEqual(['s2', 's1']);
    expect(await list({ app: 'two' })).toEqual(['s0', 's1']);
    expect(await list({}, 2)).toEqual(['s0', 's2']);
    expect(await list({ domain: 'else.example.com' })).toEqual([]);
    expect(await list({ accountId: '1000000000000002' })).toEqual([]);
  });

  it('pages and filters blocks in force', async () => {
    const store = await testStore();
    await store.blocks.forbid(forbidding('a'));
    await store.blocks.forbid(forbidding('b', { resumeAt: T0 + 10 }));
    await store.blocks.forbid(forbidding('c', { resumeAt: T0 + 20 }));
    await store.blocks.forbid(forbidding('d', { key: { domain: 'x.example.com', app: 'app', stream: 'd' } }));
    const list = async (change: object) => {
      const query = { accountId: '1000000000000001', now: T0, pageNumber: 1, pageSize: 10, ...change };
      const { total, items } = await store.blocks.listBlocks(query);
      return `${total}:${items.map(({ key }) => key.stream).join('')}`;
    };
    expect(await list({})).toBe('4:abcd');
    expect(await list({ pageSize: 3, pageNumber: 2 })).toBe('4:d');
    expect(await list({ pageSize: 3, pageNumber: 3 })).toBe('4:');
    expect(await list({ now: T0 + 10 })).toBe('3:acd');
    expect(await list({ domain: 'x.example.com' })).toBe('1:d');
    expect(await list({ app: 'nope' })).toBe('0:');
    expect(await list({ stream: 'c' })).toBe('1:c');
    expect(await list({ expiresBefore: T0 + 20 })).toBe('1:b');
    expect(await list({ expiresAfter: T0 + 20 })).toBe('3:acd');
    expect(await list({ accountId: 'nobody' })).toBe('0:');
  });
});
