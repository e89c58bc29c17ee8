import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { roleArnOf } from '../../../src/core/ram/assume-role.ts';
import { formatTimestamp } from '../../../src/base/timestamp.ts';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import type { CallerKey } from '../../support/api-harness.ts';
import { expectCode, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { allowing, makeRole, sessionOf, trusting } from '../../support/roles.ts';
import type { RoleOptions } from '../../support/roles.ts';

const MAY_ASSUME = allowing('sts:AssumeRole');
const LONG_POLICY = allowing('live:*').padEnd(2049);

let made: InAccount;
let alice: CallerKey;
eachWithAnAccount((fresh) => (made = fresh));
beforeEach(async () => (alice = await made.userWith(MAY_ASSUME)));

/** Secrets that were given out; no audit line may hold one. */
const secrets: string[] = [];
const audited: string[] = [];
afterAll(() => {
  expect(secrets.length).toBeGreaterThan(4);
  for (const secret of secrets) expect(audited.join('\n')).not.toContain(secret);
});

async function assume(params: Record<string, string>, key: CallerKey = alice) {
  const answer = await made.call('AssumeRole', { RoleSessionName: 'night-shift', ...params }, key);
  const given = answer.json['Credentials'] as Record<string, string> | undefined;
  if (given) secrets.push(given['AccessKeySecret']!, given['SecurityToken']!);
  audited.push(JSON.stringify(made.api.audit.at(-1)));
  return answer;
}
const arnOf = async (options?: RoleOptions): Promise<string> => roleArnOf(await makeRole(made, options));

describe('parameters', () => {
  it.each([
    ['RoleArn', 'role/moderator'],
    ['RoleArn', 'acs:ram::1:role/x'],
    ['RoleArn', 'acs:ram::1234567890123456:user/alice'],
    ['RoleArn', 'acs:ram::1234567890123456:role/'],
    ['RoleArn', 'acs:ram::1234567890123456:role/a b'],
    ['RoleSessionName', 'x'],
    ['RoleSessionName', 'x'.repeat(65)],
    ['RoleSessionName', 'a/b'],
    ['RoleSessionName', 'ä-ä'],
    ['DurationSeconds', '899'],
    ['DurationSeconds', '43201'],
    ['DurationSeconds', '15m'],
    ['Policy', LONG_POLICY],
    ['ExternalId', 'x'],
    ['ExternalId', 'a b'],
  ])('refuses %s %j', async (name, value) => {
    const code = `Invalid${name}.Malformed`;
    await expectCode(assume({ RoleArn: await arnOf(), [name]: value }, alice), 400, code);
  });

  it.each(['RoleArn', 'RoleSessionName'])('must have %s', async (name) => {
    const params = { RoleArn: await arnOf(), [name]: '' };
    await expectCode(assume(params), 400, `Missing${name}`);
  });

  it('takes bounds and defaults as they are said', async () => {
    const RoleArn = await arnOf({ maxSessionSeconds: 43_200 });
    const end = async (params: Record<string, string>): Promise<unknown> => {
      const { json } = await assume({ RoleArn, ...params });
      return (json['Credentials'] as Record<string, string>)['Expiration'];
    };
    const now = made.api.clock.now();
    expect(await end({})).toBe(formatTimestamp(now + 3_600_000));
    expect(await end({ DurationSeconds: '900' })).toBe(formatTimestamp(now + 900_000));
    expect(await end({ DurationSeconds: '43200' })).toBe(formatTimestamp(now + 43_200_000));
    expect(await end({ Policy: allowing('live:*').padEnd(2048) })).toBe(formatTimestamp(now + 3_600_000));
  });

  it('gives no session for longer than the role allows', async () => {
    const RoleArn = await arnOf({ maxSessionSeconds: 3600 });
    const answer = await assume({ RoleArn, DurationSeconds: '3601' });
    await expectCode(Promise.resolve(answer), 400, 'InvalidParameter.DurationSeconds');
    expect(answer.json['Message']).toMatch(/The role allows 3600 seconds\.$/);
  });

  it.each([
    ['no JSON', '{', /not valid JSON/],
    ['a misspelt element', allowing('live:*').replace('Effect', 'Efect'), /Statement\[0\]/],
    ['a principal', trusting(['acs:ram::1234567890123456:root']), /Statement\[0\].*Principal/],
  ])('reads the policy: %s', async (_, Policy, message) => {
    const answer = await assume({ RoleArn: await arnOf(), Policy });
    await expectCode(Promise.resolve(answer), 400, 'InvalidParameter.PolicyGrammar');
    expect(answer.json['Message']).toMatch(message);
  });
});

describe('permission', () => {
  it('asks for its action on the role', async () => {
    const RoleArn = await arnOf();
    made.api.policy.asked.length = 0;
    await assume({ RoleArn });
    expect(made.api.policy.asked).toMatchObject([{ action: 'sts:AssumeRole', resources: [RoleArn] }]);
  });

  it('needs the caller’s own policies to name the role', async () => {
    const [RoleArn, other] = [await arnOf(), await arnOf()];
    const key = await made.userWith(allowing('sts:AssumeRole', RoleArn));
    expect((await assume({ RoleArn }, key)).status).toBe(200);
    await expectCode(assume({ RoleArn: other }, key), 403, 'NoPermission');
    await expectCode(assume({ RoleArn }, await made.userWith()), 403, 'NoPermission');
    const deny = await made.userWith(MAY_ASSUME.replace('Allow', 'Deny'));
    expect((await assume({ RoleArn }, deny)).json).toMatchObject({
      Code: 'NoPermission',
      AccessDeniedDetail: { NoPermissionType: 'ExplicitDeny', PolicyType: 'AccountLevelIdentityBasedPolicy' },
    });
  });

  it('needs the role to trust the caller', async () => {
    const { accountId } = made;
    const [user] = [...made.account().users.values()];
    const self = `acs:ram::${accountId}:user/${user?.name}`;
    const trusted = [[self], [`acs:ram::${accountId}:root`], [`acs:ram::${accountId}:user/bob`, self]];
    for (const names of trusted)
      expect((await assume({ RoleArn: await arnOf({ trust: trusting(names) }) })).status).toBe(200);
    const strangers = [
      `acs:ram::${accountId}:user/${user?.name}2`,
      `acs:ram::${accountId}:role/${user?.name}`,
      'acs:ram::1000000000000001:root',
    ];
    for (const name of strangers) {
      const RoleArn = await arnOf({ trust: trusting([name]) });
      expect(await assume({ RoleArn })).toMatchObject({
        status: 403,
        json: {
          Code: 'NoPermission',
          AccessDeniedDetail: {
            AuthAction: 'sts:AssumeRole',
            AuthPrincipalType: 'SubUser',
            AuthPrincipalOwnerId: accountId,
            AuthPrincipalDisplayName: user?.id,
            NoPermissionType: 'ImplicitDeny',
            PolicyType: 'AssumeRolePolicy',
            AuthResource: RoleArn,
          },
        },
      });
    }
    expect(made.api.audit.at(-1)).toMatchObject({ kind: 'denied', code: 'NoPermission', effect: null });
  });

  it('lets a deny of the trust policy win', async () => {
    const root = `acs:ram::${made.accountId}:root`;
    const { Statement } = JSON.parse(trusting([root])) as { Statement: [object] };
    const trust = JSON.stringify({
      Version: '1',
      Statement: [...Statement, { ...Statement[0], Effect: 'Deny' }],
    });
    expect((await assume({ RoleArn: await arnOf({ trust }) })).json).toMatchObject({
      Code: 'NoPermission',
      AccessDeniedDetail: { NoPermissionType: 'ExplicitDeny', PolicyType: 'AssumeRolePolicy' },
    });
  });

  it('trusts nobody when the trust policy cannot be read', async () => {
    await expectCode(assume({ RoleArn: await arnOf({ trust: '{}' }) }), 403, 'NoPermission');
  });

  it('asks the conditions of the trust policy', async () => {
    const root = [`acs:ram::${made.accountId}:root`];
    const outside = trusting(root, { IpAddress: { 'acs:SourceIp': '10.0.0.0/8' } });
    const inside = trusting(root, { IpAddress: { 'acs:SourceIp': '192.0.2.0/24' } });
    await expectCode(assume({ RoleArn: await arnOf({ trust: outside }) }), 403, 'NoPermission');
    expect((await assume({ RoleArn: await arnOf({ trust: inside }) })).status).toBe(200);
    const RoleArn = await arnOf({ trust: trusting(root, { StringEquals: { 'sts:ExternalId': 'c-1' } }) });
    await expectCode(assume({ RoleArn }), 403, 'NoPermission');
    await expectCode(assume({ RoleArn, ExternalId: 'c-2' }), 403, 'NoPermission');
    expect((await assume({ RoleArn, ExternalId: 'c-1' })).status).toBe(200);
  });

  it('is not for account owners, whatever the role trusts', async () => {
    const { json, status } = await assume({ RoleArn: await arnOf() }, made.key);
    expect({ status, ...json }).toMatchObject({
      status: 403,
      Code: 'NoPermission',
      Message: 'Roles may not be assumed by root accounts.',
    });
  });
});

describe('limits', () => {
  itIsLimitedTo('AssumeRole', { calls: 100, perSeconds: 1 });
});

describe('behaviour', () => {
  it('gives a key, a secret and a token', async () => {
    const role = await makeRole(made, { name: 'moderator' });
    const { json } = await assume({ RoleArn: roleArnOf(role) });
    expect(json).toEqual({
      RequestId: expect.any(String) as string,
      AssumedRoleUser: {
        Arn: `acs:ram::${made.accountId}:role/moderator/night-shift`,
        AssumedRoleId: `${role.id}:night-shift`,
      },
      Credentials: {
        AccessKeyId: expect.stringMatching(/^STS\.[\w-]{28}$/) as string,
        AccessKeySecret: expect.stringMatching(/^[\w-]{40}$/) as string,
        SecurityToken: expect.stringMatching(/^v1\.[\w-]+$/) as string,
        Expiration: formatTimestamp(made.api.clock.now() + 3_600_000),
      },
    });
  });

  it('writes role, session and end into the audit trail', async () => {
    const RoleArn = await arnOf();
    const { json } = await assume({ RoleArn, Policy: allowing('live:*') });
    const given = json['Credentials'] as Record<string, string>;
    expect(made.api.audit.at(-1)).toMatchObject({
      kind: 'write',
      action: 'AssumeRole',
      actor: expect.stringMatching(/^user\/user-/) as string,
      effect: {
        Role: RoleArn,
        Session: 'night-shift',
        AccessKeyId: given['AccessKeyId'],
        Expiration: given['Expiration'],
        Narrowed: true,
      },
    });
  });

  it('gives the rights of the role and no others', async () => {
    const role = await makeRole(made, { policy: allowing('live:Describe*') });
    const session = await sessionOf(made, role, { key: alice });
    const stream = { DomainName: `${made.accountId}.example.com`, AppName: 'live', StreamName: 'a' };
    const forbid = { ...stream, LiveStreamType: 'publisher' };
    // The domain becomes the account's.
    expect((await made.call('ForbidLiveStream', forbid)).status).toBe(200);
    expect((await made.call('DescribeLiveStreamBlocks', stream, session)).status).toBe(200);
    expect((await made.call('ForbidLiveStream', forbid, session)).json).toMatchObject({
      Code: 'NoPermission',
      AccessDeniedDetail: {
        AuthPrincipalType: 'AssumedRoleUser',
        AuthPrincipalDisplayName: `${role.name}:night-shift`,
      },
    });
    // The session is not the user: it may not open another.
    await expectCode(assume({ RoleArn: roleArnOf(role) }, session), 403, 'NoPermission');
    expect(made.api.audit.at(-1)).toMatchObject({ actor: `role/${role.name}:night-shift` });
  });

  it('knows no role that is not there', async () => {
    const RoleArn = `acs:ram::${made.accountId}:role/nobody`;
    await expectCode(assume({ RoleArn }), 404, 'EntityNotExist.Role');
  });

  it('opens a role of another account that trusts this one', async () => {
    const other = await made.otherAccount();
    const theirs = { ...made, accountId: other.accountId };
    const trust = trusting([`acs:ram::${made.accountId}:root`]);
    const role = await makeRole(theirs, { trust, policy: allowing('live:*') });
    const session = await sessionOf(made, role, { key: alice });
    const { json } = await made.call('GetCallerIdentity', {}, session);
    expect(json).toMatchObject({ AccountId: other.accountId, RoleId: role.id });
  });

  it('does not tell whether another account has a role', async () => {
    const other = await made.otherAccount();
    const role = await makeRole({ ...made, accountId: other.accountId });
    const told = await Promise.all(
      [roleArnOf(role), `acs:ram::${other.accountId}:role/nobody`, 'acs:ram::9999999999999999:role/x'].map(
        async (RoleArn) => {
          const { json, status } = await assume({ RoleArn });
          const { AuthResource: _, ...detail } = json['AccessDeniedDetail'] as Record<string, string>;
          return { status, Code: json['Code'], Message: json['Message'], detail };
        },
      ),
    );
    expect(told[0]).toMatchObject({ status: 403, Code: 'NoPermission' });
    expect([told[1], told[2]]).toEqual([told[0], told[0]]);
  });

  it('lets a session take on a role that trusts its role', async () => {
    const first = await makeRole(made, { policy: MAY_ASSUME });
    const session = await sessionOf(made, first, { key: alice });
    const second = await arnOf({ trust: trusting([roleArnOf(first)]) });
    expect((await assume({ RoleArn: second }, session)).status).toBe(200);
    await expectCode(assume({ RoleArn: second }), 403, 'NoPermission');
  });

  it('is not answered twice', async () => {
    const RoleArn = await arnOf();
    const { api } = made;
    const raw = api.sign('AssumeRole', { RoleArn, RoleSessionName: 'night-shift' }, alice);
    expect((await api.send(raw)).status).toBe(200);
    await expectCode(api.send(raw), 400, 'SignatureNonceUsed');
    // The nonce is in the store too, where it outlives the process.
    const nonce = 'kept-nonce';
    const caller = { ...(await callerOf(alice)), nonce };
    expect(await api.store.directory.beginCall(caller)).toBe(true);
    await expectCode(
      made.call('AssumeRole', { RoleArn, RoleSessionName: 'night-shift' }, { ...alice, nonce }),
      400,
      'SignatureNonceUsed',
    );
  });
});

async function callerOf({ accessKeyId }: CallerKey) {
  const { accountId, api } = made;
  const at = api.clock.now();
  const marks = { requestId: 'r', at, actor: 'user/x', action: 'AssumeRole', target: null };
  return { accountId, accessKeyId, ...marks, clientAddress: '192.0.2.7', nonce: '' };
}
