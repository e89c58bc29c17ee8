import { describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { newPolicy, policyOf, READ_ALL, withVersions } from '../../support/policies.ts';
import { ok } from '../../support/ram-things.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const TEXT = policyOf({ Effect: 'Deny', Action: 'live:*', Resource: '*' });
const ROTATE = { RotateStrategy: 'DeleteOldestNonDefaultVersionWhenLimitExceeded' };
const add = (more: Record<string, string> = {}) =>
  made.call('CreatePolicyVersion', { PolicyName: 'p', PolicyDocument: TEXT, ...more });
const versions = () =>
  made
    .account()
    .policies.get('p')!
    .versions.map(({ id }) => id);

describe('parameters', () => {
  it.each([
    ['PolicyName', 'p q'],
    ['SetAsDefault', '1'],
    ['RotateStrategy', 'Always'],
  ])('refuses %s=%s', async (name, value) => {
    await newPolicy(made);
    await expectCode(add({ [name]: value }), 400, `Invalid${name}.Malformed`);
    expect(versions()).toEqual(['v1']);
  });

  it('refuses a text that cannot be read, and says where', async () => {
    await newPolicy(made);
    const PolicyDocument = policyOf({ Effect: 'Allow', Action: 'live:*', Resource: 'play.example.com' });
    const { status, json } = await add({ PolicyDocument, SetAsDefault: 'true' });
    expect({ status, json }).toMatchObject({ status: 400, json: { Code: 'MalformedPolicyDocument' } });
    expect(json['Message']).toContain('Statement[0].Resource[0]');
    expect(made.account().policies.get('p')).toMatchObject({ defaultVersion: 'v1', nextVersion: 2 });
  });
});

describe('permission', () => {
  const params = () => ({ PolicyName: 'p', PolicyDocument: TEXT });
  itAsksForPermission({ api: () => made.api, action: 'CreatePolicyVersion', params }, () => [
    `acs:ram:*:${made.accountId}:policy/p`,
  ]);
});

describe('limits', () => {
  itIsLimitedTo('CreatePolicyVersion', { calls: 20, perSeconds: 1 });

  it('keeps five versions, and makes room only when told to', async () => {
    await newPolicy(made);
    await withVersions(made, 5);
    await expectCode(add(), 409, 'LimitExceeded.Policy.Version');
    await expectCode(add({ RotateStrategy: 'None' }), 409, 'LimitExceeded.Policy.Version');
    expect(versions()).toEqual(['v1', 'v2', 'v3', 'v4', 'v5']);
    await ok(add(ROTATE));
    // The oldest of those that are not in force: v1 is.
    expect(versions()).toEqual(['v1', 'v3', 'v4', 'v5', 'v6']);
    await ok(add({ ...ROTATE, SetAsDefault: 'true' }));
    await ok(add(ROTATE));
    expect(versions()).toEqual(['v4', 'v5', 'v6', 'v7', 'v8']);
    expect(made.account().policies.get('p')?.defaultVersion).toBe('v7');
  });
});

describe('behaviour', () => {
  it('adds a version that is not in force', async () => {
    await newPolicy(made);
    const { PolicyVersion } = await ok(add());
    expect(PolicyVersion).toMatchObject({ VersionId: 'v2', IsDefaultVersion: false, PolicyDocument: TEXT });
    const json = await ok(made.call('GetPolicy', { PolicyName: 'p', PolicyType: 'Custom' }));
    expect(json).toMatchObject({ DefaultPolicyVersion: { VersionId: 'v1', PolicyDocument: READ_ALL } });
  });

  it('puts it in force with SetAsDefault, for the next call', async () => {
    const key = await made.userWith(policyOf({ Effect: 'Allow', Action: 'ram:ListUsers', Resource: '*' }));
    await ok(made.call('ListUsers', {}, key));
    const [PolicyName = ''] = made.account().policies.keys();
    const { PolicyVersion } = await ok(add({ PolicyName, SetAsDefault: 'true' }));
    expect(PolicyVersion).toMatchObject({ IsDefaultVersion: true });
    await expectCode(made.call('ListUsers', {}, key), 403, 'NoPermission');
  });

  it('does not make room while there is some', async () => {
    await newPolicy(made);
    await ok(add(ROTATE));
    expect(versions()).toEqual(['v1', 'v2']);
  });

  it('never gives a number twice', async () => {
    await newPolicy(made);
    await ok(add());
    await ok(made.call('DeletePolicyVersion', { PolicyName: 'p', VersionId: 'v2' }));
    expect(await ok(add())).toMatchObject({ PolicyVersion: { VersionId: 'v3' } });
  });

  it('knows no system policies and none of another account', async () => {
    await expectCode(add({ PolicyName: 'AliyunLiveFullAccess' }), 404, 'EntityNotExist.Policy');
    await expectCode(add(), 404, 'EntityNotExist.Policy');
  });
});
