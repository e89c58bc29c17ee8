import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallerKey } from '../../src/app/root-key.ts';
import { systemClock } from '../../src/base/clock.ts';
import { systemIds } from '../../src/base/ids.ts';
import { callApi } from '../../src/cli/api-client.ts';
import { cli } from '../support/cli.ts';
import type { CliResult } from '../support/cli.ts';
import { allowing, trusting } from '../support/roles.ts';
import { startTestService } from '../support/service.ts';
import type { TestService } from '../support/service.ts';

type SessionKey = Required<CallerKey> & { expiration: string };

let sluice: TestService;
let folder: string;
let rootAccountId: unknown;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-sessions-'));
  sluice = await startTestService();
  rootAccountId = (await sluice.call('GetCallerIdentity', {})).body['AccountId'];
  // Nobody is trusted whom the command line could be: it is not asked.
  const trust = trusting(['acs:ram::1000000000000001:user/nobody']);
  const role = { RoleName: 'ci', AssumeRolePolicyDocument: trust };
  const policy = { PolicyName: 'ci', PolicyDocument: allowing('live:*') };
  const attached = { RoleName: 'ci', PolicyName: 'ci', PolicyType: 'Custom' };
  for (const [action, params] of [
    ['CreateRole', role],
    ['CreatePolicy', policy],
    ['AttachPolicyToRole', attached],
  ] as const)
    expect(await sluice.call(action, params)).toMatchObject({ status: 200 });
});
afterAll(async () => {
  await sluice[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const session = (...argv: string[]): Promise<CliResult> =>
  cli(['keys', 'session', '--role', 'ci', '--data', sluice.data, ...argv]);

async function opened(...argv: string[]): Promise<SessionKey> {
  const { code, out, err } = await session('--json', ...argv);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out) as SessionKey;
}

const as = (key: CallerKey, action: string, parameters: Record<string, string> = {}) =>
  callApi({ endpoint: sluice.endpoint, key, clock: systemClock, ids: systemIds }, action, parameters);

const secondsUntil = ({ expiration }: SessionKey): number => (Date.parse(expiration) - Date.now()) / 1000;

/** The lines that commands left, the oldest first. */
async function recorded(): Promise<Record<string, unknown>[]> {
  const { out } = await cli(['audit', 'export', '--data', sluice.data, '--to', '2099-01-01T00:00:00Z']);
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return lines.filter(({ Actor }) => Actor === 'command line');
}

describe('sluice keys session', () => {
  it('opens a session that a running service knows at once', async () => {
    const { expiration: _, ...key } = await opened('--name', 'job-42');
    expect((await as(key, 'GetCallerIdentity')).body).toMatchObject({
      Arn: `acs:ram::${String(rootAccountId)}:assumed-role/ci/job-42`,
    });
    expect((await as(key, 'DescribeLiveStreamBlocks')).status).toBe(200);
    expect((await as(key, 'ListUsers')).body).toMatchObject({ Code: 'NoPermission' });
  });

  it('leaves a line in the audit trail, without secret and token', async () => {
    const key = await opened('--name', 'recorded');
    const line = (await recorded()).at(-1);
    expect(line).toMatchObject({
      ...{ Action: 'sluice keys session', AccountId: rootAccountId, Target: 'role/ci:recorded' },
      Effect: { AccessKeyId: key.accessKeyId, Expiration: key.expiration },
    });
    expect(JSON.stringify(line)).not.toContain(key.accessKeySecret);
    expect(JSON.stringify(line)).not.toContain(key.securityToken);
  });

  it('lasts an hour, or as long as it is told', async () => {
    const hour = secondsUntil(await opened());
    expect(hour).toBeGreaterThan(3500);
    expect(hour).toBeLessThanOrEqual(3600);
    expect(secondsUntil(await opened('--duration', '15m'))).toBeLessThanOrEqual(900);
  });

  it('is narrowed by a policy of a file', async () => {
    const policy = join(folder, 'policy.json');
    await writeFile(policy, `${allowing('live:DescribeLiveStreamBlocks')}\n`);
    const { expiration: _, ...key } = await opened('--policy', policy);
    expect((await as(key, 'DescribeLiveStreamBlocks')).status).toBe(200);
    expect((await as(key, 'DescribeLiveStreamCount')).body).toMatchObject({
      AccessDeniedDetail: { PolicyType: 'SessionPolicy' },
    });
  });

  it('prints export lines that a shell evaluates and sluice call signs with', async () => {
    const { out, err, code } = await session('--shell', '--name', 'job-43');
    expect(code).toBe(0);
    expect(err).toMatch(/^The session ends at \d{4}-\S+Z\.\n$/);
    const script = `${out}echo "$SLUICE_ACCESS_KEY_ID $SLUICE_ACCESS_KEY_SECRET $SLUICE_SECURITY_TOKEN"`;
    const { stdout } = await promisify(execFile)('sh', ['-c', script], { env: {} });
    const [id = '', secret = '', token = ''] = stdout.trim().split(' ');
    const env = { SLUICE_ACCESS_KEY_ID: id, SLUICE_ACCESS_KEY_SECRET: secret, SLUICE_SECURITY_TOKEN: token };
    const call = (more: Record<string, string> = {}): Promise<CliResult> =>
      cli(['call', 'GetCallerIdentity', '--endpoint', sluice.endpoint], { env: { ...env, ...more } });
    expect(JSON.parse((await call()).out)).toMatchObject({
      Arn: `acs:ram::${String(rootAccountId)}:assumed-role/ci/job-43`,
    });
    // An empty variable is one that is not set.
    expect((await call({ SLUICE_SECURITY_TOKEN: '' })).err).toContain('MissingSecurityToken');
  });

  it('prints a key file for sluice call, and three credentials for people', async () => {
    const file = join(folder, 'session.json');
    await writeFile(file, (await session('--json')).out);
    const call = ['call', 'GetCallerIdentity', '--endpoint', sluice.endpoint, '--key-file', file];
    expect((await cli(call)).out).toContain('assumed-role/ci/command-line');
    const { out } = await session();
    expect(out).toMatch(
      /^AccessKeyId {6}STS\.\S+\nAccessKeySecret {2}\S+\nSecurityToken {4}v1\.\S+\nExpiration {7}\S+Z\n$/,
    );
  });

  it('says what it cannot do', async () => {
    const bad = join(folder, 'bad.json');
    await writeFile(bad, '{"Version":"1"}');
    const long = join(folder, 'long.json');
    await writeFile(long, allowing(Array.from({ length: 200 }, (_, at) => `live:Action${at}`)));
    const cases: [string[], RegExp][] = [
      [['--duration', '14m'], /--duration must be from 15m to 12h, such as 1h, not "14m"/],
      [['--duration', '13h'], /--duration must be from 15m to 12h/],
      [['--duration', 'none'], /--duration must be from 15m to 12h/],
      [['--duration', '2h'], /role ci allows sessions of 3600 s at most/],
      [['--name', 'a b'], /--name must be 2 to 64 of/],
      [['--policy', join(folder, 'none.json')], /none\.json is not there/],
      [['--policy', bad], /bad\.json: Statement must be a list/],
      [['--policy', long], /long\.json: The document must not be longer than 2048 characters/],
      [['--role', 'nobody'], /has no role nobody: make it with sluice call CreateRole --RoleName nobody/],
      [['--account', '1000000000000000'], /there is no account 1000000000000000/],
    ];
    for (const [argv, message] of cases) {
      const { code, out, err } = await session(...argv);
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toMatch(message);
    }
    expect((await cli(['keys', 'session'])).code).toBe(2);
    expect((await session('--json', '--shell')).code).toBe(2);
  });
});
