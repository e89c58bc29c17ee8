import { describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { newPolicy, policyOf, withVersions } from '../../support/policies.ts';
import { ok } from '../../support/ram-things.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const set = (VersionId = 'v2', PolicyName = 'p') =>
  made.call('SetDefaultPolicyVersion', { PolicyName, VersionId });

describe('parameters', () => {
  it.each([
    ['p q', 'v2', 'InvalidPolicyName.Malformed'],
    ['p', '2', 'InvalidVersionId.Malformed'],
  ])('refuses version %s %s', async (name, version, code) => {
    await expectCode(set(version, name), 400, code);
  });
});

describe('permission', () => {
  const params = () => ({ PolicyName: 'p', VersionId: 'v2' });
  itAsksForPermission({ api: () => made.api, action: 'SetDefaultPolicyVersion', params }, () => [
    `acs:ram:*:${made.accountId}:policy/p`,
  ]);
});

describe('limits', () => {
  itIsLimitedTo('SetDefaultPolicyVersion', { calls: 20, perSeconds: 1 });
});

describe('behaviour', () => {
  it('acts on the very next call, back and forth', async () => {
    const allow = policyOf({ Effect: 'Allow', Action: 'ram:ListUsers', Resource: '*' });
    const key = await made.userWith(allow);
    const [PolicyName = ''] = made.account().policies.keys();
    const PolicyDocument = policyOf({ Effect: 'Allow', Action: 'ram:ListRoles', Resource: '*' });
    await ok(made.call('CreatePolicyVersion', { PolicyName, PolicyDocument }));
    await ok(made.call('ListUsers', {}, key));
    await ok(set('v2', PolicyName));
    await expectCode(made.call('ListUsers', {}, key), 403, 'NoPermission');
    await ok(made.call('ListRoles', {}, key));
    await ok(set('v1', PolicyName));
    await ok(made.call('ListUsers', {}, key));
  });

  it('takes the version that is in force already', async () => {
    await newPolicy(made);
    await ok(set('v1'));
  });

  it('refuses a version that is not there, or not any more', async () => {
    await expectCode(set('v1'), 404, 'EntityNotExist.Policy');
    await newPolicy(made);
    await withVersions(made, 2);
    await ok(made.call('DeletePolicyVersion', { PolicyName: 'p', VersionId: 'v2' }));
    await expectCode(set('v2'), 404, 'EntityNotExist.Policy.Version');
    expect(made.account().policies.get('p')?.defaultVersion).toBe('v1');
  });

  it('knows no system policies', async () => {
    await expectCode(set('v1', 'AliyunLiveFullAccess'), 404, 'EntityNotExist.Policy');
  });
});
