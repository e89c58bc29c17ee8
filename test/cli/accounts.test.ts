import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KeyPair } from '../../src/app/root-key.ts';
import { systemClock } from '../../src/base/clock.ts';
import { systemIds } from '../../src/base/ids.ts';
import { callApi } from '../../src/cli/api-client.ts';
import { cli } from '../support/cli.ts';
import type { CliResult } from '../support/cli.ts';
import { startTestService } from '../support/service.ts';
import type { TestService } from '../support/service.ts';

let sluice: TestService;
let rootAccountId: unknown;
beforeAll(async () => {
  sluice = await startTestService();
  rootAccountId = (await sluice.call('GetCallerIdentity', {})).body['AccountId'];
});
afterAll(() => sluice[Symbol.asyncDispose]());

const run = (...argv: string[]): Promise<CliResult> => cli([...argv, '--data', sluice.data]);

async function create(name: string): Promise<{ accountId: string; key: KeyPair }> {
  const { code, out, err } = await run('accounts', 'create', '--name', name, '--json');
  expect({ code, err }).toEqual({ code: 0, err: 'Keep the secret now: it is not shown again.\n' });
  const { accountId, ...key } = JSON.parse(out) as KeyPair & { accountId: string };
  return { accountId, key };
}

const as = (key: KeyPair, action: string, parameters: Record<string, string> = {}) =>
  callApi({ endpoint: sluice.endpoint, key, clock: systemClock, ids: systemIds }, action, parameters);

/** Milliseconds from now until the service knows the key. */
async function untilKnown(key: KeyPair): Promise<number> {
  const startedAt = performance.now();
  while ((await as(key, 'GetCallerIdentity')).status !== 200)
    if (performance.now() - startedAt > 5000) throw new Error('the service never knew the key');
  return performance.now() - startedAt;
}

/** The lines that commands left, the oldest first. */
async function recorded(): Promise<Record<string, unknown>[]> {
  const { out } = await cli(['audit', 'export', '--data', sluice.data, '--to', '2099-01-01T00:00:00Z']);
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return lines.filter(({ Actor }) => Actor === 'command line');
}

describe('sluice accounts', () => {
  it('makes an account that a running service knows within 100 ms', async () => {
    const { accountId, key } = await create('Example Sports');
    expect(await untilKnown(key)).toBeLessThan(100);
    expect((await as(key, 'GetCallerIdentity')).body).toMatchObject({
      IdentityType: 'Account',
      AccountId: accountId,
    });
    expect(accountId).toMatch(/^1\d{15}$/);
    // It is an owner like any other, and sees nothing of the root account.
    expect((await as(key, 'CreateUser', { UserName: 'alice' })).status).toBe(200);
    const stream = { DomainName: 'live.local', AppName: 'live', StreamName: 'a' };
    expect((await as(key, 'DescribeLiveStreamState', stream)).body).toMatchObject({
      Code: 'IllegalOperation',
    });
  });

  it('leaves a line in the audit trail of the new account, without the secret', async () => {
    const { accountId, key } = await create('Recorded');
    const line = (await recorded()).at(-1);
    expect(line).toMatchObject({
      ...{ Action: 'sluice accounts create', AccountId: accountId, Target: accountId, Kind: 'write' },
      Effect: { AccountName: 'Recorded', AccessKeyId: key.accessKeyId },
    });
    expect(JSON.stringify(line)).not.toContain(key.accessKeySecret);
  });

  it('prints id and key for people', async () => {
    const { out } = await run('accounts', 'create', '--name', 'Printed');
    expect(out).toMatch(/^AccountId {8}1\d{15}\nAccessKeyId {6}SLUICE\w{18}\nAccessKeySecret {2}\w{32}\n$/);
  });

  it('lists accounts, the root account first, without secrets', async () => {
    const { accountId, key } = await create('Listed');
    await untilKnown(key);
    await as(key, 'CreateUser', { UserName: 'alice' });
    const { out } = await run('accounts', 'list');
    const [head, first] = out.split('\n');
    expect(head).toMatch(/^AccountId +Name +Created +Users +Roles +Domains +Owner keys$/);
    expect(first).toMatch(new RegExp(`^${String(rootAccountId)} +\\(root\\) `));
    expect(out).toMatch(new RegExp(`^${accountId} +Listed +\\S+Z +1 +0 +0 +1$`, 'm'));
    expect(out).not.toContain(key.accessKeySecret);
    const listed = JSON.parse((await run('accounts', 'list', '--json')).out) as object[];
    expect(listed[0]).toMatchObject({ accountId: rootAccountId, root: true });
    expect(listed).toContainEqual({
      accountId,
      name: 'Listed',
      root: false,
      createdAt: expect.any(Number) as number,
      users: 1,
      roles: 0,
      domains: 0,
      ownerKeys: 1,
    });
  });

  it('gives a name once, and names that a list can show', async () => {
    const { accountId } = await create('Twice');
    const again = await run('accounts', 'create', '--name', 'Twice');
    expect(again.code).toBe(1);
    expect(again.err).toBe(`sluice: account ${accountId} has the name Twice already\n`);
    for (const name of ['', ' ', 'x'.repeat(129), 'two\nlines']) {
      const { code, err } = await run('accounts', 'create', '--name', name);
      expect({ code, err }).toEqual({
        code: 2,
        err: 'sluice: --name must be one line of 1 to 128 characters\n',
      });
    }
    expect((await run('accounts', 'create')).code).toBe(2);
  });

  it('gives more keys to an account, and knows no account that is not there', async () => {
    const { accountId, key } = await create('More keys');
    const { out } = await run('keys', 'create', '--account', accountId);
    const [, accessKeyId = '', accessKeySecret = ''] = /(\w+)\n\w+ +(\w+)\n$/.exec(out) ?? [];
    await untilKnown({ accessKeyId, accessKeySecret });
    expect((await as({ accessKeyId, accessKeySecret }, 'GetCallerIdentity')).body).toMatchObject({
      AccountId: accountId,
    });
    // The first key may go now; the last one only on purpose, as through the API.
    expect((await run('keys', 'disable', key.accessKeyId)).code).toBe(0);
    const last = await run('keys', 'disable', accessKeyId);
    expect(last.code).toBe(1);
    expect(last.err).toMatch(/is the last active key of its account: .*sluice keys create.*--force/);
    expect((await run('keys', 'disable', accessKeyId, '--force')).code).toBe(0);
    const { code, err } = await run('keys', 'create', '--account', '1000000000000000');
    expect(code).toBe(1);
    expect(err).toBe('sluice: there is no account 1000000000000000: sluice accounts list shows them\n');
  });

  it('works on the store alone', async () => {
    await sluice.service.close();
    const { accountId } = await create('While it is down');
    await using again = await startTestService({ data: sluice.data });
    expect((await cli(['accounts', 'list', '--data', again.data])).out).toContain(accountId);
  });
});
