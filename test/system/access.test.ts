import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RtmpPeer } from '../support/rtmp-peer.ts';
import { allowing, trusting } from '../support/roles.ts';
import { startTestService } from '../support/service.ts';
import type { TestService } from '../support/service.ts';
import { ramSdk, rejectionOf, sdkClients, stsSdk } from '../support/vendor-sdks.ts';
import type { LiveCall, SdkClients, SdkKey } from '../support/vendor-sdks.ts';
import { until } from '../support/wait.ts';

const OURS = 'live.example.com';
const CONFIG = { domains: { default: OURS, mappings: { 'push.example.com': OURS } } };
const moderated = (StreamName: string) => ({ DomainName: OURS, AppName: 'live', StreamName });
const forbid = (StreamName: string) => ({ ...moderated(StreamName), LiveStreamType: 'publisher' });

let sluice: TestService;
let owner: SdkClients;
let user: SdkClients;
let accountId: string;
beforeAll(async () => {
  sluice = await startTestService({ config: CONFIG });
  owner = sdkClients(sluice.endpoint, sluice.key);
  const { body } = await owner.sts.getCallerIdentity();
  accountId = body!.accountId!;
  user = sdkClients(sluice.endpoint, await makeAlice());
});
afterAll(() => sluice[Symbol.asyncDispose]());

/** A user who may look, and take on the role `moderator`; both made with the vendor's SDK for RAM. */
async function makeAlice(): Promise<SdkKey> {
  const { ram } = owner;
  const made = await ram.createUser(new ramSdk.CreateUserRequest({ userName: 'alice' }));
  expect(made.body?.user).toMatchObject({ userName: 'alice', userId: expect.any(String) as string });
  await attach('user', 'alice', allowing(['live:Describe*', 'sts:AssumeRole']));
  await makeRole('moderator');
  const key = await ram.createAccessKey(new ramSdk.CreateAccessKeyRequest({ userName: 'alice' }));
  const { accessKeyId = '', accessKeySecret = '' } = key.body?.accessKey ?? {};
  return { accessKeyId, accessKeySecret };
}

async function attach(to: 'user' | 'role', name: string, document: string): Promise<void> {
  const { ram } = owner;
  const policyName = `of-${name}`;
  const policy = { policyName, policyDocument: document };
  await ram.createPolicy(new ramSdk.CreatePolicyRequest(policy));
  const attached = { policyName, policyType: 'Custom' };
  if (to === 'user')
    await ram.attachPolicyToUser(new ramSdk.AttachPolicyToUserRequest({ ...attached, userName: name }));
  else await ram.attachPolicyToRole(new ramSdk.AttachPolicyToRoleRequest({ ...attached, roleName: name }));
}

async function makeRole(roleName: string): Promise<void> {
  const assumeRolePolicyDocument = trusting([`acs:ram::${accountId}:root`]);
  const request = new ramSdk.CreateRoleRequest({ roleName, assumeRolePolicyDocument });
  const { body } = await owner.ram.createRole(request);
  expect(body?.role).toMatchObject({ arn: `acs:ram::${accountId}:role/${roleName}` });
  await attach('role', roleName, allowing('live:*'));
}

/** A session of a role, opened with the SDK for STS. */
async function sessionOf(role: string, policy?: string): Promise<SdkKey> {
  const request = new stsSdk.AssumeRoleRequest({
    roleArn: `acs:ram::${accountId}:role/${role}`,
    roleSessionName: 'night-shift',
    durationSeconds: 900,
    ...(policy !== undefined && { policy }),
  });
  const { body } = await user.sts.assumeRole(request);
  expect(body?.assumedRoleUser?.arn).toBe(`acs:ram::${accountId}:role/${role}/night-shift`);
  const { accessKeyId = '', accessKeySecret = '', securityToken = '' } = body?.credentials ?? {};
  return { accessKeyId, accessKeySecret, securityToken };
}

const publishing = (stream: string): Promise<RtmpPeer> =>
  RtmpPeer.publishing(sluice.service.rtmpPort, stream, { tcUrl: 'rtmp://push.example.com/live' });

const BOTH: ['popCore' | 'openApi'][] = [['popCore'], ['openApi']];

describe.each(BOTH)('%s', (client) => {
  const callOf = (clients: SdkClients): LiveCall => clients[client];

  it('lets a user look and not touch, and reads why', async () => {
    const stream = `looked-at-${client}`;
    const publisher = await publishing(stream);
    const state = await callOf(user)('DescribeLiveStreamState', moderated(stream));
    expect(state['StreamState']).toBe('online');
    const error = await rejectionOf(callOf(user)('ForbidLiveStream', forbid(stream)));
    expect(error['code']).toBe('NoPermission');
    expect(String(error['message'])).toContain(
      `Resource: acs:live:*:${accountId}:domain/${OURS} Action: live:ForbidLiveStream`,
    );
    expect(error['data']).toMatchObject({
      Code: 'NoPermission',
      AccessDeniedDetail: { AuthAction: 'live:ForbidLiveStream', AuthPrincipalType: 'SubUser' },
    });
    expect(publisher.isClosed).toBe(false);
    publisher.socket.destroy();
  });

  it('cuts a stream with a session, as far as its policy reaches', async () => {
    const [inside, outside] = [`inside-${client}`, `outside-${client}`];
    const publishers = [await publishing(inside), await publishing(outside)];
    for (const peer of publishers) expect(peer.codes()).toEqual(['NetStream.Publish.Start']);
    const narrow = allowing('live:ForbidLiveStream', `acs:live:*:${accountId}:domain/${OURS}`);
    const session = callOf(sdkClients(sluice.endpoint, await sessionOf('moderator', narrow)));

    await session('ForbidLiveStream', forbid(inside));
    await until(() => publishers[0]!.isClosed, 'the publisher to be cut');
    const refused = await publishing(inside);
    expect(refused.codes()).toEqual(['NetStream.Publish.Unauthorized']);

    const elsewhere = { ...forbid(outside), DomainName: 'other.example.com' };
    for (const [action, params] of [
      ['ForbidLiveStream', elsewhere],
      ['ResumeLiveStream', forbid(inside)],
      ['DescribeLiveStreamState', moderated(outside)],
    ] as const) {
      const error = await rejectionOf(session(action, params));
      expect(error).toMatchObject({
        code: 'NoPermission',
        data: {
          AccessDeniedDetail: {
            AuthPrincipalType: 'AssumedRoleUser',
            AuthPrincipalDisplayName: 'moderator:night-shift',
            PolicyType: 'SessionPolicy',
          },
        },
      });
    }
    expect(publishers[1]!.isClosed).toBe(false);
    for (const peer of [...publishers, refused]) peer.socket.destroy();
  });

  it('ends with its role', async () => {
    const role = `short-lived-${client.toLowerCase()}`;
    await makeRole(role);
    const key = await sessionOf(role);
    const clients = sdkClients(sluice.endpoint, key);
    expect((await clients.sts.getCallerIdentity()).body).toMatchObject({ identityType: 'AssumedRoleUser' });
    await callOf(clients)('DescribeLiveStreamState', moderated('nobody'));
    const { ram } = owner;
    const detached = { policyName: `of-${role}`, policyType: 'Custom', roleName: role };
    await ram.detachPolicyFromRole(new ramSdk.DetachPolicyFromRoleRequest(detached));
    await ram.deleteRole(new ramSdk.DeleteRoleRequest({ roleName: role }));
    const error = await rejectionOf(callOf(clients)('DescribeLiveStreamState', moderated('nobody')));
    expect(error['code']).toBe('InvalidSecurityToken.Expired');
    expect(String(error['message'])).toContain('its role does not exist any more');
  });

  it('reads what is wrong with its token', async () => {
    const key = await sessionOf('moderator');
    const other = await sessionOf('moderator');
    const { securityToken: _, ...without } = key;
    for (const [wrong, code] of [
      [without, 'MissingSecurityToken'],
      [{ ...key, securityToken: 'garbage' }, 'InvalidSecurityToken.Malformed'],
      [{ ...key, securityToken: other.securityToken! }, 'InvalidSecurityToken.MismatchWithAccessKey'],
      [{ ...key, accessKeySecret: 'wrong' }, 'SignatureDoesNotMatch'],
    ] as const) {
      const call = callOf(sdkClients(sluice.endpoint, wrong));
      expect((await rejectionOf(call('DescribeLiveStreamState', moderated('a'))))['code']).toBe(code);
    }
  });
});

describe('the SDKs for RAM and STS', () => {
  it('know who calls', async () => {
    expect((await owner.sts.getCallerIdentity()).body).toMatchObject({
      identityType: 'Account',
      arn: `acs:ram::${accountId}:root`,
    });
    expect((await user.sts.getCallerIdentity()).body).toMatchObject({
      identityType: 'RAMUser',
      arn: `acs:ram::${accountId}:user/alice`,
    });
  });

  it('read errors as their own classes, with the code', async () => {
    const roleArn = (name: string): string => `acs:ram::${accountId}:role/${name}`;
    const assume = (clients: SdkClients, fields: object): Promise<unknown> =>
      clients.sts.assumeRole(new stsSdk.AssumeRoleRequest({ roleSessionName: 'night-shift', ...fields }));
    const cases: [() => Promise<unknown>, string, number][] = [
      [() => user.ram.createUser(new ramSdk.CreateUserRequest({ userName: 'bob' })), 'NoPermission', 403],
      [
        () => owner.ram.createUser(new ramSdk.CreateUserRequest({ userName: 'alice' })),
        'EntityAlreadyExists.User',
        409,
      ],
      [
        () => owner.ram.getUser(new ramSdk.GetUserRequest({ userName: 'nobody' })),
        'EntityNotExist.User',
        404,
      ],
      [() => assume(user, { roleArn: roleArn('nobody') }), 'EntityNotExist.Role', 404],
      [() => assume(owner, { roleArn: roleArn('moderator') }), 'NoPermission', 403],
      [
        () => assume(user, { roleArn: roleArn('moderator'), policy: '{' }),
        'InvalidParameter.PolicyGrammar',
        400,
      ],
      [
        () => assume(user, { roleArn: roleArn('moderator'), durationSeconds: 7200 }),
        'InvalidParameter.DurationSeconds',
        400,
      ],
    ];
    for (const [call, code, statusCode] of cases) {
      const error = await rejectionOf(call());
      expect(error.constructor.name).toBe('ClientError');
      expect(error).toMatchObject({ code, statusCode });
      const detail = code === 'NoPermission' ? { AuthPrincipalOwnerId: accountId } : {};
      expect(error['accessDeniedDetail'] ?? {}).toMatchObject(detail);
    }
  });

  it('list what the account has', async () => {
    const { body } = await owner.ram.listUsers(new ramSdk.ListUsersRequest({}));
    expect(body?.users?.user).toMatchObject([{ userName: 'alice' }]);
    const roles = await owner.ram.listRoles(new ramSdk.ListRolesRequest({}));
    expect(roles.body?.roles?.role?.map(({ roleName }) => roleName)).toContain('moderator');
    const policies = await owner.ram.listPoliciesForUser(
      new ramSdk.ListPoliciesForUserRequest({ userName: 'alice' }),
    );
    expect(policies.body?.policies?.policy).toMatchObject([{ policyName: 'of-alice', policyType: 'Custom' }]);
  });
});
