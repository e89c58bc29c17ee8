import { beforeEach, describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import type { CallerKey, CallOptions } from '../../support/api-harness.ts';
import { expectCode } from '../../support/operation-blocks.ts';
import { attachTo, newBearer, newPolicy, policyOf, putInForce } from '../../support/policies.ts';
import { newKey, ok } from '../../support/ram-things.ts';

/** What policies that were made through the API come to, with calls about streams through the same door. */

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));

/** A domain of the account's own. */
const domainOf = (name = 'play') => `${name}.a${made.accountId}.example.com`;
type Options = Omit<CallOptions, keyof CallerKey>;
const forbid = (key: CallerKey, DomainName = domainOf(), options: Options = {}) => {
  const stream = { DomainName, AppName: 'live', StreamName: 'room', LiveStreamType: 'publisher' };
  return made.call('ForbidLiveStream', { ...stream, DryRun: 'true' }, { ...key, ...options });
};
const describeBlocks = (key: CallerKey, DomainName = domainOf()) =>
  made.call('DescribeLiveStreamBlocks', { DomainName }, key);
// Only what is the account's own can be read.
beforeEach(async () => {
  await ok(forbid(made.key));
});

async function userWith(...policies: { name: string; type?: string }[]): Promise<CallerKey> {
  await newBearer(made, 'User');
  for (const policy of policies) await ok(attachTo(made, 'User', policy));
  return newKey(made, { UserName: 'it' });
}

const LIVE = { Effect: 'Allow', Action: 'live:*', Resource: '*' };

describe('AliyunLiveReadOnlyAccess', () => {
  const READ_ONLY = { name: 'AliyunLiveReadOnlyAccess', type: 'System' };

  it('lets a user describe, and tells it in full why it may not forbid', async () => {
    const key = await userWith(READ_ONLY);
    await ok(describeBlocks(key));
    const { status, json } = await forbid(key);
    const { accountId } = made;
    const resource = `acs:live:*:${accountId}:domain/${domainOf()}`;
    expect({ status, json }).toMatchObject({
      status: 403,
      json: {
        Code: 'NoPermission',
        Message: `You are not authorized to do this action. Resource: ${resource} Action: live:ForbidLiveStream`,
      },
    });
    const { EncodedDiagnosticMessage, ...detail } = json['AccessDeniedDetail'] as Record<string, string>;
    expect(detail).toEqual({
      AuthAction: 'live:ForbidLiveStream',
      AuthPrincipalType: 'SubUser',
      AuthPrincipalOwnerId: accountId,
      AuthPrincipalDisplayName: made.account().users.get('it')!.id,
      NoPermissionType: 'ImplicitDeny',
      PolicyType: 'AccountLevelIdentityBasedPolicy',
      AuthResource: resource,
    });
    const diagnosis: unknown = JSON.parse(Buffer.from(EncodedDiagnosticMessage!, 'base64').toString());
    expect(diagnosis).toMatchObject({ Effect: 'implicit-deny', Principal: `acs:ram::${accountId}:user/it` });
  });

  it('is beaten by nothing but a deny, and adds to what others allow', async () => {
    await newPolicy(made, 'forbid', policyOf({ ...LIVE, Action: 'live:ForbidLiveStream' }));
    const key = await userWith(READ_ONLY, { name: 'forbid' });
    await ok(describeBlocks(key));
    await ok(forbid(key));
  });
});

describe('statements', () => {
  it('deny explicitly, whatever allows', async () => {
    await newPolicy(made, 'no', policyOf({ ...LIVE, Effect: 'Deny', Action: 'live:Forbid*' }));
    const key = await userWith({ name: 'AliyunLiveFullAccess', type: 'System' }, { name: 'no' });
    await ok(describeBlocks(key));
    const { status, json } = await forbid(key);
    expect({ status, json }).toMatchObject({
      status: 403,
      json: { AccessDeniedDetail: { NoPermissionType: 'ExplicitDeny' } },
    });
  });

  it('are about all but what NotAction names', async () => {
    await newPolicy(made, 'p', policyOf({ Effect: 'Allow', NotAction: 'live:Forbid*', Resource: '*' }));
    const key = await userWith({ name: 'p' });
    await ok(describeBlocks(key));
    await ok(made.call('ListUsers', {}, key));
    await expectCode(forbid(key), 403, 'NoPermission');
    const deny = { Effect: 'Deny', NotAction: ['live:*'], Resource: '*' };
    await putInForce(made, policyOf({ Effect: 'Allow', Action: '*', Resource: '*' }, deny));
    await ok(forbid(key));
    await expectCode(made.call('ListUsers', {}, key), 403, 'NoPermission');
  });

  it.each(['live', 'cdn'])('are about one domain, spelled acs:%s', async (code) => {
    const Resource = `acs:${code}:*:${made.accountId}:domain/${domainOf()}`;
    await newPolicy(made, 'p', policyOf({ ...LIVE, Resource }));
    const key = await userWith({ name: 'p' });
    await ok(forbid(key));
    await expectCode(forbid(key, domainOf('other')), 403, 'NoPermission');
    // What names no domain is about all of them.
    await expectCode(made.call('DescribeLiveStreamBlocks', {}, key), 403, 'NoPermission');
    await putInForce(made, policyOf(LIVE, { ...LIVE, Effect: 'Deny', Resource }));
    await expectCode(forbid(key), 403, 'NoPermission');
    await ok(forbid(key, domainOf('other')));
  });

  it('deny in whatever region and case they were written, and are kept as written', async () => {
    const Resource = `acs:live:cn-hangzhou:${made.accountId}:domain/${domainOf().toUpperCase()}`;
    const written = policyOf(LIVE, { ...LIVE, Effect: 'Deny', Resource });
    await newPolicy(made, 'p', written);
    const key = await userWith({ name: 'p' });
    await expectCode(forbid(key), 403, 'NoPermission');
    await ok(forbid(key, domainOf('other')));
    const kept = await ok(made.call('GetPolicy', { PolicyName: 'p', PolicyType: 'Custom' }));
    expect(kept).toMatchObject({ DefaultPolicyVersion: { PolicyDocument: written } });
    const simulated = { UserName: 'it', TargetAction: 'live:ForbidLiveStream', Resource };
    expect(await ok(made.call('SimulatePolicy', simulated))).toMatchObject({ Decision: 'ExplicitDeny' });
  });

  it('hold for callers from some addresses only', async () => {
    const Condition = { IpAddress: { 'acs:SourceIp': ['10.0.0.0/8', '2001:db8::/32'] } };
    await newPolicy(made, 'p', policyOf({ ...LIVE, Condition }));
    const key = await userWith({ name: 'p' });
    const from = (clientAddress: string) => forbid(key, domainOf(), { clientAddress });
    await ok(from('10.200.0.1'));
    await ok(from('2001:db8::7'));
    await expectCode(from('192.0.2.1'), 403, 'NoPermission');
    await putInForce(made, policyOf(LIVE, { ...LIVE, Effect: 'Deny', Condition }));
    await expectCode(from('10.200.0.1'), 403, 'NoPermission');
    await ok(from('192.0.2.1'));
  });

  it('hold until a time only', async () => {
    const until = new Date(made.api.clock.now() + 5000).toISOString();
    const Condition = { DateLessThan: { 'acs:CurrentTime': until } };
    await newPolicy(made, 'p', policyOf({ ...LIVE, Condition }));
    const key = await userWith({ name: 'p' });
    await ok(forbid(key));
    made.api.clock.advance(5000);
    await expectCode(forbid(key), 403, 'NoPermission');
  });
});

describe('a name that is longer than any', () => {
  const user = (UserName: string, key: CallerKey) => made.call('GetUser', { UserName }, key);
  const LONG = 'a'.repeat(257);

  it('is not asked about: no policy sees it, and an Allow on some names does not let it through', async () => {
    const ram = { Effect: 'Allow', Action: ['ram:GetUser', 'sts:AssumeRole'] };
    const Resource = [`acs:ram:*:${made.accountId}:user/a*`, 'acs:ram::*a*'];
    await newPolicy(made, 'p', policyOf({ ...ram, Resource }));
    const key = await userWith({ name: 'p' });
    const { status, json } = await user(LONG, key);
    const AuthResource = `acs:ram:*:${made.accountId}:user/*`;
    expect({ status, json }).toMatchObject({ status: 403, json: { AccessDeniedDetail: { AuthResource } } });
    const RoleArn = `acs:ram::${made.accountId}:role/${LONG}`;
    const assumed = await made.call('AssumeRole', { RoleArn, RoleSessionName: 'it' }, key);
    expect(assumed.json).toMatchObject({ AccessDeniedDetail: { AuthResource: '*' } });
  });

  it('gets past no Deny: it is no name, whatever is allowed', async () => {
    const ram = { Effect: 'Allow', Action: 'ram:*', Resource: '*' };
    const Resource = `acs:ram:*:${made.accountId}:user/a*`;
    await newPolicy(made, 'p', policyOf(ram, { ...ram, Effect: 'Deny', Resource }));
    const key = await userWith({ name: 'p' });
    await expectCode(user('a', key), 403, 'NoPermission');
    await expectCode(user(LONG, key), 400, 'InvalidUserName.Malformed');
  });
});

describe('who may attach policies', () => {
  it('can give itself anything, as with the product', async () => {
    const Resource = `acs:ram:*:${made.accountId}:user/it`;
    await newPolicy(made, 'p', policyOf({ Effect: 'Allow', Action: 'ram:AttachPolicyToUser', Resource }));
    const key = await userWith({ name: 'p' });
    await expectCode(forbid(key), 403, 'NoPermission');
    const full = { PolicyType: 'System', PolicyName: 'AliyunLiveFullAccess' };
    await expectCode(
      made.call('AttachPolicyToUser', { ...full, UserName: 'other' }, key),
      403,
      'NoPermission',
    );
    await ok(made.call('AttachPolicyToUser', { ...full, UserName: 'it' }, key));
    await ok(forbid(key));
  });
});
