import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluatePolicies, evaluateSession, explainPolicies } from '../../../src/core/ram/evaluate.ts';
import type { NamedPolicy, PolicyQuestion } from '../../../src/core/ram/evaluate.ts';
import type { PolicyCondition, PolicyStatement } from '../../../src/core/ram/policy-document.ts';

const pieces = (...list: string[]): fc.Arbitrary<string> => fc.constantFrom(...list);
/** Few names and values, so that statements match about as often as not. */
const actionPattern = pieces(
  '*',
  'live:*',
  'live:Describe*',
  'live:ForbidLiveStream',
  'ram:*',
  'live:?orbid*',
);
const resourcePattern = pieces(
  '*',
  'acs:live:*',
  'acs:live:*:1:domain/*',
  'acs:live:*:1:domain/a',
  'acs:cdn:*:1:domain/b',
);

const condition: fc.Arbitrary<PolicyCondition> = fc.oneof(
  fc.record({
    operator: fc.constantFrom('IpAddress' as const, 'NotIpAddress' as const),
    key: pieces('acs:SourceIp', 'ACS:sourceIP'),
    values: fc.subarray(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32'], { minLength: 1 }),
  }),
  fc.record({
    operator: fc.constant('Bool' as const),
    key: fc.constant('acs:MFAPresent'),
    values: fc.subarray(['true', 'false'], { minLength: 1 }),
  }),
  fc.record({
    operator: fc.constantFrom(
      'DateLessThan' as const,
      'DateGreaterThanEquals' as const,
      'DateNotEquals' as const,
    ),
    key: fc.constant('acs:CurrentTime'),
    values: fc.subarray(['2026-01-01', '2026-06-01T08:00+08:00'], { minLength: 1 }),
  }),
  fc.record({
    operator: fc.constantFrom('StringLike' as const, 'StringNotLike' as const, 'StringEquals' as const),
    key: fc.constant('acs:UserAgent'),
    values: fc.subarray(['curl*', 'curl/8', '*'], { minLength: 1 }),
  }),
);

const statement: fc.Arbitrary<PolicyStatement> = fc.record({
  effect: fc.constantFrom(...(['Allow', 'Allow', 'Allow', 'Deny'] as const)),
  actions: fc.array(actionPattern, { minLength: 1, maxLength: 2 }),
  notActions: fc.boolean(),
  resources: fc.array(resourcePattern, { minLength: 1, maxLength: 2 }),
  notResources: fc.boolean(),
  conditions: fc.array(condition, { maxLength: 2 }),
});

const policy: fc.Arbitrary<NamedPolicy> = fc
  .array(statement, { minLength: 1, maxLength: 3 })
  .map((statements) => ({
    name: 'p',
    type: 'Custom',
    source: 'user/alice',
    document: { statements },
  }));
const policies = fc.array(policy, { maxLength: 3 });

const question: fc.Arbitrary<PolicyQuestion> = fc.record({
  action: pieces('live:ForbidLiveStream', 'LIVE:describelivestreamsonlinelist', 'ram:CreateUser'),
  resources: fc.constantFrom<[string, ...string[]]>(
    ['*'],
    ['acs:live:*:1:domain/a', 'acs:cdn:*:1:domain/a'],
    ['acs:live:*:1:domain/b', 'acs:cdn:*:1:domain/b'],
  ),
  context: fc
    .record(
      {
        'acs:SourceIp': pieces('10.1.2.3', '::ffff:10.1.2.3', '198.51.100.1', '2001:db8::1'),
        'acs:MFAPresent': pieces('true', 'false'),
        'acs:CurrentTime': pieces('2025-12-31T23:59:59Z', '2026-01-01T00:00:00Z', '2026-07-01T00:00:00Z'),
        'acs:UserAgent': pieces('curl/8', 'curl/9', 'wget'),
      },
      { requiredKeys: [] },
    )
    .map((context) => new Map(Object.entries(context))),
});

function effectOf(list: readonly NamedPolicy[], asked: PolicyQuestion) {
  return evaluatePolicies(list, asked).effect;
}

/** The policy of one statement. */
function alone(one: PolicyStatement): NamedPolicy {
  return { name: 'one', type: 'Custom', source: 'group/g', document: { statements: [one] } };
}

function matches(one: PolicyStatement, asked: PolicyQuestion): boolean {
  return explainPolicies([alone(one)], asked)[0]!.matches;
}

/** Runs a property often, and wants that it was about something: what it counts must happen. */
function often<T>(property: (counted: () => void) => fc.IProperty<T>): void {
  let counts = 0;
  fc.assert(
    property(() => counts++),
    { numRuns: 1500 },
  );
  expect(counts).toBeGreaterThan(10);
}

describe('whatever the policies are', () => {
  it('a Deny that matches never loses', () => {
    often((counted) =>
      fc.property(fc.tuple(policies, statement, question, fc.nat()), ([list, one, asked, place]) => {
        const denying = { ...one, effect: 'Deny' as const };
        if (!matches(denying, asked)) return;
        counted();
        expect(effectOf(list.toSpliced(place % (list.length + 1), 0, alone(denying)), asked)).toBe(
          'explicit-deny',
        );
      }),
    );
  });

  it('adding an Allow never takes a permission away, and gives one only where nothing denied', () => {
    often((counted) =>
      fc.property(fc.tuple(policies, statement, question, fc.nat()), ([list, one, asked, place]) => {
        const allowing = { ...one, effect: 'Allow' as const };
        const before = effectOf(list, asked);
        const after = effectOf(list.toSpliced(place % (list.length + 1), 0, alone(allowing)), asked);
        if (before === 'implicit-deny') expect(after).toBe(matches(allowing, asked) ? 'allow' : before);
        else expect(after).toBe(before);
        if (before === 'implicit-deny' && after === 'allow') counted();
      }),
    );
  });

  it('adding a Deny never gives a permission', () => {
    often((counted) =>
      fc.property(policies, statement, question, (list, one, asked) => {
        const after = effectOf([...list, alone({ ...one, effect: 'Deny' })], asked);
        if (after === 'allow') expect(effectOf(list, asked)).toBe('allow');
        if (after === 'allow') counted();
      }),
    );
  });

  it('the order of policies and statements does not matter, nor which policy holds a statement', () => {
    often((counted) =>
      fc.property(policies, question, fc.array(fc.nat(), { minLength: 9 }), (list, asked, chances) => {
        const shuffled = <T>(items: readonly T[]): T[] =>
          items
            .map((item, index) => ({ item, rank: chances[index]! }))
            .sort((a, b) => a.rank - b.rank)
            .map(({ item }) => item);
        const turned = shuffled(list).map((one) => ({
          ...one,
          document: { statements: shuffled(one.document.statements) },
        }));
        const effect = effectOf(list, asked);
        expect(effectOf(turned, asked)).toBe(effect);
        const statements = list.flatMap((one) => one.document.statements);
        expect(effectOf(shuffled(statements.map(alone)), asked)).toBe(effect);
        if (effect !== 'implicit-deny') counted();
      }),
    );
  });

  it('NotAction is the complement of Action, and NotResource of Resource', () => {
    often((counted) =>
      fc.property(statement, question, (one, asked) => {
        const free = { ...one, conditions: [] };
        const everywhere = { ...free, resources: ['*'], notResources: false };
        const always = { ...free, actions: ['*'], notActions: false };
        const turned = matches({ ...everywhere, notActions: !one.notActions }, asked);
        expect(matches(everywhere, asked)).toBe(!turned);
        expect(matches(always, asked)).toBe(!matches({ ...always, notResources: !one.notResources }, asked));
        if (turned) counted();
      }),
    );
  });

  it('one more condition never makes a statement match', () => {
    often((counted) =>
      fc.property(statement, condition, question, (one, more, asked) => {
        if (matches({ ...one, conditions: [...one.conditions, more] }, asked)) {
          expect(matches(one, asked)).toBe(true);
          counted();
        }
      }),
    );
  });

  it('a condition on an absent key never holds', () => {
    fc.assert(
      fc.property(condition, question, (one, asked) => {
        const context = new Map(
          [...asked.context].filter(([key]) => key.toLowerCase() !== one.key.toLowerCase()),
        );
        const all = {
          effect: 'Allow',
          actions: ['*'],
          notActions: false,
          resources: ['*'],
          notResources: false,
        } as const;
        expect(matches({ ...all, conditions: [one] }, { ...asked, context })).toBe(false);
      }),
    );
  });

  it('the case of an action does not matter', () => {
    fc.assert(
      fc.property(policies, question, (list, asked) => {
        expect(effectOf(list, { ...asked, action: asked.action.toUpperCase() })).toBe(effectOf(list, asked));
      }),
    );
  });

  it('the deciding statement matches and has the effect; what is explained says the same', () => {
    often((counted) =>
      fc.property(policies, question, (list, asked) => {
        const { effect, decidedBy } = evaluatePolicies(list, asked);
        const told = explainPolicies(list, asked).filter((one) => one.matches);
        if (!decidedBy) {
          expect(effect).toBe('implicit-deny');
          expect(told).toEqual([]);
          return;
        }
        counted();
        const deciding = decidedBy.policy.document.statements[decidedBy.statement]!;
        expect(deciding.effect).toBe(effect === 'allow' ? 'Allow' : 'Deny');
        expect(
          told.some((one) => one.policy === decidedBy.policy && one.statement === decidedBy.statement),
        ).toBe(true);
      }),
    );
  });

  it('a session has at most what its role has and at most what its policy gives', () => {
    often((counted) =>
      fc.property(policies, policy, question, (role, session, asked) => {
        const { effect, limitedBy } = evaluateSession(role, session, asked);
        const each = [effectOf(role, asked), effectOf([session], asked)];
        expect(effect === 'allow').toBe(each.every((one) => one === 'allow'));
        expect(effect === 'explicit-deny').toBe(each.includes('explicit-deny'));
        expect(limitedBy === undefined).toBe(effect === 'allow');
        expect(evaluateSession(role, null, asked).effect).toBe(each[0]);
        if (effect === 'allow') counted();
      }),
    );
  });
});
