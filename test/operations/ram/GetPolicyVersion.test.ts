import { describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { newPolicy, policyOf } from '../../support/policies.ts';
import { ok } from '../../support/ram-things.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const get = (more: Record<string, string> = {}) =>
  made.call('GetPolicyVersion', { PolicyName: 'p', PolicyType: 'Custom', VersionId: 'v1', ...more });

describe('parameters', () => {
  it.each([
    ['PolicyName', 'p q'],
    ['PolicyType', 'any'],
    ['VersionId', '1'],
    ['VersionId', 'v0'],
    ['VersionId', 'v1x'],
  ])('refuses %s=%s', async (name, value) => {
    await expectCode(get({ [name]: value }), 400, `Invalid${name}.Malformed`);
  });
});

describe('permission', () => {
  const params = () => ({ PolicyName: 'p', PolicyType: 'Custom', VersionId: 'v1' });
  itAsksForPermission({ api: () => made.api, action: 'GetPolicyVersion', params }, () => [
    `acs:ram:*:${made.accountId}:policy/p`,
  ]);
});

describe('limits', () => {
  itIsLimitedTo('GetPolicyVersion', { calls: 50, perSeconds: 1 });
});

describe('behaviour', () => {
  it('gives the text back as it was given', async () => {
    const text = ` ${policyOf({ Resource: '*', Effect: 'Allow', Action: ['live:*'] })}\n`;
    await newPolicy(made, 'p', text);
    const CreateDate = new Date(made.api.clock.now()).toISOString().replace('.000Z', 'Z');
    const version = { VersionId: 'v1', IsDefaultVersion: true, CreateDate, PolicyDocument: text };
    expect((await ok(get()))['PolicyVersion']).toEqual(version);
  });

  it('gives the one version of a system policy', async () => {
    const json = await ok(get({ PolicyName: 'AliyunLiveFullAccess', PolicyType: 'System' }));
    expect(json).toMatchObject({ PolicyVersion: { VersionId: 'v1', IsDefaultVersion: true } });
  });

  it('does not find what is not there', async () => {
    await expectCode(get(), 404, 'EntityNotExist.Policy');
    await newPolicy(made);
    await expectCode(get({ VersionId: 'v2' }), 404, 'EntityNotExist.Policy.Version');
  });
});
