import { describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { MAX_GROUPS_OF_USER } from '../../../src/core/ram/groups.ts';
import { allowing, newKey, ok } from '../../support/ram-things.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const names = { UserName: 'alice', GroupName: 'staff' };
const add = (params: Record<string, string> = {}) => made.call('AddUserToGroup', { ...names, ...params });

async function aliceAndStaff(): Promise<void> {
  await ok(made.call('CreateUser', { UserName: 'alice' }));
  await ok(made.call('CreateGroup', { GroupName: 'staff' }));
}

describe('parameters', () => {
  it.each([
    ['UserName', 'a b'],
    ['UserName', 'x'.repeat(65)],
    ['GroupName', 'a/b'],
    ['GroupName', 'x'.repeat(129)],
  ])('refuses %s=%j', async (name, value) => {
    await expectCode(add({ [name]: value }), 400, `Invalid${name}.Malformed`);
  });
});

describe('permission', () => {
  itAsksForPermission({ api: () => made.api, action: 'AddUserToGroup', params: () => names }, () => [
    `acs:ram:*:${made.accountId}:group/staff`,
  ]);

  it('lets a user fill the one group that its policy names, and no other', async () => {
    await aliceAndStaff();
    await ok(made.call('CreateGroup', { GroupName: 'admins' }));
    const Resource = ['acs:ram:*:*:group/staff', 'acs:ram:*:*:user/*'];
    const Statement = [{ Effect: 'Allow', Action: 'ram:*', Resource }];
    const key = await made.userWith(JSON.stringify({ Version: '1', Statement }));
    const put = (GroupName: string) => made.call('AddUserToGroup', { UserName: 'alice', GroupName }, key);
    await ok(put('staff'));
    await expectCode(put('admins'), 403, 'NoPermission');
    expect(made.account().groups.get('admins')?.members).toEqual([]);
  });

  it('is stopped by a deny on the user, and not allowed by a policy on the group alone', async () => {
    await aliceAndStaff();
    const Statement = [
      { Effect: 'Allow', Action: '*', Resource: '*' },
      { Effect: 'Deny', Action: 'ram:AddUserToGroup', Resource: 'acs:ram:*:*:user/alice' },
    ];
    for (const policy of [
      JSON.stringify({ Version: '1', Statement }),
      allowing('ram:*', 'acs:ram:*:*:group/staff'),
    ]) {
      const key = await made.userWith(policy);
      await expectCode(made.call('AddUserToGroup', names, key), 403, 'NoPermission');
    }
    expect(made.account().groups.get('staff')?.members).toEqual([]);
  });

  it('is not allowed by a policy on the user alone: the group gives the rights', async () => {
    await aliceAndStaff();
    const key = await made.userWith(allowing('ram:*', 'acs:ram:*:*:user/*'));
    await expectCode(made.call('AddUserToGroup', names, key), 403, 'NoPermission');
  });
});

describe('limits', () => {
  itIsLimitedTo('AddUserToGroup', { calls: 20, perSeconds: 1 });

  it('puts a user into so many groups and no more', async () => {
    await aliceAndStaff();
    await made.fill('group', MAX_GROUPS_OF_USER);
    const { id } = made.account().users.get('alice')!;
    await made.api.core.changes.change(made.accountId, null, (account) => ({
      puts: [...account.groups.values()]
        .filter(({ name }) => name !== 'staff')
        .map((group) => ({ ...group, members: [{ userId: id, joinedAt: 0 }] })),
      result: undefined,
    }));
    await expectCode(add(), 409, 'LimitExceeded.User.Group');
    await ok(made.call('RemoveUserFromGroup', { UserName: 'alice', GroupName: 'filler-7' }));
    await ok(add());
  });
});

describe('behaviour', () => {
  it('gives the user the rights of the group from the answer on', async () => {
    await aliceAndStaff();
    const key = await newKey(made, { UserName: 'alice' });
    await made.userWith(allowing('ram:ListUsers'));
    const policy = [...made.account().policies.keys()][0]!;
    await made.api.core.changes.change(made.accountId, null, (account) => ({
      puts: [
        {
          ...account.groups.get('staff')!,
          policies: [{ type: 'Custom', name: policy, attachedAt: 0 }],
        },
      ],
      result: undefined,
    }));
    await expectCode(made.call('ListUsers', {}, key), 403, 'NoPermission');
    await ok(add());
    await ok(made.call('ListUsers', {}, key));
    const { entities } = await made.api.store.feed.snapshot();
    expect(entities.map(({ entity }) => entity)).toContainEqual(made.account().groups.get('staff'));
  });

  it('refuses a user that is in the group already', async () => {
    await aliceAndStaff();
    await ok(add());
    await expectCode(add(), 409, 'EntityAlreadyExists.User.Group');
    expect(made.account().groups.get('staff')?.members).toHaveLength(1);
  });

  it('does not find users and groups that are not there, or of another account', async () => {
    await aliceAndStaff();
    const other = await made.otherAccount();
    await ok(other.call('CreateUser', { UserName: 'bob' }));
    await ok(other.call('CreateGroup', { GroupName: 'crew' }));
    await expectCode(add({ UserName: 'bob' }), 404, 'EntityNotExist.User');
    await expectCode(add({ GroupName: 'crew' }), 404, 'EntityNotExist.Group');
  });

  it('puts the user on record', async () => {
    await aliceAndStaff();
    await ok(add());
    expect(made.api.audit.at(-1)).toMatchObject({ target: 'group/staff', effect: { UserName: 'alice' } });
  });
});
