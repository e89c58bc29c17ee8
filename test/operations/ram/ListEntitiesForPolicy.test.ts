import { describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { attachTo, newBearer, newPolicy } from '../../support/policies.ts';
import { ok } from '../../support/ram-things.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const list = (PolicyName = 'p', PolicyType = 'Custom') =>
  made.call('ListEntitiesForPolicy', { PolicyName, PolicyType });
const NOTHING = { Users: { User: [] }, Groups: { Group: [] }, Roles: { Role: [] } };

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
  itAsksForPermission({ api: () => made.api, action: 'ListEntitiesForPolicy', params }, () => [
    `acs:ram:*:${made.accountId}:policy/p`,
  ]);
});

describe('limits', () => {
  itIsLimitedTo('ListEntitiesForPolicy', { calls: 50, perSeconds: 1 });
});

describe('behaviour', () => {
  it('lists users, groups and roles, with what they are', async () => {
    await newPolicy(made);
    expect(await ok(list())).toMatchObject(NOTHING);
    for (const kind of ['User', 'Group', 'Role'] as const) {
      await newBearer(made, kind);
      await ok(attachTo(made, kind, { name: 'p' }));
    }
    const AttachDate = new Date(made.api.clock.now()).toISOString().replace('.000Z', 'Z');
    const { users, roles } = made.account();
    const role = { RoleId: roles.get('it')!.id, RoleName: 'it', Arn: `acs:ram::${made.accountId}:role/it` };
    const { RequestId: _, ...json } = await ok(list());
    expect(json).toEqual({
      Users: { User: [{ UserId: users.get('it')!.id, UserName: 'it', DisplayName: 'it', AttachDate }] },
      Groups: { Group: [{ GroupName: 'it', AttachDate }] },
      Roles: { Role: [{ ...role, AttachDate }] },
    });
  });

  it('lists a group, and not the users in it', async () => {
    await newPolicy(made);
    await newBearer(made, 'User');
    await newBearer(made, 'Group');
    await ok(made.call('AddUserToGroup', { UserName: 'it', GroupName: 'it' }));
    await ok(attachTo(made, 'Group', { name: 'p' }));
    expect(await ok(list())).toMatchObject({ Users: { User: [] }, Groups: { Group: [{ GroupName: 'it' }] } });
  });

  it('tells of a system policy what has it in the account', async () => {
    const full = 'AliyunLiveFullAccess';
    await newBearer(made, 'User');
    await ok(attachTo(made, 'User', { name: full, type: 'System' }));
    expect(await ok(list(full, 'System'))).toMatchObject({ Users: { User: [{ UserName: 'it' }] } });
    const other = await made.otherAccount();
    const params = { PolicyName: full, PolicyType: 'System' };
    expect(await ok(other.call('ListEntitiesForPolicy', params))).toMatchObject(NOTHING);
  });

  it('does not find a policy that is not there', async () => {
    await expectCode(list(), 404, 'EntityNotExist.Policy');
  });
});
