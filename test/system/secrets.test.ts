import { readdirSync, readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadConfig } from '../../src/app/config.ts';
import { signUrl } from '../../src/app/sign-url.ts';
import { systemClock } from '../../src/base/clock.ts';
import { systemIds } from '../../src/base/ids.ts';
import { callApi } from '../../src/cli/api-client.ts';
import type { ApiClient } from '../../src/cli/api-client.ts';
import { connectRtmp } from '../../src/cli/rtmp-client.ts';
import { cli } from '../support/cli.ts';
import { recordingLogger } from '../support/log-lines.ts';
import { startTestService } from '../support/service.ts';
import { LOCALHOST_FILES } from '../support/tls.ts';

const root = join(import.meta.dirname, '../..');
const DOMAIN = { mainKey: 'main-key-of-the-domain', backupKey: 'backup-key-of-the-domain', ttlSeconds: 60 };
const trust = (accountId: string): string =>
  JSON.stringify({
    Version: '1',
    Statement: [
      { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: [`acs:ram::${accountId}:root`] } },
    ],
  });
const mayDo = (...Action: string[]): string =>
  JSON.stringify({ Version: '1', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });

interface KeyAnswer {
  readonly AccessKeyId: string;
  readonly AccessKeySecret: string;
  readonly SecurityToken?: string;
}

/** Every file below a folder of the repository, as text. */
function textsBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => join(root, folder, file))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'));
}

it('shows no secret anywhere, whatever was called, denied, published and exported', async () => {
  const { log, lines } = recordingLogger();
  const config = {
    domains: { auth: { 'live.local': DOMAIN } },
    rtmps: LOCALHOST_FILES,
    log: { level: 'trace' },
  };
  await using sluice = await startTestService({ log, config });
  const seen: string[] = [];
  const secrets = new Map<string, string>([
    ['root secret', sluice.key.accessKeySecret],
    ['main key', DOMAIN.mainKey],
    ['backup key', DOMAIN.backupKey],
    ['master key', (await readFile(join(sluice.data, 'master.key'), 'utf8')).trim()],
    ['private key of TLS', readFileSync(LOCALHOST_FILES.key, 'utf8').split('\n')[2] ?? ''],
  ]);
  const clientOf = (key: KeyAnswer): ApiClient => ({
    endpoint: sluice.endpoint,
    key: {
      accessKeyId: key.AccessKeyId,
      accessKeySecret: key.AccessKeySecret,
      ...(key.SecurityToken !== undefined && { securityToken: key.SecurityToken }),
    },
    clock: systemClock,
    ids: systemIds,
  });
  /** A call whose answer anybody may see. */
  const call = async (client: ApiClient, action: string, parameters: Record<string, string> = {}) => {
    const answer = await callApi(client, action, parameters);
    seen.push(JSON.stringify(answer));
    return answer;
  };
  const owner = clientOf({
    AccessKeyId: sluice.key.accessKeyId,
    AccessKeySecret: sluice.key.accessKeySecret,
  });
  const { body: identity } = await call(owner, 'GetCallerIdentity');

  // A user with a key of its own, and a role that it takes on: these two answers are where the secrets are told.
  await call(owner, 'CreateUser', { UserName: 'alice' });
  const policy = { PolicyName: 'moderation', PolicyType: 'Custom' };
  const PolicyDocument = mayDo('live:*', 'sts:AssumeRole');
  await call(owner, 'CreatePolicy', { PolicyName: policy.PolicyName, PolicyDocument });
  await call(owner, 'AttachPolicyToUser', { ...policy, UserName: 'alice' });
  const AssumeRolePolicyDocument = trust(String(identity['AccountId']));
  const role = await call(owner, 'CreateRole', { RoleName: 'moderator', AssumeRolePolicyDocument });
  await call(owner, 'AttachPolicyToRole', { ...policy, RoleName: 'moderator' });
  const made = (await callApi(owner, 'CreateAccessKey', { UserName: 'alice' })).body['AccessKey'];
  const alice = clientOf(made as KeyAnswer);
  const RoleArn = (role.body['Role'] as { Arn: string }).Arn;
  const opened = await callApi(alice, 'AssumeRole', { RoleArn, RoleSessionName: 'shift' });
  const credentials = opened.body['Credentials'] as KeyAnswer;
  const session = clientOf(credentials);
  secrets.set('secret of a user', alice.key.accessKeySecret);
  secrets.set('secret of a session', credentials.AccessKeySecret);
  secrets.set('token of a session', credentials.SecurityToken ?? '');

  // What works, what is denied, and what is wrong in every way that a key or token can be.
  const stream = { DomainName: 'live.local', AppName: 'live', StreamName: 'cam1' };
  const forbid = { ...stream, LiveStreamType: 'publisher', Reason: 'test' };
  expect((await call(session, 'ForbidLiveStream', forbid)).status).toBe(200);
  expect((await call(alice, 'ResumeLiveStream', { ...stream, LiveStreamType: 'publisher' })).status).toBe(
    200,
  );
  expect((await call(session, 'CreateUser', { UserName: 'mallory' })).status).toBe(403);
  const { accessKeyId, accessKeySecret } = session.key;
  for (const key of [
    { AccessKeyId: accessKeyId, AccessKeySecret: accessKeySecret },
    { AccessKeyId: accessKeyId, AccessKeySecret: accessKeySecret, SecurityToken: 'no-token' },
    { AccessKeyId: sluice.key.accessKeyId, AccessKeySecret: accessKeySecret },
    { AccessKeyId: sluice.key.accessKeyId, AccessKeySecret: sluice.key.accessKeySecret, SecurityToken: 'x' },
  ])
    expect((await call(clientOf(key), 'DescribeLiveStreamState', stream)).status).toBe(400);
  for (const misplaced of [sluice.key.accessKeySecret, credentials.SecurityToken ?? ''])
    for (const name of ['Signature', 'AccessKeySecret', 'SecurityToken']) {
      const url = `${sluice.endpoint}/?Action=DescribeLiveStreamState&Version=2016-11-01&${name}=${encodeURIComponent(misplaced)}`;
      seen.push(await (await fetch(url)).text());
    }

  // Peers with signed and with wrong URLs.
  const at = loadConfig({ env: { SLUICE_DOMAINS_AUTH: JSON.stringify({ 'live.local': DOMAIN }) } });
  const { url } = signUrl(at, { url: 'rtmp://live.local/live/cam1', now: Date.now(), rand: 'r' });
  const authKey = new URL(url).searchParams.get('auth_key') ?? '';
  secrets.set('auth_key', authKey);
  secrets.set('wrong auth_key', 'wrong-auth-key');
  const target = { host: '127.0.0.1', port: sluice.service.rtmpPort, app: 'live' } as const;
  const tcUrl = 'rtmp://live.local/live';
  const publisher = await connectRtmp({
    ...target,
    tcUrl,
    mode: 'publish',
    stream: `cam1?auth_key=${authKey}`,
  });
  await expect(
    connectRtmp({ ...target, tcUrl, mode: 'publish', stream: 'cam2?auth_key=1-2-3-bad' }),
  ).rejects.toThrow(/auth_key/);
  const flv = await fetch(`${sluice.endpoint}/live/cam1.flv?auth_key=1-2-3-wrong-auth-key`);
  expect(flv.status).toBe(403);
  seen.push(await flv.text());
  await call(owner, 'ForbidLiveStream', { ...forbid, Replace: 'true' });
  await publisher.ended;

  // Whatever can be read of all this afterwards.
  for (const action of ['DescribeAuditRecords', 'DescribeServiceStatus', 'ListUsers', 'ListRoles'])
    expect((await call(owner, action)).status).toBe(200);
  await call(owner, 'ListAccessKeys', { UserName: 'alice' });
  await call(owner, 'DescribeLiveStreamBlocks');
  for (const page of ['/metrics', '/readyz', '/healthz'])
    seen.push(await (await fetch(`http://127.0.0.1:${sluice.service.internalPort}${page}`)).text());
  seen.push(await (await fetch(`${sluice.endpoint}/openapi.json`)).text());
  await sluice.service.close();
  for (const argv of [
    ['audit', 'export'],
    ['keys', 'list'],
    ['keys', 'list', '--json'],
    ['accounts', 'list'],
  ]) {
    const { code, out, err } = await cli([...argv, '--data', sluice.data]);
    expect({ argv, code }).toEqual({ argv, code: 0 });
    seen.push(out, err);
  }
  const stored = readdirSync(sluice.data)
    .filter((file) => file.startsWith('sluice'))
    .map((file) => readFileSync(join(sluice.data, file), 'latin1'));
  expect(stored.length).toBeGreaterThanOrEqual(2);

  // The run left its traces, and none of the secrets is in them.
  const everything = [
    ...lines,
    ...seen,
    ...stored,
    ...textsBelow('docs'),
    readFileSync(join(root, 'COVERAGE.md'), 'utf8'),
  ];
  const text = everything.join('\n');
  for (const trace of ['stream forbidden', 'role/moderator:shift', 'user/alice', 'NoPermission', 'auth-m'])
    expect(text).toContain(trace);
  for (const [name, secret] of secrets) {
    expect(secret.length, name).toBeGreaterThan(10);
    expect(
      everything.findIndex((one) => one.includes(secret)),
      name,
    ).toBe(-1);
  }
});
