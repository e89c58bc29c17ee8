import { describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { actingAs, newBearer, policyOf, READ_ALL } from '../../support/policies.ts';
import { newKey, ok } from '../../support/ram-things.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const update = (more: Record<string, string>) => made.call('UpdateRole', { RoleName: 'it', ...more });
const role = () => made.account().roles.get('it')!;

describe('parameters', () => {
  it.each([
    ['RoleName', 'a b'],
    ['NewMaxSessionDuration', '3599'],
    ['NewMaxSessionDuration', '43201'],
    ['NewDescription', 'x'.repeat(1025)],
  ])('refuses %s=%j and changes nothing', async (name, value) => {
    await newBearer(made, 'Role');
    const before = role();
    await expectCode(update({ [name]: value }), 400, `Invalid${name}.Malformed`);
    expect(role()).toBe(before);
  });

  it('refuses a trust policy that cannot be read, and all that comes with it', async () => {
    await newBearer(made, 'Role');
    const before = role();
    const params = { NewAssumeRolePolicyDocument: READ_ALL, NewDescription: 'other' };
    await expectCode(update(params), 400, 'MalformedPolicyDocument');
    expect(role()).toBe(before);
  });
});

describe('permission', () => {
  const params = () => ({ RoleName: 'it', NewDescription: 'other' });
  itAsksForPermission({ api: () => made.api, action: 'UpdateRole', params }, () => [
    `acs:ram:*:${made.accountId}:role/it`,
  ]);
});

describe('limits', () => {
  itIsLimitedTo('UpdateRole', { calls: 20, perSeconds: 1 });
});

describe('behaviour', () => {
  it('changes what the call names and nothing else', async () => {
    await newBearer(made, 'Role');
    const before = role();
    made.api.clock.advance(3000);
    const { Role } = await ok(update({ NewMaxSessionDuration: '7200' }));
    expect(Role).toMatchObject({ RoleName: 'it', MaxSessionDuration: 7200 });
    const updatedAt = made.api.clock.now();
    expect(role()).toEqual({ ...before, maxSessionSeconds: 7200, updatedAt });
    await ok(update({ NewDescription: 'day shift' }));
    expect(role()).toEqual({ ...before, maxSessionSeconds: 7200, description: 'day shift', updatedAt });
  });

  it('changes who may open sessions, and leaves those that are open', async () => {
    await newBearer(made, 'Role');
    const session = await actingAs(made, 'Role');
    const Principal = { RAM: ['acs:ram::1234567890123456:root'] };
    const trust = policyOf({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal });
    const { Role } = await ok(update({ NewAssumeRolePolicyDocument: trust }));
    expect(Role).toMatchObject({ AssumeRolePolicyDocument: trust });
    const key = await newKey(made, { UserName: 'member' });
    const asked = { RoleArn: `acs:ram::${made.accountId}:role/it`, RoleSessionName: 'late' };
    await expectCode(made.call('AssumeRole', asked, key), 403, 'NoPermission');
    await ok(made.call('GetCallerIdentity', {}, session));
  });

  it('does not find a role that is not there', async () => {
    await expectCode(update({ NewDescription: 'other' }), 404, 'EntityNotExist.Role');
  });
});
