import { describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { allowing, newKey, ok } from '../../support/ram-things.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const names = { UserName: 'alice', GroupName: 'staff' };
const remove = (params: Record<string, string> = {}) =>
  made.call('RemoveUserFromGroup', { ...names, ...params });

async function aliceInStaff(): Promise<void> {
  await ok(made.call('CreateUser', { UserName: 'alice' }));
  await ok(made.call('CreateGroup', { GroupName: 'staff' }));
  await ok(made.call('AddUserToGroup', names));
}

describe('parameters', () => {
  it.each([
    ['UserName', 'a b'],
    ['UserName', 'x'.repeat(65)],
    ['GroupName', 'a/b'],
    ['GroupName', 'x'.repeat(129)],
  ])('refuses %s=%j', async (name, value) => {
    await expectCode(remove({ [name]: value }), 400, `Invalid${name}.Malformed`);
  });
});

describe('permission', () => {
  itAsksForPermission({ api: () => made.api, action: 'RemoveUserFromGroup', params: () => names }, () => [
    `acs:ram:*:${made.accountId}:group/staff`,
  ]);
});

describe('limits', () => {
  itIsLimitedTo('RemoveUserFromGroup', { calls: 20, perSeconds: 1 });
});

describe('behaviour', () => {
  it('takes the rights of the group from the user at once', async () => {
    await aliceInStaff();
    await ok(made.call('CreateUser', { UserName: 'bob' }));
    await ok(made.call('AddUserToGroup', { ...names, UserName: 'bob' }));
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
    await ok(made.call('ListUsers', {}, key));
    await ok(remove());
    await expectCode(made.call('ListUsers', {}, key), 403, 'NoPermission');
    const { Users } = await ok(made.call('ListUsersForGroup', { GroupName: 'staff' }));
    expect(Users).toMatchObject({ User: [{ UserName: 'bob' }] });
    expect((Users as { User: unknown[] }).User).toHaveLength(1);
  });

  it('refuses a user that is not in the group', async () => {
    await aliceInStaff();
    await ok(remove());
    await expectCode(remove(), 404, 'EntityNotExist.User.Group');
  });

  it('does not find users and groups that are not there, or of another account', async () => {
    await aliceInStaff();
    const other = await made.otherAccount();
    await ok(other.call('CreateUser', { UserName: 'bob' }));
    await ok(other.call('CreateGroup', { GroupName: 'crew' }));
    await expectCode(remove({ UserName: 'bob' }), 404, 'EntityNotExist.User');
    await expectCode(remove({ GroupName: 'crew' }), 404, 'EntityNotExist.Group');
    await expectCode(other.call('RemoveUserFromGroup', names), 404, 'EntityNotExist.User');
    expect(made.account().groups.get('staff')?.members).toHaveLength(1);
  });
});
