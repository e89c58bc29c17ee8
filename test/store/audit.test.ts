import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../src/core/audit-trail.ts';
import { rowsOf, T0, tempDirectory, testStore } from './support/test-store.ts';

const MINUTE = 60_000;

function record(kind: AuditRecord['kind'], change: Partial<AuditRecord> = {}): AuditRecord {
  return {
    at: T0,
    requestId: `R-${kind}`,
    action: 'ForbidLiveStream',
    accountId: '1',
    accessKeyId: 'AK1',
    clientAddress: '192.0.2.1',
    status: 200,
    code: null,
    actor: null,
    target: null,
    effect: null,
    kind,
    ...change,
  };
}

async function closedAfter(work: (store: Awaited<ReturnType<typeof testStore>>) => void | Promise<void>) {
  const directory = tempDirectory();
  const store = await testStore({ directory });
  await work(store);
  await store.close();
  const [main, log] = [join(directory, 'sluice.db'), join(directory, 'sluice-log.db')];
  return { main: (text: string) => rowsOf(main, text), log: (text: string) => rowsOf(log, text) };
}

describe('audit', () => {
  it('keeps writes and denials in the durable file and reads in the other', async () => {
    const { main, log } = await closedAfter(({ audit }) => {
      audit.call(record('write'));
      audit.call(record('denied', { status: 403, code: 'NoPermission', accountId: null }));
      audit.call(record('read'));
    });
    const text = (table: string): string =>
      `select kind, status, code, account_id from ${table} order by kind`;
    expect(await main(text('audit'))).toEqual([
      { kind: 'denied', status: 403, code: 'NoPermission', account_id: null },
      { kind: 'write', status: 200, code: null, account_id: '1' },
    ]);
    expect(await log(text('read_audit'))).toEqual([
      { kind: 'read', status: 200, code: null, account_id: '1' },
    ]);
  });

  it('bounds what a peer can make it store', async () => {
    const { main } = await closedAfter(({ audit }) => {
      audit.call(record('denied', { action: 'A'.repeat(1e6), accessKeyId: 'K\0'.repeat(1e6) }));
    });
    const [row] = await main('select length(action) as a, length(access_key_id) as k from audit');
    expect(row).toEqual({ a: 512, k: 512 });
  });

  it('sums anonymous calls per source and minute', async () => {
    const { log } = await closedAfter(async (store) => {
      const { audit } = store;
      for (let index = 0; index < 7; index++) audit.call(record('anonymous', { at: T0 + index }));
      audit.call(record('anonymous', { clientAddress: '192.0.2.2' }));
      await store.sweep(T0 + 1);
      audit.call(record('anonymous', { at: T0 + MINUTE }));
      await store.sweep(T0 + 2 * MINUTE);
      audit.call(record('anonymous', { at: T0 + 1 }));
    });
    expect(await log('select * from anonymous_calls order by minute, source')).toEqual([
      { minute: T0, source: '192.0.2.1', calls: 8 },
      { minute: T0, source: '192.0.2.2', calls: 1 },
      { minute: T0 + MINUTE, source: '192.0.2.1', calls: 1 },
    ]);
  });

  it('counts sources beyond the bound of a minute as one', async () => {
    const { log } = await closedAfter(({ audit }) => {
      for (let index = 0; index < 2000; index++)
        audit.call(record('anonymous', { clientAddress: `10.0.${index >> 8}.${index & 255}` }));
      audit.call(record('anonymous', { clientAddress: '10.0.0.0' }));
    });
    const [totals] = await log('select count(*) as n, sum(calls) as calls from anonymous_calls');
    expect(totals).toEqual({ n: 501, calls: 2001 });
    expect(await log("select calls from anonymous_calls where source = '*'")).toEqual([{ calls: 1500 }]);
  });

  it('sums refused publishes per source, target and problem', async () => {
    const { log } = await closedAfter(({ audit }) => {
      const refusal = { at: T0, clientAddress: '192.0.2.1', target: 'a/b/c', problem: 'blocked' };
      for (let index = 0; index < 100; index++) audit.refusedPublish(refusal);
      audit.refusedPublish({ ...refusal, problem: 'busy' });
    });
    expect(await log('select problem, attempts from refused_publishes order by problem')).toEqual([
      { problem: 'blocked', attempts: 100 },
      { problem: 'busy', attempts: 1 },
    ]);
  });

  it('says nothing and stores nothing after the close', async () => {
    const store = await testStore();
    await store.close();
    store.audit.call(record('write'));
    store.audit.call(record('anonymous'));
    await store.close();
  });
});
