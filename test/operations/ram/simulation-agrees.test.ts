import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inRootAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { startApi } from '../../support/api-harness.ts';
import type { Api, CallerKey } from '../../support/api-harness.ts';
import { attachTo, newBearer, newPolicy, policyOf, putInForce, READ_ALL } from '../../support/policies.ts';
import { newKey, ok } from '../../support/ram-things.ts';

/** SimulatePolicy and the door are the same judge: whatever the policies, the simulation is what the call meets. */

let api: Api;
let made: InAccount;
let member: CallerKey;

beforeAll(async () => {
  api = await startApi();
  made = inRootAccount(api);
  for (const kind of ['User', 'Group', 'Role'] as const) await newBearer(made, kind);
  await ok(made.call('AddUserToGroup', { UserName: 'it', GroupName: 'it' }));
  for (const name of ['one', 'two', 'three']) await newPolicy(made, name);
  await ok(attachTo(made, 'User', { name: 'one' }));
  await ok(attachTo(made, 'Group', { name: 'two' }));
  await ok(attachTo(made, 'Role', { name: 'three' }));
  await ok(made.call('CreateUser', { UserName: 'opener' }));
  await newPolicy(made, 'open', policyOf({ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }));
  await ok(made.call('AttachPolicyToUser', { PolicyType: 'Custom', PolicyName: 'open', UserName: 'opener' }));
  member = await newKey(made, { UserName: 'it' });
});

afterAll(() => api[Symbol.asyncDispose]());

const list = (...values: string[]) =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 });

/** Few names, so that statements match about as often as not. `{account}` is the account's id. */
const actions = list(
  '*',
  'live:*',
  'live:Describe*',
  'LIVE:forbid*',
  'ram:*',
  'ram:Get*',
  'ram:GetUser',
  'sts:*',
);
const resources = list(
  '*',
  'acs:live:*',
  'acs:live:*:{account}:domain/play.example.com',
  'acs:cdn:*:*:domain/play.example.com',
  'acs:cdn:*:{account}:domain/other.example.com',
  'acs:live:*:{account}:domain/push.example.com',
  'acs:ram:*:{account}:user/it',
  'acs:ram::{account}:user/*',
  'acs:ram:*:{account}:group/*',
);
const condition = fc.oneof(
  fc
    .constantFrom('IpAddress', 'NotIpAddress')
    .map((operator) => ({ [operator]: { 'acs:SourceIp': '10.0.0.0/8' } })),
  fc.constantFrom('true', 'false').map((value) => ({ Bool: { 'acs:SecureTransport': [value] } })),
  fc
    .constantFrom('2026-01-01', '2030-01-01')
    .map((value) => ({ DateLessThan: { 'acs:CurrentTime': value } })),
  fc
    .constantFrom('StringLike', 'StringNotLike')
    .map((operator) => ({ [operator]: { 'acs:UserAgent': 'curl*' } })),
  fc
    .constantFrom('*:user/it', '*assumed-role/it/*')
    .map((arn) => ({ StringLike: { 'acs:PrincipalArn': arn } })),
  fc.constant({ Bool: { 'acs:MFAPresent': 'false' } }),
);
const statement = fc
  .record({
    effect: fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny'),
    action: fc.tuple(fc.constantFrom('Action', 'Action', 'Action', 'NotAction'), actions),
    resource: fc.tuple(fc.constantFrom('Resource', 'Resource', 'Resource', 'NotResource'), resources),
    conditions: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: condition }),
  })
  .map(({ effect, action, resource, conditions }) => ({
    Effect: effect,
    [action[0]]: action[1],
    [resource[0]]: resource[1],
    ...(Object.keys(conditions).length > 0 && { Condition: conditions }),
  }));
const statements = fc.array(statement, { minLength: 1, maxLength: 3 });

/** Calls that change nothing, and what each is on. */
const CALLS = [
  {
    name: 'ForbidLiveStream',
    on: 'acs:live:*:{account}:domain/play.example.com',
    domain: 'play.example.com',
  },
  { name: 'ForbidLiveStream', on: 'acs:cdn:*:{account}:domain/push.example.com', domain: 'push.example.com' },
  {
    name: 'DescribeLiveStreamBlocks',
    on: 'acs:live:*:{account}:domain/other.example.com',
    domain: 'other.example.com',
  },
  { name: 'DescribeLiveStreamBlocks', on: '*' },
  { name: 'GetUser', on: 'acs:ram:*:{account}:user/it' },
  { name: 'GetGroup', on: 'acs:ram::{account}:group/it' },
  { name: 'ListUsers', on: 'acs:ram:*:{account}:user/*' },
] as const;
type Call = (typeof CALLS)[number];
const PARAMETERS: Readonly<Record<string, Record<string, string>>> = {
  ForbidLiveStream: { AppName: 'live', StreamName: 'room', LiveStreamType: 'publisher', DryRun: 'true' },
  GetUser: { UserName: 'it' },
  GetGroup: { GroupName: 'it' },
};

const call = fc.record({
  call: fc.constantFrom(...CALLS),
  from: fc.constantFrom('10.1.2.3', '192.0.2.1'),
  secure: fc.boolean(),
  userAgent: fc.constantFrom('curl/8', 'sdk', undefined),
});
type Attempt = Parameters<Parameters<typeof call.map>[0]>[0];

const filled = (text: string) => text.replaceAll('{account}', made.accountId);
const textOf = (given: readonly object[]) => filled(policyOf(...given));
const isRam = ({ name }: Call) => !name.includes('Live');

/** What the real call meets. */
async function atTheDoor({ call: asked, from, secure, userAgent }: Attempt, key: CallerKey): Promise<string> {
  const params = { ...PARAMETERS[asked.name], ...('domain' in asked && { DomainName: asked.domain }) };
  const raw = api.sign(asked.name, params, key);
  const headers: typeof raw.headers = userAgent ? [...raw.headers, ['user-agent', userAgent]] : raw.headers;
  const answer = await api.gateway.handle({ raw: { ...raw, headers }, clientAddress: from, secure });
  if (answer.status === 200) return 'Allow';
  const { Code, AccessDeniedDetail } = JSON.parse(answer.body) as {
    Code: string;
    AccessDeniedDetail?: Record<string, string>;
  };
  expect(Code).toBe('NoPermission');
  const { NoPermissionType, PolicyType } = AccessDeniedDetail ?? {};
  return `${NoPermissionType} by ${PolicyType === 'SessionPolicy' ? 'Session' : 'Identity'}`;
}

/** What SimulatePolicy says of it. */
async function simulated(attempt: Attempt, who: Record<string, string>): Promise<string> {
  const { call: asked, from, secure, userAgent } = attempt;
  const json = await ok(
    made.call('SimulatePolicy', {
      ...who,
      TargetAction: `${isRam(asked) ? 'ram' : 'live'}:${asked.name}`,
      Resource: filled(asked.on),
      SourceIp: from,
      SecureTransport: String(secure),
      ...(userAgent && { UserAgent: userAgent }),
    }),
  );
  const { Decision, LimitedBy } = json as Record<string, string>;
  return Decision === 'Allow' ? 'Allow' : `${Decision} by ${LimitedBy}`;
}

async function openSession(SessionPolicy: string | undefined): Promise<CallerKey> {
  const key = await newKey(made, { UserName: 'opener' });
  const asked = {
    RoleArn: `acs:ram::${made.accountId}:role/it`,
    RoleSessionName: 'simulation',
    ...(SessionPolicy !== undefined && { Policy: SessionPolicy }),
  };
  const { Credentials } = await ok(made.call('AssumeRole', asked, key));
  await ok(made.call('DeleteAccessKey', { UserName: 'opener', UserAccessKeyId: key.accessKeyId }));
  const given = Credentials as Record<string, string>;
  return {
    accessKeyId: given['AccessKeyId']!,
    accessKeySecret: given['AccessKeySecret']!,
    securityToken: given['SecurityToken']!,
  };
}

const met = new Map<string, number>();
function count(decision: string): void {
  met.set(decision, (met.get(decision) ?? 0) + 1);
}

describe('SimulatePolicy agrees with the door', () => {
  it('about users and their groups', async () => {
    const property = fc.asyncProperty(statements, statements, call, async (own, ofGroup, attempt) => {
      api.clock.advance(2000);
      await putInForce(made, textOf(own), 'one');
      await putInForce(made, textOf(ofGroup), 'two');
      const real = await atTheDoor(attempt, member);
      expect(await simulated(attempt, { UserName: 'it' })).toBe(real);
      count(real);
    });
    await fc.assert(property, { numRuns: 150 });
    // Each outcome was met often enough to say something.
    for (const decision of ['Allow', 'ImplicitDeny by Identity', 'ExplicitDeny by Identity'])
      expect(met.get(decision) ?? 0, decision).toBeGreaterThan(5);
  });

  it('about sessions, narrowed or not', async () => {
    const narrowing = fc.option(statements, { nil: undefined, freq: 6 });
    const property = fc.asyncProperty(statements, narrowing, call, async (ofRole, narrow, attempt) => {
      api.clock.advance(2000);
      await putInForce(made, textOf(ofRole), 'three');
      const SessionPolicy = narrow && textOf(narrow);
      const session = await openSession(SessionPolicy);
      const real = await atTheDoor(attempt, session);
      const who = { RoleName: 'it', ...(SessionPolicy !== undefined && { SessionPolicy }) };
      expect(await simulated(attempt, who)).toBe(real);
      count(real);
    });
    await fc.assert(property, { numRuns: 100 });
    expect(met.get('ImplicitDeny by Session') ?? 0).toBeGreaterThan(0);
    expect(met.get('ExplicitDeny by Session') ?? 0).toBeGreaterThan(0);
  });

  it('about a policy alone', async () => {
    const property = fc.asyncProperty(statements, call, async (own, attempt) => {
      api.clock.advance(2000);
      await putInForce(made, textOf(own), 'one');
      await putInForce(made, READ_NOTHING, 'two');
      const real = await atTheDoor(attempt, member);
      const PrincipalArn = `acs:ram::${made.accountId}:user/it`;
      expect(await simulated(attempt, { PolicyDocument: textOf(own), PrincipalArn })).toBe(real);
    });
    await fc.assert(property, { numRuns: 50 });
  });
});

const READ_NOTHING = READ_ALL.replace('live:Describe*', 'live:Nothing');
