import { describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { attach, ok } from '../../support/ram-things.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const remove = (GroupName = 'staff') => made.call('DeleteGroup', { GroupName });

describe('parameters', () => {
  it.each(['a b', 'x'.repeat(129), '*'])('refuses the name %j', async (GroupName) => {
    await expectCode(remove(GroupName), 400, 'InvalidGroupName.Malformed');
  });
});

describe('permission', () => {
  itAsksForPermission(
    { api: () => made.api, action: 'DeleteGroup', params: () => ({ GroupName: 'staff' }) },
    () => [`acs:ram:*:${made.accountId}:group/staff`],
  );
});

describe('limits', () => {
  itIsLimitedTo('DeleteGroup', { calls: 20, perSeconds: 1 });
});

describe('behaviour', () => {
  it('deletes a group for good, and its name is free', async () => {
    await ok(made.call('CreateGroup', { GroupName: 'staff' }));
    await ok(remove());
    await expectCode(made.call('GetGroup', { GroupName: 'staff' }), 404, 'EntityNotExist.Group');
    const { entities } = await made.api.store.feed.snapshot();
    const groups = entities.filter(({ entity }) => entity?.kind === 'group');
    expect(groups.filter(({ entity }) => entity?.accountId === made.accountId)).toEqual([]);
    await ok(made.call('CreateGroup', { GroupName: 'staff' }));
  });

  it('refuses while the group has a user or a policy', async () => {
    await ok(made.call('CreateGroup', { GroupName: 'staff' }));
    await ok(made.call('CreateUser', { UserName: 'alice' }));
    await ok(made.call('AddUserToGroup', { UserName: 'alice', GroupName: 'staff' }));
    await attach(made, 'group', 'staff');
    await expectCode(remove(), 409, 'DeleteConflict.Group.User');
    await ok(made.call('RemoveUserFromGroup', { UserName: 'alice', GroupName: 'staff' }));
    await expectCode(remove(), 409, 'DeleteConflict.Group.Policy');
    await ok(made.call('GetGroup', { GroupName: 'staff' }));
  });

  it('does not find a group that is not there, or is of another account', async () => {
    await expectCode(remove(), 404, 'EntityNotExist.Group');
    const other = await made.otherAccount();
    await ok(other.call('CreateGroup', { GroupName: 'staff' }));
    await expectCode(remove(), 404, 'EntityNotExist.Group');
    await ok(other.call('GetGroup', { GroupName: 'staff' }));
  });

  it('either deletes or takes a user, when both are asked for at once', async () => {
    await ok(made.call('CreateGroup', { GroupName: 'staff' }));
    await ok(made.call('CreateUser', { UserName: 'alice' }));
    const names = { UserName: 'alice', GroupName: 'staff' };
    const answers = await Promise.all([made.call('AddUserToGroup', names), remove()]);
    const codes = answers.map(({ json }) => json['Code']);
    expect([
      [undefined, 'DeleteConflict.Group.User'],
      ['EntityNotExist.Group', undefined],
    ]).toContainEqual(codes);
  });
});
