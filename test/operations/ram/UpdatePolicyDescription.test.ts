import { describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { newPolicy } from '../../support/policies.ts';
import { ok } from '../../support/ram-things.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const update = (NewDescription = 'new', PolicyName = 'p') =>
  made.call('UpdatePolicyDescription', { PolicyName, NewDescription });

describe('parameters', () => {
  it('refuses a bad name, and a description that is too long', async () => {
    await expectCode(update('new', 'p q'), 400, 'InvalidPolicyName.Malformed');
    await expectCode(update('x'.repeat(1025)), 400, 'InvalidNewDescription.Malformed');
    await expectCode(update(''), 400, 'MissingNewDescription');
  });
});

describe('permission', () => {
  const params = () => ({ PolicyName: 'p', NewDescription: 'new' });
  itAsksForPermission({ api: () => made.api, action: 'UpdatePolicyDescription', params }, () => [
    `acs:ram:*:${made.accountId}:policy/p`,
  ]);
});

describe('limits', () => {
  itIsLimitedTo('UpdatePolicyDescription', { calls: 20, perSeconds: 1 });
});

describe('behaviour', () => {
  it('changes the description and nothing else', async () => {
    await newPolicy(made);
    const before = made.account().policies.get('p');
    made.api.clock.advance(7000);
    const { Policy } = await ok(update());
    const updatedAt = made.api.clock.now();
    const UpdateDate = new Date(updatedAt).toISOString().replace('.000Z', 'Z');
    expect(Policy).toMatchObject({ PolicyName: 'p', PolicyType: 'Custom', Description: 'new', UpdateDate });
    expect(made.account().policies.get('p')).toEqual({ ...before, description: 'new', updatedAt });
  });

  it('knows no system policies and none of another account', async () => {
    await expectCode(update('new', 'AliyunLiveFullAccess'), 404, 'EntityNotExist.Policy');
    await expectCode(update(), 404, 'EntityNotExist.Policy');
  });
});
