import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KeyPair } from '../../src/app/root-key.ts';
import { callApi } from '../../src/cli/api-client.ts';
import { systemClock } from '../../src/base/clock.ts';
import { systemIds } from '../../src/base/ids.ts';
import { cli } from '../support/cli.ts';
import type { CliOptions, CliResult } from '../support/cli.ts';
import { startTestService } from '../support/service.ts';
import type { TestService } from '../support/service.ts';

let sluice: TestService;
let rootAccountId: unknown;
beforeAll(async () => {
  sluice = await startTestService();
  rootAccountId = (await sluice.call('GetCallerIdentity', {})).body['AccountId'];
});
afterAll(() => sluice[Symbol.asyncDispose]());

function keys(line: string, options: CliOptions = {}): Promise<CliResult> {
  return cli(['keys', ...line.split(' '), '--data', sluice.data], options);
}

async function create(...more: string[]): Promise<KeyPair> {
  const { code, out } = await cli(['keys', 'create', '--data', sluice.data, ...more]);
  expect(code).toBe(0);
  const [, accessKeyId = '', accessKeySecret = ''] =
    /^AccessKeyId +(\w+)\nAccessKeySecret +(\w+)\n$/.exec(out) ?? [];
  return { accessKeyId, accessKeySecret };
}

async function answerTo(key: KeyPair): Promise<unknown> {
  const client = { endpoint: sluice.endpoint, key, clock: systemClock, ids: systemIds };
  const { status, body } = await callApi(client, 'DescribeLiveStreamBlocks', {});
  return status === 200 ? 'ok' : body['Code'];
}

/** Milliseconds from now until the service answers the key so. */
async function untilAnswer(key: KeyPair, expected: string): Promise<number> {
  const startedAt = performance.now();
  while ((await answerTo(key)) !== expected)
    if (performance.now() - startedAt > 5000) throw new Error(`the service never answered ${expected}`);
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

describe('sluice keys, while the service runs', () => {
  it('makes, lists, disables and deletes a key, and the service follows within 100 ms', async () => {
    expect(await answerTo(sluice.key)).toBe('ok');
    const key = await create('--note', 'moderation bot');
    expect(await untilAnswer(key, 'ok')).toBeLessThan(100);

    const { out } = await keys('list');
    expect(out).toMatch(
      new RegExp(
        `^${key.accessKeyId} +active +${String(rootAccountId)} +\\(owner\\) +\\S+ +moderation bot$`,
        'm',
      ),
    );
    expect(out).toMatch(
      new RegExp(`^${sluice.key.accessKeyId} +active +${String(rootAccountId)} +\\(root\\) `, 'm'),
    );
    const json = await keys('list --json');
    for (const text of [out, json.out]) expect(text).not.toContain(key.accessKeySecret);
    expect(JSON.parse(json.out)).toHaveLength(2);

    expect((await keys(`disable ${key.accessKeyId}`)).code).toBe(0);
    expect(await untilAnswer(key, 'InvalidAccessKeyId.Inactive')).toBeLessThan(100);
    expect(await keys(`enable ${key.accessKeyId}`)).toMatchObject({
      code: 0,
      out: `${key.accessKeyId} is active\n`,
    });
    expect(await untilAnswer(key, 'ok')).toBeLessThan(100);
    expect((await keys(`delete ${key.accessKeyId}`)).code).toBe(0);
    expect(await untilAnswer(key, 'InvalidAccessKeyId.NotFound')).toBeLessThan(100);
    expect(await answerTo(sluice.key)).toBe('ok');
  });

  it('names a key that is not there', async () => {
    for (const line of ['disable nobody', 'enable nobody', 'delete nobody']) {
      const { code, err } = await keys(line);
      expect(code).toBe(1);
      expect(err).toMatch(/there is no access key nobody/);
    }
  });

  it('keeps notes to one line that a list can show', async () => {
    for (const note of ['', 'x'.repeat(129), 'two\nlines', '\u001b[31mred'])
      expect(await cli(['keys', 'create', '--data', sluice.data, '--note', note])).toEqual({
        code: 2,
        out: '',
        err: 'sluice: --note must be one line of 1 to 128 characters\n',
      });
  });

  it('makes keys of users, as many as a user may have', async () => {
    await sluice.call('CreateUser', { UserName: 'alice' });
    const key = await create('--user', 'alice', '--note', 'of alice');
    await untilAnswer(key, 'NoPermission');
    const client = { endpoint: sluice.endpoint, key, clock: systemClock, ids: systemIds };
    const { body } = await callApi(client, 'GetCallerIdentity', {});
    expect(body).toMatchObject({
      IdentityType: 'RAMUser',
      Arn: `acs:ram::${String(rootAccountId)}:user/alice`,
    });
    expect((await keys('list')).out).toMatch(new RegExp(`^${key.accessKeyId} .* alice .* of alice$`, 'm'));
    const listed = JSON.parse((await keys('list --json')).out) as Record<string, unknown>[];
    const facts = listed.find(({ accessKeyId }) => accessKeyId === key.accessKeyId);
    expect(facts).toMatchObject({ accountId: rootAccountId, userName: 'alice', status: 'active' });
    await create('--user', 'alice');
    for (const [user, message] of [
      ['alice', /user alice has 2 access keys already/],
      ['bob', /has no user bob: make it with sluice call CreateUser --UserName bob/],
    ] as const) {
      const { code, err } = await cli(['keys', 'create', '--data', sluice.data, '--user', user]);
      expect(code).toBe(1);
      expect(err).toMatch(message);
    }
  });

  it('leaves a line in the audit trail of each change, without the secret', async () => {
    const before = (await recorded()).length;
    const { accessKeyId, accessKeySecret } = await create('--note', 'recorded');
    for (const command of ['disable', 'enable', 'delete']) await keys(`${command} ${accessKeyId}`);
    await keys(`delete ${accessKeyId}`);
    const lines = (await recorded()).slice(before);
    const line = { AccountId: rootAccountId, Kind: 'write', Target: accessKeyId, Result: 'Success' };
    expect(lines).toMatchObject(
      ['create', 'disable', 'enable', 'delete'].map((command) => ({
        ...line,
        Action: `sluice keys ${command}`,
      })),
    );
    expect(JSON.stringify(lines)).not.toContain(accessKeySecret);
  });

  it('does not close the last way in by accident, and recovers', async () => {
    const root = sluice.key.accessKeyId;
    for (const line of [`disable ${root}`, `delete ${root}`]) {
      const { code, err } = await keys(line);
      expect(code).toBe(1);
      expect(err).toMatch(/is the last active root key.*--force/);
    }
    expect((await keys(`disable ${root} --force`)).code).toBe(0);
    await untilAnswer(sluice.key, 'InvalidAccessKeyId.Inactive');

    const path = join(sluice.data, 'root-key.json');
    const before = await readFile(path, 'utf8');
    const quiet = await keys('recover');
    expect(quiet.code).toBe(0);
    const pair = JSON.parse(await readFile(join(sluice.data, 'root-key.json'), 'utf8')) as KeyPair;
    expect(quiet.out).toContain(pair.accessKeyId);
    expect(quiet.out).toContain(`The old file is kept as ${path}.old\n`);
    expect(await readFile(`${path}.old`, 'utf8')).toBe(before);
    expect((await stat(`${path}.old`)).mode & 0o777).toBe(0o600);
    expect(quiet.out + quiet.err).not.toContain(pair.accessKeySecret);
    await untilAnswer(pair, 'ok');
    expect((await recorded()).at(-1)).toMatchObject({
      ...{ Action: 'sluice keys recover', AccountId: rootAccountId, Target: pair.accessKeyId },
      Effect: { Root: true },
    });

    // Now there is another, the old one may go.
    expect((await keys(`delete ${root}`)).code).toBe(0);
    await rm(path);
    const shown = await keys('recover', { isTerminal: true });
    expect(shown.out).not.toContain('.old');
    const second = JSON.parse(await readFile(join(sluice.data, 'root-key.json'), 'utf8')) as KeyPair;
    expect(shown.err).toContain(second.accessKeySecret);
  });
});

describe('sluice keys, while the service does not run', () => {
  it('works on the store alone', async () => {
    await sluice.service.close();
    const key = await create();
    expect((await keys('list')).out).toContain(key.accessKeyId);
    await using again = await startTestService({ data: sluice.data });
    const client = { endpoint: again.endpoint, key, clock: systemClock, ids: systemIds };
    expect((await callApi(client, 'DescribeLiveStreamBlocks', {})).status).toBe(200);
  });
});

describe('sluice migrate', () => {
  it('tells where the files of a store are, with and without --check', async () => {
    const check = await cli(['migrate', '--check', '--data', sluice.data]);
    expect(check.code).toBe(0);
    expect(check.out).toMatch(/sluice\.db: up to date \(\d+\)\n.*sluice-log\.db: up to date \(\d+\)\n/);
    expect((await cli(['migrate', '--data', sluice.data])).out).toBe(check.out);
  });
});
