import { describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { newPolicy, policyOf, putInForce, READ_ALL, withVersions } from '../../support/policies.ts';
import { ok } from '../../support/ram-things.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const list = (PolicyName = 'p', PolicyType = 'Custom') =>
  made.call('ListPolicyVersions', { PolicyName, PolicyType });

describe('parameters', () => {
  it.each([
    ['p q', 'Custom', 'InvalidPolicyName.Malformed'],
    ['p', 'any', 'InvalidPolicyType.Malformed'],
  ])('refuses %s of type %s', async (name, type, code) => {
    await expectCode(list(name, type), 400, code);
  });
});

describe('permission', () => {
  const params = () => ({ PolicyName: 'p', PolicyType: 'Custom' });
  itAsksForPermission({ api: () => made.api, action: 'ListPolicyVersions', params }, () => [
    `acs:ram:*:${made.accountId}:policy/p`,
  ]);
});

describe('limits', () => {
  itIsLimitedTo('ListPolicyVersions', { calls: 50, perSeconds: 1 });
});

describe('behaviour', () => {
  it('lists the versions, oldest first, and which is in force', async () => {
    await newPolicy(made);
    await withVersions(made, 2);
    const text = policyOf({ Effect: 'Deny', Action: '*', Resource: '*' });
    await putInForce(made, text);
    await ok(made.call('DeletePolicyVersion', { PolicyName: 'p', VersionId: 'v2' }));
    expect(await ok(list())).toMatchObject({
      PolicyVersions: {
        PolicyVersion: [
          { VersionId: 'v1', IsDefaultVersion: false, PolicyDocument: READ_ALL },
          { VersionId: 'v3', IsDefaultVersion: true, PolicyDocument: text },
        ],
      },
    });
  });

  it('lists the one version of a system policy', async () => {
    const json = await ok(list('AliyunLiveFullAccess', 'System'));
    expect(json).toMatchObject({ PolicyVersions: { PolicyVersion: [{ VersionId: 'v1' }] } });
  });

  it('does not find a policy that is not there', async () => {
    await expectCode(list(), 404, 'EntityNotExist.Policy');
  });
});
