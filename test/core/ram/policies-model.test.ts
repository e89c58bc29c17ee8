import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { systemIds } from '../../../src/base/ids.ts';
import type { AccountPlan } from '../../../src/core/account-changes.ts';
import { Directory } from '../../../src/core/directory.ts';
import type { AccountView } from '../../../src/core/directory.ts';
import type { EntityChange } from '../../../src/core/entities.ts';
import { attachPolicy, detachPolicy, MAX_ATTACHED_POLICIES } from '../../../src/core/ram/attachments.ts';
import {
  createPolicy,
  createPolicyVersion,
  deletePolicy,
  deletePolicyVersion,
  MAX_POLICY_VERSIONS,
  setDefaultPolicyVersion,
} from '../../../src/core/ram/policies.ts';
import { RamError } from '../../../src/core/ram/ram-error.ts';
import { createRole, deleteRole } from '../../../src/core/ram/roles.ts';
import { createUser } from '../../../src/core/ram/users.ts';

/**
 * Whatever is asked, in whatever order: the account stays as the rules have it, and a model that knows nothing of the
 * code says for each request whether it is granted.
 */

const ACCOUNT = '1';
const DOCUMENT = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"live:*","Resource":"*"}]}';
const TRUST = `{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"RAM":["acs:ram::1:root"]}}]}`;

interface ModelPolicy {
  versions: number[];
  inForce: number;
  next: number;
}

/** What should be: policies by name, and what each user or role bears. */
interface Model {
  readonly policies: Map<string, ModelPolicy>;
  readonly users: Map<string, Set<string>>;
  readonly roles: Map<string, Set<string>>;
}

interface Step {
  readonly told: string;
  readonly plan: (account: AccountView) => AccountPlan<unknown>;
  /** Changes the model and says true, or leaves it and says false. */
  readonly expected: (model: Model) => boolean;
}

const deps = { ids: systemIds, now: 0 };
const policyName = fc.integer({ min: 0, max: MAX_ATTACHED_POLICIES + 2 }).map((at) => `p${at}`);
const versionNumber = fc.integer({ min: 1, max: 9 });
const bearer = fc.record({
  kind: fc.constantFrom('user' as const, 'role' as const),
  name: fc.constantFrom('a', 'b'),
});

const borne = (model: Model, name: string) =>
  [...model.users.values(), ...model.roles.values()].some((policies) => policies.has(name));

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: policyName.map(creating) },
  { weight: 1, arbitrary: fc.tuple(policyName, fc.boolean()).map(deleting) },
  {
    weight: 4,
    arbitrary: fc
      .record({ name: fc.constantFrom('p0', 'p1'), setAsDefault: fc.boolean(), rotate: fc.boolean() })
      .map(addingVersion),
  },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom('p0', 'p1'), versionNumber).map(puttingInForce) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom('p0', 'p1'), versionNumber).map(deletingVersion) },
  { weight: 12, arbitrary: fc.tuple(bearer, policyName).map(attaching) },
  { weight: 3, arbitrary: fc.tuple(bearer, policyName).map(detaching) },
  { weight: 2, arbitrary: bearer.map(makingBearer) },
  { weight: 1, arbitrary: fc.constantFrom('a', 'b').map(deletingRole) },
);

function creating(name: string): Step {
  const asked = { accountId: ACCOUNT, name, description: null, document: DOCUMENT };
  return {
    told: `create ${name}`,
    plan: (account) => createPolicy(account, asked, deps),
    expected: ({ policies }) => {
      if (policies.has(name)) return false;
      policies.set(name, { versions: [1], inForce: 1, next: 2 });
      return true;
    },
  };
}

function deleting([name, withVersions]: [string, boolean]): Step {
  return {
    told: `delete ${name}${withVersions ? ' with its versions' : ''}`,
    plan: (account) => deletePolicy(account, { name, withVersions }),
    expected: (model) => {
      const policy = model.policies.get(name);
      if (!policy || borne(model, name) || (policy.versions.length > 1 && !withVersions)) return false;
      return model.policies.delete(name);
    },
  };
}

function addingVersion(asked: { name: string; setAsDefault: boolean; rotate: boolean }): Step {
  return {
    told: `version of ${JSON.stringify(asked)}`,
    plan: (account) => createPolicyVersion(account, { ...asked, document: DOCUMENT }, 0),
    expected: ({ policies }) => {
      const policy = policies.get(asked.name);
      if (!policy) return false;
      const full = policy.versions.length === 5;
      if (full && !asked.rotate) return false;
      if (full) {
        const oldest = Math.min(...policy.versions.filter((version) => version !== policy.inForce));
        policy.versions = policy.versions.filter((version) => version !== oldest);
      }
      policy.versions.push(policy.next);
      if (asked.setAsDefault) policy.inForce = policy.next;
      policy.next++;
      return true;
    },
  };
}

function puttingInForce([name, version]: [string, number]): Step {
  return {
    told: `put ${name} v${version} in force`,
    plan: (account) => setDefaultPolicyVersion(account, { name, versionId: `v${version}` }, 0),
    expected: ({ policies }) => {
      const policy = policies.get(name);
      if (!policy?.versions.includes(version)) return false;
      policy.inForce = version;
      return true;
    },
  };
}

function deletingVersion([name, version]: [string, number]): Step {
  return {
    told: `delete ${name} v${version}`,
    plan: (account) => deletePolicyVersion(account, { name, versionId: `v${version}` }, 0),
    expected: ({ policies }) => {
      const policy = policies.get(name);
      if (!policy?.versions.includes(version) || policy.inForce === version) return false;
      policy.versions = policy.versions.filter((other) => other !== version);
      return true;
    },
  };
}

interface Bearer {
  readonly kind: 'user' | 'role';
  readonly name: string;
}
const bearersOf = (model: Model, kind: Bearer['kind']) => (kind === 'user' ? model.users : model.roles);

function attaching([to, name]: [Bearer, string]): Step {
  return {
    told: `attach ${name} to ${to.kind} ${to.name}`,
    plan: (account) => attachPolicy(account, { to, policy: { type: 'Custom', name } }, 0),
    expected: (model) => {
      const borne = bearersOf(model, to.kind).get(to.name);
      if (!borne || !model.policies.has(name) || borne.has(name) || borne.size === 20) return false;
      borne.add(name);
      return true;
    },
  };
}

function detaching([from, name]: [Bearer, string]): Step {
  return {
    told: `detach ${name} from ${from.kind} ${from.name}`,
    plan: (account) => detachPolicy(account, { from, policy: { type: 'Custom', name } }),
    expected: (model) => bearersOf(model, from.kind).get(from.name)?.delete(name) ?? false,
  };
}

function makingBearer({ kind, name }: Bearer): Step {
  const role = { accountId: ACCOUNT, name, description: null, trustDocument: TRUST, maxSessionSeconds: 3600 };
  return {
    told: `make ${kind} ${name}`,
    plan: (account) =>
      kind === 'user'
        ? createUser(account, { accountId: ACCOUNT, name }, deps)
        : createRole(account, role, deps),
    expected: (model) => {
      const all = bearersOf(model, kind);
      if (all.has(name)) return false;
      all.set(name, new Set());
      return true;
    },
  };
}

function deletingRole(name: string): Step {
  return {
    told: `delete role ${name}`,
    plan: (account) => deleteRole(account, name),
    expected: ({ roles }) => roles.get(name)?.size === 0 && roles.delete(name),
  };
}

/** `granted`, or why not; a directory that keeps what was granted, as the store would. */
function run(directory: Directory, { plan }: Step, version: number): string {
  try {
    const { puts = [], removes = [] } = plan(directory.view(ACCOUNT));
    const changes: EntityChange[] = [
      ...puts.map((entity) => ({ kind: entity.kind, id: entity.id, version, entity })),
      ...removes.map(({ kind, id }) => ({ kind, id, version, entity: null })),
    ];
    for (const change of changes) directory.apply(change);
    return 'granted';
  } catch (error) {
    if (!(error instanceof RamError)) throw error;
    const { problem } = error;
    return 'thing' in problem ? `${problem.kind} ${problem.thing}` : problem.kind;
  }
}

/** The account in the words of the model. */
function modelOf({ policies, users, roles }: AccountView): unknown {
  const number = (id: string) => Number(id.slice(1));
  return {
    policies: new Map(
      [...policies].map(([name, { versions, defaultVersion, nextVersion }]) => [
        name,
        {
          versions: versions.map(({ id }) => number(id)),
          inForce: number(defaultVersion),
          next: nextVersion,
        },
      ]),
    ),
    users: new Map(
      [...users].map(([name, user]) => [name, new Set(user.policies.map((policy) => policy.name))]),
    ),
    roles: new Map(
      [...roles].map(([name, role]) => [name, new Set(role.policies.map((policy) => policy.name))]),
    ),
  };
}

/** The rules that the account breaks, in words. */
function brokenRules({ policies, users, roles }: AccountView): string[] {
  const ofPolicies = [...policies.values()].flatMap(({ name, versions, defaultVersion, nextVersion }) => {
    const numbers = versions.map(({ id }) => Number(id.slice(1)));
    return [
      ...(numbers.includes(Number(defaultVersion.slice(1))) ? [] : [`${name}: nothing in force`]),
      ...(numbers.length <= MAX_POLICY_VERSIONS ? [] : [`${name}: too many versions`]),
      ...(new Set(numbers).size === numbers.length ? [] : [`${name}: a version twice`]),
      ...(Math.max(...numbers) < nextVersion ? [] : [`${name}: a number again`]),
    ];
  });
  const ofBearers = [...users.values(), ...roles.values()].flatMap(({ id, policies: borne }) => [
    ...(borne.length <= MAX_ATTACHED_POLICIES ? [] : [`${id}: too many policies`]),
    ...(new Set(borne.map(({ name }) => name)).size === borne.length ? [] : [`${id}: a policy twice`]),
    ...borne.flatMap(({ name }) => (policies.has(name) ? [] : [`${id}: ${name} is not there`])),
  ]);
  return [...ofPolicies, ...ofBearers];
}

/** Everything is there, and a user bears as much as it can. */
const START: readonly Step[] = [
  ...Array.from({ length: MAX_ATTACHED_POLICIES + 3 }, (_, at) => creating(`p${at}`)),
  makingBearer({ kind: 'user', name: 'a' }),
  ...Array.from({ length: MAX_ATTACHED_POLICIES }, (_, at) =>
    attaching([{ kind: 'user', name: 'a' }, `p${at + 2}`]),
  ),
];

/** What has to be met, so that the property says something. */
const OUTCOMES = [
  'granted',
  'exists policy',
  'in-use policy',
  'not-found policy',
  'limit policy-version',
  'not-found policy-version',
  'in-force',
  'limit user-policy',
  'exists user-policy',
  'not-found user-policy',
  'exists role',
  'in-use role',
  'not-found role',
];

it('keeps policies, versions and attachments as the rules have them', () => {
  const seen = new Map<string, number>();
  const property = fc.property(fc.array(steps, { minLength: 40, maxLength: 80, size: 'max' }), (sequence) => {
    const directory = new Directory();
    const model: Model = { policies: new Map(), users: new Map(), roles: new Map() };
    for (const [version, step] of [...START, ...sequence].entries()) {
      const outcome = run(directory, step, version + 1);
      seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
      const account = directory.view(ACCOUNT);
      expect(outcome === 'granted', `${step.told}: ${outcome}`).toBe(step.expected(model));
      expect(brokenRules(account), step.told).toEqual([]);
      // Thousands of times; the slow comparison is for its message.
      if (!isDeepStrictEqual(modelOf(account), model)) expect(modelOf(account), step.told).toEqual(model);
    }
  });
  fc.assert(property, { numRuns: 100 });
  for (const outcome of OUTCOMES) expect(seen.get(outcome) ?? 0, outcome).toBeGreaterThan(0);
});
