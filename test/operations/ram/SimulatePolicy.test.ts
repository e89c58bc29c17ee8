import { describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { actingAs, attachTo, newBearer, newPolicy, policyOf, READ_ALL } from '../../support/policies.ts';
import { ok } from '../../support/ram-things.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const FORBID = 'live:ForbidLiveStream';
const simulate = (params: Record<string, string>, key = made.key) =>
  made.call('SimulatePolicy', { TargetAction: FORBID, ...params }, key);
const statementsOf = async (params: Record<string, string>) => {
  const { Statements } = await ok(simulate(params));
  return (Statements as { Statement: Record<string, unknown>[] }).Statement;
};

describe('parameters', () => {
  it.each([
    ['TargetAction', 'ForbidLiveStream'],
    ['TargetAction', 'live:*'],
    ['UserName', 'a b'],
    ['RoleName', 'a/b'],
    ['SourceIp', 'localhost'],
    ['SourceIp', '10.0.0'],
    ['SourceIp', '10.0.0.0/8'],
    ['SecureTransport', 'yes'],
    ['MFAPresent', '1'],
    ['CurrentTime', 'tomorrow'],
    ['Resource', `acs:${'é'.repeat(255)}`],
    ['UserAgent', 'a'.repeat(513)],
    ['PrincipalArn', 'a'.repeat(257)],
  ])('refuses %s=%s', async (name, value) => {
    await expectCode(simulate({ [name]: value }), 400, `Invalid${name}.Malformed`);
  });

  it.each([
    { UserName: 'it', RoleName: 'it' },
    { UserName: 'it', PolicyDocument: READ_ALL },
    { UserName: 'it', SessionPolicy: READ_ALL },
    { SessionPolicy: READ_ALL },
  ])('refuses %j together', async (params) => {
    await expectCode(simulate(params), 400, 'InvalidParameter.Combination');
  });

  it('refuses texts that cannot be read, and says where', async () => {
    await newBearer(made, 'Role');
    for (const params of [
      { PolicyDocument: policyOf({}) },
      { RoleName: 'it', SessionPolicy: policyOf({}) },
    ]) {
      const { status, json } = await simulate(params);
      expect({ status, json }).toMatchObject({ status: 400, json: { Code: 'MalformedPolicyDocument' } });
      expect(json['Message']).toContain('Statement[0]');
    }
  });
});

describe('permission', () => {
  itAsksForPermission(
    { api: () => made.api, action: 'SimulatePolicy', params: () => ({ TargetAction: FORBID }) },
    '*',
  );
});

describe('limits', () => itIsLimitedTo('SimulatePolicy', { calls: 20, perSeconds: 1 }));

describe('behaviour', () => {
  it('names the statement that allows, of the policies of a user and of its groups', async () => {
    for (const kind of ['User', 'Group'] as const) await newBearer(made, kind);
    await ok(made.call('AddUserToGroup', { UserName: 'it', GroupName: 'it' }));
    const statement = { Effect: 'Allow', Action: ['live:Forbid*'], Resource: ['*'] };
    await newPolicy(made, 'forbid', policyOf({ ...statement, Action: 'ram:*' }, statement));
    await ok(attachTo(made, 'User', { name: 'AliyunLiveReadOnlyAccess', type: 'System' }));
    await ok(attachTo(made, 'Group', { name: 'forbid' }));
    const { RequestId: _, ...json } = await ok(simulate({ UserName: 'it' }));
    const at = { PolicyName: 'forbid', PolicyType: 'Custom', AttachedTo: 'group/it' };
    const system = { PolicyName: 'AliyunLiveReadOnlyAccess', PolicyType: 'System', AttachedTo: 'user/it' };
    const no = { Effect: 'Allow', Matched: false, FailedOn: 'Action' };
    expect(json).toEqual({
      Decision: 'Allow',
      DecidedBy: { ...at, StatementIndex: 1, Statement: JSON.stringify(statement) },
      Resources: { Resource: ['*'] },
      Statements: {
        Statement: [
          { ...system, StatementIndex: 0, ...no },
          { ...at, StatementIndex: 0, ...no },
          { ...at, StatementIndex: 1, Effect: 'Allow', Matched: true },
        ],
      },
      IsTruncated: false,
    });
  });

  it('names the statement that denies, whatever allows', async () => {
    await newBearer(made, 'User');
    const deny = {
      Effect: 'Deny',
      NotAction: ['live:Describe*'],
      NotResource: ['acs:live:*:*:domain/free.example.com'],
      Condition: {
        IpAddress: { 'acs:SourceIp': ['10.0.0.0/8'] },
        Bool: { 'acs:SecureTransport': ['false'] },
      },
    };
    await newPolicy(made, 'p', policyOf({ Effect: 'Allow', Action: '*', Resource: '*' }, deny));
    await ok(attachTo(made, 'User', { name: 'p' }));
    const from = { UserName: 'it', SourceIp: '10.1.2.3', SecureTransport: 'false' };
    expect(await ok(simulate(from))).toMatchObject({
      Decision: 'ExplicitDeny',
      LimitedBy: 'Identity',
      DecidedBy: { PolicyName: 'p', StatementIndex: 1, Statement: JSON.stringify(deny) },
    });
    const Resource = `acs:live:*:${made.accountId}:domain/free.example.com`;
    expect(await ok(simulate({ ...from, Resource }))).toMatchObject({ Decision: 'Allow' });
    expect(await ok(simulate({ ...from, SourceIp: '192.0.2.1' }))).toMatchObject({ Decision: 'Allow' });
    expect(await ok(simulate({ ...from, SecureTransport: 'TRUE' }))).toMatchObject({ Decision: 'Allow' });
  });

  it('says of every statement why it does not match', async () => {
    const conditional = (Condition: object) => ({
      Effect: 'Allow',
      Action: FORBID,
      Resource: '*',
      Condition,
    });
    const PolicyDocument = policyOf(
      { Effect: 'Allow', Action: 'live:Describe*', Resource: '*' },
      { Effect: 'Deny', Action: FORBID, Resource: 'acs:live:*:*:domain/a.example.com' },
      conditional({ NotIpAddress: { 'acs:SourceIp': '10.0.0.0/8' } }),
      conditional({ Bool: { 'acs:MFAPresent': 'true' } }),
      conditional({ DateLessThan: { 'acs:CurrentTime': '2020-01-01T00:00:00Z' } }),
      conditional({ StringLike: { 'acs:UserAgent': 'curl*' } }),
      conditional({ StringEquals: { 'acs:PrincipalArn': 'acs:ram::1:user/a' } }),
    );
    const failures = async (more: Record<string, string> = {}) =>
      (await statementsOf({ PolicyDocument, ...more })).map(({ Matched, FailedOn, Operator, Key }) =>
        Matched === true ? true : [FailedOn, Operator, Key].filter(Boolean).join(' '),
      );
    expect(await failures()).toEqual([
      'Action',
      'Resource',
      'Condition NotIpAddress acs:SourceIp',
      'Condition Bool acs:MFAPresent',
      'Condition DateLessThan acs:CurrentTime',
      'Condition StringLike acs:UserAgent',
      'Condition StringEquals acs:PrincipalArn',
    ]);
    const told = {
      Resource: 'acs:cdn:*:*:domain/a.example.com',
      SourceIp: '192.0.2.1',
      MFAPresent: 'true',
      CurrentTime: '2019-12-31T23:59:59Z',
      UserAgent: 'curl/8',
      PrincipalArn: 'acs:ram::1:user/a',
    };
    expect(await failures(told)).toEqual(['Action', true, true, true, true, true, true]);
  });

  it('tells of 200 statements at most, of those that match first, and says that there were more', async () => {
    await newBearer(made, 'User');
    const other = { Effect: 'Allow', Action: 'a:b', Resource: '*' };
    const deny = { Effect: 'Deny', Action: FORBID, Resource: '*' };
    const allow = { ...deny, Effect: 'Allow' };
    const others = Array.from({ length: 99 }, () => other);
    for (const [name, ...statements] of [
      ['p1', ...others, allow],
      ['p2', ...others, other],
    ] as const) {
      await newPolicy(made, name, policyOf(...statements));
      await ok(attachTo(made, 'User', { name }));
    }
    const whole = await ok(simulate({ UserName: 'it' }));
    expect(whole).toMatchObject({ Decision: 'Allow', IsTruncated: false });
    await newPolicy(made, 'p3', policyOf(other, deny));
    await ok(attachTo(made, 'User', { name: 'p3' }));
    const cut = await ok(simulate({ UserName: 'it' }));
    const DecidedBy = { PolicyName: 'p3', StatementIndex: 1 };
    expect(cut).toMatchObject({ Decision: 'ExplicitDeny', DecidedBy, IsTruncated: true });
    const told = [whole, cut].map(({ Statements }) => (Statements as { Statement: unknown[] }).Statement);
    expect(told.map(({ length }) => length)).toEqual([200, 200]);
    expect(told[1]).toEqual([
      ...told[0]!.slice(0, 198),
      expect.objectContaining({ PolicyName: 'p2', StatementIndex: 98, Matched: false }),
      expect.objectContaining({ ...DecidedBy, Matched: true }),
    ]);
  });

  it('judges a session by its role and by its own policy', async () => {
    await newBearer(made, 'Role');
    await ok(attachTo(made, 'Role', { name: 'AliyunLiveFullAccess', type: 'System' }));
    const session = (...statements: object[]) => ({ RoleName: 'it', SessionPolicy: policyOf(...statements) });
    const read = { Effect: 'Allow', Action: 'live:Describe*', Resource: '*' };
    expect(await ok(simulate({ RoleName: 'it' }))).toMatchObject({
      Decision: 'Allow',
      DecidedBy: { PolicyType: 'System', AttachedTo: 'role/it' },
    });
    expect(await ok(simulate(session(read)))).toMatchObject({
      Decision: 'ImplicitDeny',
      LimitedBy: 'Session',
    });
    const denied = await ok(simulate(session({ ...read, Effect: 'Deny', Action: '*' })));
    const by = { PolicyName: 'session', PolicyType: 'Session', AttachedTo: 'session', StatementIndex: 0 };
    expect(denied).toMatchObject({ Decision: 'ExplicitDeny', LimitedBy: 'Session', DecidedBy: by });
    const other = await ok(simulate({ ...session({ ...read, Action: '*' }), TargetAction: 'ram:ListUsers' }));
    expect(other).toMatchObject({ Decision: 'ImplicitDeny', LimitedBy: 'Identity' });
    expect(other).not.toHaveProperty('DecidedBy');
  });

  it('tries the spellings of the door, of a push domain those of its main domain', async () => {
    const { accountId } = made;
    const PolicyDocument = policyOf({
      Effect: 'Allow',
      Action: FORBID,
      Resource: `acs:cdn:*:${accountId}:domain/play.example.com`,
    });
    for (const written of [
      `acs:live:*:${accountId}:domain/PUSH.example.com`,
      'acs:live:cn-shanghai::domain/push.example.com',
      `acs:cdn:*:*:domain/play.example.com`,
    ]) {
      const json = await ok(simulate({ PolicyDocument, Resource: written }));
      const names = ['live', 'cdn'].map((code) => `acs:${code}:*:${accountId}:domain/play.example.com`);
      expect(json).toMatchObject({ Decision: 'Allow', Resources: { Resource: names } });
    }
    const ram = await ok(simulate({ PolicyDocument, Resource: 'acs:ram::1:user/a' }));
    expect(ram).toMatchObject({ Resources: { Resource: ['acs:ram:*:1:user/a', 'acs:ram::1:user/a'] } });
  });

  it('judges the caller, as this call comes, when nobody is named', async () => {
    const { RequestId: _, ...owner } = await ok(simulate({}));
    const nothing = { Resources: { Resource: ['*'] }, Statements: { Statement: [] }, IsTruncated: false };
    expect(owner).toEqual({ Decision: 'Allow', ...nothing });
    const Condition = {
      IpAddress: { 'acs:SourceIp': '192.0.2.0/24' },
      Bool: { 'acs:SecureTransport': 'false' },
    };
    const mine = { Effect: 'Allow', Action: FORBID, Resource: '*', Condition };
    const key = await made.userWith(
      policyOf(mine, { Effect: 'Allow', Action: 'ram:SimulatePolicy', Resource: '*' }),
    );
    expect(await ok(simulate({}, key))).toMatchObject({
      Decision: 'Allow',
      DecidedBy: { StatementIndex: 0 },
    });
    expect(await ok(simulate({ SourceIp: '10.0.0.1' }, key))).toMatchObject({ Decision: 'ImplicitDeny' });
    expect(await ok(simulate({ TargetAction: 'ram:SimulatePolicy' }, key))).toMatchObject({
      Decision: 'Allow',
    });
  });

  it('judges a session that calls', async () => {
    await newBearer(made, 'Role');
    await newPolicy(made, 'simulate', policyOf({ Effect: 'Allow', Action: 'ram:Simulate*', Resource: '*' }));
    await ok(attachTo(made, 'Role', { name: 'simulate' }));
    const session = await actingAs(made, 'Role');
    const denied = await ok(simulate({}, session));
    expect(denied).toMatchObject({ Decision: 'ImplicitDeny', LimitedBy: 'Identity' });
  });

  it('changes nothing, and remembers no policy that it was given', async () => {
    await newBearer(made, 'Role');
    const before = made.account().roles.get('it');
    const SessionPolicy = policyOf({ Effect: 'Deny', Action: '*', Resource: '*' });
    await ok(simulate({ RoleName: 'it', SessionPolicy }));
    const { Statements } = await ok(simulate({ RoleName: 'it' }));
    expect(Statements).toEqual({ Statement: [] });
    expect(made.account().roles.get('it')).toBe(before);
  });

  it('finds users and roles of the account only', async () => {
    const other = await made.otherAccount();
    await ok(other.call('CreateUser', { UserName: 'it' }));
    await expectCode(simulate({ UserName: 'it' }), 404, 'EntityNotExist.User');
    await expectCode(simulate({ RoleName: 'it' }), 404, 'EntityNotExist.Role');
  });
});
