import { describe, expect, it } from 'vitest';
import {
  evaluatePolicies,
  evaluateSession,
  explainPolicies,
  trustAllows,
} from '../../../src/core/ram/evaluate.ts';
import { parsePolicyDocument, parseTrustDocument } from '../../../src/core/ram/policy-document.ts';
import { CONDITION_OPERATORS } from '../../../src/core/ram/policy-types.ts';
import { SYSTEM_POLICIES } from '../../../src/core/ram/system-policies.ts';
import { allow, ask, deny, documentText, DOMAIN, policyOf } from './case-kinds.ts';
import type { Written } from './case-kinds.ts';
import { CONDITION_CASES } from './condition-cases.ts';
import { POLICY_CASES } from './policy-cases.ts';
import { SESSION_CASES } from './session-cases.ts';
import { TRUST_CASES } from './trust-cases.ts';

function named(policies: readonly (readonly Written[])[]) {
  return policies.map((statements, index) => policyOf(statements, String(index)));
}

function by(decision: ReturnType<typeof evaluatePolicies>): string | undefined {
  return decision.decidedBy && `${decision.decidedBy.policy.name}/${decision.decidedBy.statement}`;
}

describe('the table', () => {
  it('has at least 150 cases, no two for the same reason in one kind, every operator and every documented key', () => {
    expect(POLICY_CASES.length + SESSION_CASES.length + TRUST_CASES.length).toBeGreaterThanOrEqual(150);
    const reasons = POLICY_CASES.map(
      (one) => one.why + JSON.stringify(one.policies) + [...one.question.context].join(),
    );
    expect(new Set(reasons).size).toBe(reasons.length);
    const text = JSON.stringify(POLICY_CASES.map(({ policies }) => policies));
    const keys = [
      'SourceIp',
      'SecureTransport',
      'CurrentTime',
      'MFAPresent',
      'UserAgent',
      'PrincipalArn',
      'ResourceTag/',
    ];
    for (const operator of CONDITION_OPERATORS) expect(text).toContain(`"${operator}":`);
    for (const key of keys) expect(text).toContain(`"acs:${key}`);
  });

  it.each(POLICY_CASES)('$why: $effect', ({ policies, question, effect, by: decides }) => {
    const decision = evaluatePolicies(named(policies), question);
    expect(decision.effect).toBe(effect);
    if (decides !== undefined) expect(by(decision)).toBe(decides);
    expect(decision.decidedBy === undefined).toBe(effect === 'implicit-deny');
  });

  it.each(POLICY_CASES)('explains what it decides: $why', ({ policies, question, effect }) => {
    const explained = explainPolicies(named(policies), question);
    const matching = explained.filter(({ matches }) => matches).map((one) => one.effect);
    const told = matching.includes('Deny')
      ? 'explicit-deny'
      : matching.includes('Allow')
        ? 'allow'
        : 'implicit-deny';
    expect(told).toBe(effect);
    expect(explained).toHaveLength(policies.flat().length);
    for (const one of explained) expect(one.failed === undefined).toBe(one.matches);
  });

  it.each(CONDITION_CASES)('holds for a Deny as for an Allow: $why', ({ policies, question, effect }) => {
    const turned = policies.map((statements) => statements.map((one) => ({ ...one, Effect: 'Deny' })));
    const decision = evaluatePolicies(named([[allow()], ...turned]), question);
    expect(decision.effect).toBe(effect === 'allow' ? 'explicit-deny' : 'allow');
  });

  it.each(SESSION_CASES)('session: $why: $effect', (one) => {
    const session = one.session && policyOf(one.session, 'session');
    const decision = evaluateSession(named(one.role), session, one.question);
    expect(decision.effect).toBe(one.effect);
    expect(decision.limitedBy).toBe(one.limitedBy);
    expect(by(decision)).toBe(one.by);
  });

  it.each(TRUST_CASES)('trust: $why: $effect', ({ statements, principals, action, context, effect }) => {
    const read = parseTrustDocument(documentText(statements));
    if (!read.ok) throw new Error(read.problem);
    const asked = {
      principalArns: principals,
      action: action ?? 'sts:AssumeRole',
      context: new Map(Object.entries(context ?? {})),
    };
    expect(trustAllows(read.document, asked)).toBe(effect);
  });
});

it('explains each statement by the first thing that keeps it from matching', () => {
  const condition = {
    Bool: { 'acs:SecureTransport': 'true' },
    IpAddress: { 'acs:SourceIp': '10.0.0.0/8' },
  };
  const policy = policyOf([
    allow({ Action: 'live:Describe*', Resource: 'acs:live:*:2:*' }),
    deny({ Resource: 'acs:live:*:2:*', Condition: condition }),
    allow({ Condition: condition }),
    allow({ Condition: { Bool: { 'acs:MFAPresent': 'true' } } }),
    allow(),
  ]);
  const question = ask('live:ForbidLiveStream', DOMAIN, {
    'acs:SecureTransport': 'true',
    'acs:SourceIp': '192.0.2.1',
  });
  expect(explainPolicies([policy], question)).toEqual([
    { policy, statement: 0, effect: 'Allow', matches: false, failed: 'action' },
    { policy, statement: 1, effect: 'Deny', matches: false, failed: 'resource' },
    {
      policy,
      statement: 2,
      effect: 'Allow',
      matches: false,
      failed: { operator: 'IpAddress', key: 'acs:SourceIp' },
    },
    {
      policy,
      statement: 3,
      effect: 'Allow',
      matches: false,
      failed: { operator: 'Bool', key: 'acs:MFAPresent' },
    },
    { policy, statement: 4, effect: 'Allow', matches: true },
  ]);
});

it('tells tags apart that differ in case only, and finds the one there is', () => {
  const policy = policyOf([allow({ Condition: { StringEquals: { 'acs:ResourceTag/Team': 'dev' } } })]);
  const effectWith = (context: Record<string, string>) =>
    evaluatePolicies([policy], ask('live:A', DOMAIN, context)).effect;
  expect(effectWith({ 'acs:ResourceTag/team': 'ops', 'acs:ResourceTag/Team': 'dev' })).toBe('allow');
  expect(effectWith({ 'acs:ResourceTag/team': 'dev', 'acs:ResourceTag/Team': 'ops' })).toBe('implicit-deny');
  expect(effectWith({ 'acs:ResourceTag/team': 'dev' })).toBe('allow');
});

it('reads documents that were made by hand, and refuses a value that no parser let through', () => {
  const statement = {
    effect: 'Allow',
    actions: ['LIVE:*'],
    notActions: false,
    resources: ['*'],
    notResources: false,
  } as const;
  const made = (value: string) => ({
    name: 'made',
    type: 'Custom' as const,
    source: 'user/alice',
    document: {
      statements: [
        {
          ...statement,
          conditions: [{ operator: 'NumericLessThan' as const, key: 'acs:ResourceTag/n', values: [value] }],
        },
      ],
    },
  });
  const question = ask('live:A', DOMAIN, { 'acs:ResourceTag/n': '1' });
  expect(evaluatePolicies([made('2')], question).effect).toBe('allow');
  expect(() => evaluatePolicies([made('two')], question)).toThrow('"two" is not a number');
});

describe('the system policies', () => {
  it.each([
    ['AliyunLiveFullAccess', 'live:ForbidLiveStream', 'allow'],
    ['AliyunLiveFullAccess', 'live:DescribeLiveStreamsOnlineList', 'allow'],
    ['AliyunLiveFullAccess', 'live-interaction:CreateGroup', 'allow'],
    ['AliyunLiveFullAccess', 'ram:CreateUser', 'implicit-deny'],
    ['AliyunLiveFullAccess', 'live-something:Get', 'implicit-deny'],
    ['AliyunLiveReadOnlyAccess', 'live:ForbidLiveStream', 'implicit-deny'],
    ['AliyunLiveReadOnlyAccess', 'live:DescribeLiveStreamsOnlineList', 'allow'],
    ['AliyunLiveReadOnlyAccess', 'live:ListPlaylist', 'allow'],
    ['AliyunLiveReadOnlyAccess', 'live:GetMultiRateConfig', 'allow'],
    ['AliyunLiveReadOnlyAccess', 'live:QueryMessageApp', 'allow'],
    ['AliyunLiveReadOnlyAccess', 'live-interaction:ListGroups', 'allow'],
    ['AliyunLiveReadOnlyAccess', 'live-interaction:CreateGroup', 'implicit-deny'],
    ['AliyunLiveReadOnlyAccess', 'cdn:DescribeDomains', 'implicit-deny'],
  ] as const)('%s and %s: %s', (name, action, effect) => {
    const policy = SYSTEM_POLICIES.get(name)!;
    const asked = { ...policy, type: 'System' as const, source: 'user/alice' };
    expect(evaluatePolicies([asked], ask(action)).effect).toBe(effect);
    expect(evaluatePolicies([asked], ask(action, '*')).effect).toBe(effect);
  });

  it('are two, under their own names, and their text is their document', () => {
    expect([...SYSTEM_POLICIES.keys()]).toEqual(['AliyunLiveFullAccess', 'AliyunLiveReadOnlyAccess']);
    for (const [name, policy] of SYSTEM_POLICIES) {
      expect(policy.name).toBe(name);
      expect(policy.description).not.toBe('');
      expect(parsePolicyDocument(policy.text)).toEqual({ ok: true, document: policy.document });
    }
  });
});
