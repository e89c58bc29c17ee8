import { describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { newPolicy, withVersions } from '../../support/policies.ts';
import { ok } from '../../support/ram-things.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const remove = (VersionId = 'v2', PolicyName = 'p') =>
  made.call('DeletePolicyVersion', { PolicyName, VersionId });
const versions = () =>
  made
    .account()
    .policies.get('p')!
    .versions.map(({ id }) => id);

describe('parameters', () => {
  it.each([
    ['p q', 'v2', 'InvalidPolicyName.Malformed'],
    ['p', 'all', 'InvalidVersionId.Malformed'],
  ])('refuses version %s %s', async (name, version, code) => {
    await expectCode(remove(version, name), 400, code);
  });
});

describe('permission', () => {
  const params = () => ({ PolicyName: 'p', VersionId: 'v2' });
  itAsksForPermission({ api: () => made.api, action: 'DeletePolicyVersion', params }, () => [
    `acs:ram:*:${made.accountId}:policy/p`,
  ]);
});

describe('limits', () => {
  itIsLimitedTo('DeletePolicyVersion', { calls: 20, perSeconds: 1 });
});

describe('behaviour', () => {
  it('deletes the version and no other', async () => {
    await newPolicy(made);
    await withVersions(made, 3);
    await ok(remove());
    expect(versions()).toEqual(['v1', 'v3']);
    await expectCode(remove(), 404, 'EntityNotExist.Policy.Version');
  });

  it('refuses the version in force', async () => {
    await newPolicy(made);
    await withVersions(made, 2);
    await expectCode(remove('v1'), 409, 'DeleteConflict.Policy.Version.Default');
    await ok(made.call('SetDefaultPolicyVersion', { PolicyName: 'p', VersionId: 'v2' }));
    await ok(remove('v1'));
    expect(versions()).toEqual(['v2']);
  });

  it('either deletes a version or puts it in force, when both are asked for at once', async () => {
    await newPolicy(made);
    await withVersions(made, 2);
    const set = made.call('SetDefaultPolicyVersion', { PolicyName: 'p', VersionId: 'v2' });
    const answers = await Promise.all([set, remove('v2')]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(versions()).toContain(made.account().policies.get('p')?.defaultVersion);
  });

  it('knows no system policies', async () => {
    await expectCode(remove('v1', 'AliyunLiveFullAccess'), 404, 'EntityNotExist.Policy');
  });
});
