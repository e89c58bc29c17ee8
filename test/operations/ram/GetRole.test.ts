import { describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { newBearer } from '../../support/policies.ts';
import { ok } from '../../support/ram-things.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const get = (RoleName = 'it') => made.call('GetRole', { RoleName });

describe('parameters', () => {
  it.each(['a b', '*', 'x'.repeat(65)])('refuses the name %j', async (RoleName) => {
    await expectCode(get(RoleName), 400, 'InvalidRoleName.Malformed');
  });
});

describe('permission', () => {
  const params = () => ({ RoleName: 'it' });
  itAsksForPermission({ api: () => made.api, action: 'GetRole', params }, () => [
    `acs:ram:*:${made.accountId}:role/it`,
  ]);
});

describe('limits', () => {
  itIsLimitedTo('GetRole', { calls: 50, perSeconds: 1 });
});

describe('behaviour', () => {
  it('tells what the role is, with its trust policy', async () => {
    await newBearer(made, 'Role');
    const { id, trustDocument } = made.account().roles.get('it')!;
    const at = new Date(made.api.clock.now()).toISOString().replace('.000Z', 'Z');
    expect((await ok(get()))['Role']).toEqual({
      RoleId: id,
      RoleName: 'it',
      Arn: `acs:ram::${made.accountId}:role/it`,
      AssumeRolePolicyDocument: trustDocument,
      MaxSessionDuration: 3600,
      CreateDate: at,
      UpdateDate: at,
    });
  });

  it('does not find a role of another account or another case', async () => {
    await newBearer(made, 'Role');
    await expectCode(get('It'), 404, 'EntityNotExist.Role');
    const other = await made.otherAccount();
    await expectCode(other.call('GetRole', { RoleName: 'it' }), 404, 'EntityNotExist.Role');
  });
});
