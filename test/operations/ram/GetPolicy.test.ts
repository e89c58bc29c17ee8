import { describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { attachTo, newBearer, newPolicy, policyOf, putInForce, READ_ALL } from '../../support/policies.ts';
import { ok } from '../../support/ram-things.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const get = (PolicyName = 'p', PolicyType = 'Custom') => made.call('GetPolicy', { PolicyName, PolicyType });

describe('parameters', () => {
  it.each([
    ['p q', 'Custom', 'InvalidPolicyName.Malformed'],
    ['p', 'CUSTOM', 'InvalidPolicyType.Malformed'],
  ])('refuses %s of type %s', async (name, type, code) => {
    await expectCode(get(name, type), 400, code);
  });
});

describe('permission', () => {
  const params = () => ({ PolicyName: 'p', PolicyType: 'Custom' });
  itAsksForPermission({ api: () => made.api, action: 'GetPolicy', params }, () => [
    `acs:ram:*:${made.accountId}:policy/p`,
  ]);
});

describe('limits', () => {
  itIsLimitedTo('GetPolicy', { calls: 50, perSeconds: 1 });
});

describe('behaviour', () => {
  it('tells what is in force, and how often the policy is attached', async () => {
    await newPolicy(made);
    const made1 = at();
    made.api.clock.advance(9000);
    const text = policyOf({ Effect: 'Deny', Action: 'live:*', Resource: '*' });
    await putInForce(made, text);
    for (const kind of ['User', 'Group', 'Role'] as const) {
      await newBearer(made, kind);
      await ok(attachTo(made, kind, { name: 'p' }));
    }
    const { Policy, DefaultPolicyVersion } = await ok(get());
    expect(Policy).toEqual({
      PolicyName: 'p',
      PolicyType: 'Custom',
      DefaultVersion: 'v2',
      CreateDate: made1,
      UpdateDate: at(),
      AttachmentCount: 3,
    });
    const version = { VersionId: 'v2', IsDefaultVersion: true, CreateDate: at(), PolicyDocument: text };
    expect(DefaultPolicyVersion).toEqual(version);
  });

  it('tells of system policies, counting the attachments of the account', async () => {
    await newBearer(made, 'User');
    await ok(attachTo(made, 'User', { name: 'AliyunLiveReadOnlyAccess', type: 'System' }));
    const json = await ok(get('AliyunLiveReadOnlyAccess', 'System'));
    expect(json).toMatchObject({
      Policy: { PolicyType: 'System', AttachmentCount: 1, DefaultVersion: 'v1' },
    });
    const { PolicyDocument } = json['DefaultPolicyVersion'] as { PolicyDocument: string };
    expect(PolicyDocument).toContain('"live:Describe*"');
    const other = await made.otherAccount();
    const params = { PolicyName: 'AliyunLiveReadOnlyAccess', PolicyType: 'System' };
    expect(await ok(other.call('GetPolicy', params))).toMatchObject({ Policy: { AttachmentCount: 0 } });
  });

  it('does not find a policy of the other type or of another account', async () => {
    await newPolicy(made);
    const other = await made.otherAccount();
    await ok(other.call('CreatePolicy', { PolicyName: 'q', PolicyDocument: READ_ALL }));
    for (const [name, type] of [
      ['p', 'System'],
      ['q', 'Custom'],
      ['AliyunLiveFullAccess', 'Custom'],
    ] as const)
      await expectCode(get(name, type), 404, 'EntityNotExist.Policy');
  });
});

const at = () => new Date(made.api.clock.now()).toISOString().replace('.000Z', 'Z');
