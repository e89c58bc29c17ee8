import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { KeyPair } from '../../src/app/root-key.ts';
import { systemClock } from '../../src/base/clock.ts';
import { systemIds } from '../../src/base/ids.ts';
import { callApi } from '../../src/cli/api-client.ts';
import { connect } from '../../src/store/sqlite.ts';
import { SluiceProcess } from '../support/sluice-process.ts';
import { until } from '../support/wait.ts';

let data: string;
beforeAll(async () => (data = await mkdtemp(join(tmpdir(), 'sluice-audit-'))));
afterAll(() => rm(data, { recursive: true }));

type Names = Readonly<Record<string, string>>;

async function start() {
  const child = SluiceProcess.serve(data, '--api-throttle', 'ForbidLiveStream=100000');
  const { httpPort } = await child.ready();
  const key = JSON.parse(await readFile(join(data, 'root-key.json'), 'utf8')) as KeyPair;
  const client = { endpoint: `http://127.0.0.1:${httpPort}`, key, clock: systemClock, ids: systemIds };
  const call = (action: string, params: Names) => callApi(client, action, params);
  return { child, call };
}

async function trail(call: Awaited<ReturnType<typeof start>>['call']): Promise<Names[]> {
  const all: Names[] = [];
  let token: string | undefined;
  do {
    const { body, status } = await call('DescribeAuditRecords', {
      ActionName: 'ForbidLiveStream',
      MaxResults: '1000',
      ...(token !== undefined && { NextToken: token }),
    });
    expect(status).toBe(200);
    const { AuditRecords } = body as unknown as { AuditRecords: { AuditRecord: Names[] } };
    all.push(...AuditRecords.AuditRecord);
    token = body['NextToken'] as string | undefined;
  } while (token !== undefined);
  return all;
}

it('has every call that was answered, however the service ended', { timeout: 180_000 }, async () => {
  const answered = new Set<string>();
  for (let round = 0; round < 3; round++) {
    const { child, call } = await start();
    let isOver = false;
    const forbidding = Array.from({ length: 10 }, async (_, one) => {
      for (let index = 0; !isOver; index++) {
        const StreamName = `s${round}-${one}-${index}`;
        const names = { DomainName: 'live.local', AppName: 'live', StreamName };
        const answer = await call('ForbidLiveStream', { ...names, LiveStreamType: 'publisher' }).catch(
          () => undefined,
        );
        if (answer?.status === 200) answered.add(String(answer.body['RequestId']));
      }
    });
    const before = answered.size;
    await until(() => answered.size > before + 40, 'some answers', 60_000);
    await sleep(round * 17);
    child.child.kill('SIGKILL');
    isOver = true;
    await Promise.all(forbidding);
    await child.ended;
  }
  const { child, call } = await start();
  const lines = await trail(call);
  child.child.kill('SIGTERM');
  expect(await child.ended).toBe(0);
  const known = new Map(lines.map((line) => [line['CallId'], line]));
  expect(known.size).toBe(lines.length);
  expect([...answered].filter((id) => !known.has(id))).toEqual([]);
  for (const line of lines) expect(['Success', 'Unknown']).toContain(line['Result']);
});

it('ends an export with a whole line at SIGINT', { timeout: 60_000 }, async () => {
  const connection = await connect(join(data, 'sluice.db'));
  connection.exec(`pragma synchronous = off;
    with recursive n(i) as (select 0 union all select i + 1 from n where i < 299999)
    insert into audit (at, request_id, action, client_address, status, kind)
    select i, 'R' || i, 'A', '192.0.2.1', 200, 'write' from n`);
  connection.close();
  await using child = new SluiceProcess(['audit', 'export', '--data', data]);
  await until(() => child.out.length > 0, 'the first lines', 30_000);
  child.child.kill('SIGINT');
  expect(await child.ended).toBe(1);
  const lines = child.out.split('\n');
  expect(lines.pop()).toBe('');
  expect(lines.length).toBeLessThan(300_000);
  expect(child.err).toContain(`exported ${lines.length} lines and no more: it was stopped\n`);
  lines.forEach((line, index) => {
    expect((JSON.parse(line) as Names)['CallId']).toBe(`R${index}`);
  });
});
