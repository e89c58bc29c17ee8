import { describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { itIsLimitedTo } from '../../support/operation-blocks.ts';
import { allowing, makeRole, sessionOf } from '../../support/roles.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));

describe('parameters', () => {
  it('has none and ignores any', async () => {
    expect((await made.call('GetCallerIdentity', { UserName: 'alice' })).status).toBe(200);
  });
});

describe('permission', () => {
  it('needs none, and no policy can take it', async () => {
    const deny = allowing('*').replace('Allow', 'Deny');
    const { policy } = made.api;
    policy.asked.length = 0;
    for (const key of [await made.userWith(), await made.userWith(deny)])
      expect((await made.call('GetCallerIdentity', {}, key)).status).toBe(200);
    expect(policy.asked).toEqual([]);
  });
});

describe('limits', () => {
  itIsLimitedTo('GetCallerIdentity', { calls: 100, perSeconds: 1 });
});

describe('behaviour', () => {
  it('knows account owners', async () => {
    const { accountId } = made;
    const { json } = await made.call('GetCallerIdentity');
    expect(json).toEqual({
      RequestId: expect.any(String) as string,
      IdentityType: 'Account',
      AccountId: accountId,
      PrincipalId: accountId,
      UserId: accountId,
      Arn: `acs:ram::${accountId}:root`,
    });
  });

  it('knows RAM users', async () => {
    const { accountId } = made;
    const key = await made.userWith();
    const { json } = await made.call('GetCallerIdentity', {}, key);
    const [user] = [...made.account().users.values()];
    expect(json).toEqual({
      RequestId: expect.any(String) as string,
      IdentityType: 'RAMUser',
      AccountId: accountId,
      PrincipalId: user?.id,
      UserId: user?.id,
      Arn: `acs:ram::${accountId}:user/${user?.name}`,
    });
  });

  it('knows sessions', async () => {
    const { accountId } = made;
    const role = await makeRole(made);
    const session = await sessionOf(made, role, { key: await made.userWith(allowing('sts:AssumeRole')) });
    const { json } = await made.call('GetCallerIdentity', {}, session);
    expect(json).toEqual({
      RequestId: expect.any(String) as string,
      IdentityType: 'AssumedRoleUser',
      AccountId: accountId,
      PrincipalId: `${role.id}:night-shift`,
      RoleId: role.id,
      Arn: `acs:ram::${accountId}:assumed-role/${role.name}/night-shift`,
    });
  });
});
