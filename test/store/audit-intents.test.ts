import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../src/core/audit-trail.ts';
import type { Caller, DirectoryWrite, NewKey } from '../../src/core/ports.ts';
import { connect } from '../../src/store/sqlite.ts';
import {
  caller,
  forbidding,
  resuming,
  rowsOf,
  T0,
  tempDirectory,
  testStore,
  threadStore,
} from './support/test-store.ts';

/** What the gateway leaves of a call that has its answer. */
function answered(who: Caller, change: Partial<AuditRecord> = {}): AuditRecord {
  const { accountId, accessKeyId, requestId, at, actor, target, action, clientAddress } = who;
  const marks = { accountId, accessKeyId, requestId, at, actor, target, action, clientAddress };
  return { ...marks, status: 200, code: null, effect: { Publishers: 1 }, kind: 'write', ...change };
}

async function opened() {
  const directory = tempDirectory();
  const store = await testStore({ directory });
  const rows = (): Promise<Record<string, unknown>[]> =>
    rowsOf(join(directory, 'sluice.db'), 'select * from audit order by at, request_id');
  return { directory, store, rows };
}

describe('a writing call', () => {
  it('leaves a line without an answer in its own transaction', async () => {
    const { store, rows } = await opened();
    const who = caller({ actor: 'user/alice', target: 'live.example.com/app/s' });
    await store.blocks.forbid(forbidding('s', { caller: who }));
    expect(await rows()).toEqual([
      {
        at: T0,
        request_id: who.requestId,
        action: 'ForbidLiveStream',
        account_id: who.accountId,
        access_key_id: 'AK1',
        client_address: '192.0.2.1',
        status: 0,
        code: null,
        kind: 'write',
        actor: 'user/alice',
        target: 'live.example.com/app/s',
        effect: null,
      },
    ]);
  });

  it.each([
    [
      'forbid',
      (who: Caller) => (store: Awaited<ReturnType<typeof testStore>>) =>
        store.blocks.forbid(forbidding('s', { caller: who })),
    ],
    [
      'a forbid that finds a block',
      (who: Caller) => async (store: Awaited<ReturnType<typeof testStore>>) => {
        await store.blocks.forbid(forbidding('t', { caller: caller({ requestId: 'AAA' }) }));
        return store.blocks.forbid(forbidding('t', { caller: who }));
      },
    ],
    [
      'a forbid beyond the quota',
      (who: Caller) => (store: Awaited<ReturnType<typeof testStore>>) =>
        store.blocks.forbid(forbidding('s', { caller: who, quota: 0 })),
    ],
    [
      'resume',
      (who: Caller) => (store: Awaited<ReturnType<typeof testStore>>) =>
        store.blocks.resume(resuming('s', { caller: who })),
    ],
    [
      'a call that changes nothing here',
      (who: Caller) => (store: Awaited<ReturnType<typeof testStore>>) => store.directory.beginCall(who),
    ],
    [
      'a change of the account',
      (who: Caller) => (store: Awaited<ReturnType<typeof testStore>>) =>
        store.directory.writeDirectory(changing(who)),
    ],
  ])('does so: %s', async (_, work) => {
    const { store, rows } = await opened();
    const who = caller();
    await work(who)(store);
    expect((await rows()).filter(({ request_id: id }) => id === who.requestId)).toMatchObject([
      { status: 0 },
    ]);
  });

  it('completes its line', async () => {
    const { store, rows } = await opened();
    const who = caller();
    await store.blocks.forbid(forbidding('a', { caller: who }));
    store.audit.call(answered(who));
    await store.close();
    expect(await rows()).toMatchObject([
      { request_id: who.requestId, status: 200, code: null, kind: 'write', effect: '{"Publishers":1}' },
    ]);
  });

  it('is no failure when it was answered 503 and made all the same, whichever comes first', async () => {
    const { store, rows } = await opened();
    const [early, late] = [caller(), caller({ at: T0 + 1 })];
    const unavailable = { status: 503, code: 'ServiceUnavailable', effect: null };
    await store.blocks.forbid(forbidding('a', { caller: early }));
    store.audit.call(answered(early, unavailable));
    store.audit.call(answered(late, unavailable));
    await store.trail.list({ accountId: null, from: 0, to: T0, filter: {}, after: null, limit: 1 });
    expect(await rows()).toMatchObject([{ status: 0 }, { status: 503, code: 'ServiceUnavailable' }]);
    await store.blocks.forbid(forbidding('b', { caller: late }));
    await store.close();
    expect(await rows()).toMatchObject([
      { request_id: early.requestId, status: 0, code: null },
      { request_id: late.requestId, status: 0, code: null },
    ]);
  });

  it('that was refused before it began is kept with the reads, and not in the durable file', async () => {
    const { directory, store, rows } = await opened();
    const began = caller();
    await store.blocks.forbid(forbidding('a', { caller: began }));
    store.audit.call(answered(began, { status: 400, code: 'QuotaExceeded', effect: null }));
    const refusals = ['InvalidParameter.Malformed', 'MissingDomainName'];
    for (const code of refusals) {
      const who = caller({ requestId: code });
      store.audit.call(answered(who, { status: 400, code, effect: null }));
    }
    const query = { accountId: null, from: 0, to: T0, after: null, limit: 9 };
    const listed = await store.trail.list({ ...query, filter: { kind: 'write' } });
    expect(listed.lines.map(({ code }) => code).sort()).toEqual([...refusals, 'QuotaExceeded'].sort());
    const exported = await store.trail.exportLines({ ...query, kind: 'write' });
    expect(exported.map(({ code }) => code).sort()).toEqual([...refusals, 'QuotaExceeded'].sort());
    await store.close();
    expect(await rows()).toMatchObject([{ status: 400, code: 'QuotaExceeded' }]);
    const week = await rowsOf(
      join(directory, 'sluice-log.db'),
      'select code, kind from read_audit order by code',
    );
    expect(week).toEqual(refusals.map((code) => ({ code, kind: 'write' })));
  });

  it('has one answer, however often it is told', async () => {
    const { store, rows } = await opened();
    const who = caller();
    await store.blocks.forbid(forbidding('a', { caller: who }));
    store.audit.call(answered(who, { status: 400, code: 'ConfigAlreadyExists' }));
    store.audit.call(answered(who, { status: 200, code: null }));
    await store.close();
    expect(await rows()).toMatchObject([{ status: 400, code: 'ConfigAlreadyExists' }]);
  });

  it('leaves none when its nonce was used, and its refusal is kept with the reads', async () => {
    const { directory, store, rows } = await opened();
    const first = caller();
    const second = caller({ nonce: first.nonce });
    await store.blocks.forbid(forbidding('a', { caller: first }));
    await store.blocks.forbid(forbidding('a', { caller: second }));
    expect(await rows()).toHaveLength(1);
    store.audit.call(answered(second, { status: 400, code: 'SignatureNonceUsed', effect: null }));
    await store.close();
    expect(await rows()).toMatchObject([{ status: 0 }]);
    expect(await rowsOf(join(directory, 'sluice-log.db'), 'select * from read_audit')).toMatchObject([
      { status: 400, code: 'SignatureNonceUsed' },
    ]);
  });

  it('leaves none when its change of an account is stale', async () => {
    const { store, rows } = await opened();
    const who = caller();
    expect(await store.directory.writeDirectory({ ...changing(who), expectedVersion: 7 })).toEqual({
      kind: 'stale',
    });
    expect(await rows()).toEqual([]);
  });

  it('takes its line along when its savepoint is rolled back, and the failure is appended', async () => {
    const { store, rows } = await opened();
    const who = caller();
    const key: NewKey = {
      ...{ accessKeyId: 'AK9', secret: 's', accountId: who.accountId, userId: null },
      ...{ note: null, root: false, createdAt: T0 },
    };
    await store.keys.createKey(key);
    // The key exists, which the store learns only after the call was begun.
    const write = { ...changing(who), keys: [{ kind: 'create' as const, key }] };
    const [failed, other] = await Promise.allSettled([
      store.directory.writeDirectory(write),
      store.blocks.forbid(forbidding('other', { caller: caller({ requestId: 'OTHER' }) })),
    ]);
    expect([failed.status, other.status]).toEqual(['rejected', 'fulfilled']);
    expect(await rows()).toMatchObject([{ request_id: 'OTHER' }]);
    store.audit.call(answered(who, { status: 500, code: 'InternalError', effect: null }));
    await store.close();
    expect((await rows()).filter(({ request_id: id }) => id === who.requestId)).toMatchObject([
      { status: 500, code: 'InternalError' },
    ]);
  });

  it('does so through the thread of the store, in one commit with all that wait', async () => {
    const directory = tempDirectory();
    const store = await threadStore({ directory });
    await Promise.all(Array.from({ length: 50 }, (_, i) => store.blocks.forbid(forbidding(`s${i}`))));
    const rows = await rowsOf(
      join(directory, 'sluice.db'),
      'select count(*) as n from audit where status = 0',
    );
    expect(rows).toEqual([{ n: 50 }]);
  });

  it('is not done when its line cannot be kept', async () => {
    const { directory, store } = await opened();
    const connection = await connect(join(directory, 'sluice.db'));
    connection.exec(`create trigger t before insert on audit begin select raise(abort, 'no line'); end`);
    connection.close();
    await expect(store.blocks.forbid(forbidding('s'))).rejects.toThrow('no line');
    expect((await store.feed.snapshot()).blocks).toEqual([]);
  });
});

function changing(who: Caller): DirectoryWrite {
  const id = who.accountId;
  const account = { kind: 'account' as const, id, accountId: id, createdAt: T0, name: id };
  return { caller: who, now: T0, account, expectedVersion: 0, puts: [], removes: [], keys: [] };
}
