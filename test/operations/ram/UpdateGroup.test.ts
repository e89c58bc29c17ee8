import { describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { formatTimestamp } from '../../../src/base/timestamp.ts';
import { allowing, ok } from '../../support/ram-things.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const update = (params: Record<string, string>) =>
  made.call('UpdateGroup', { GroupName: 'staff', ...params });

describe('parameters', () => {
  it.each([
    ['NewGroupName', 'a b'],
    ['NewGroupName', 'x'.repeat(129)],
    ['NewComments', 'x'.repeat(129)],
  ])('refuses %s=%j', async (name, value) => {
    await expectCode(update({ [name]: value }), 400, `Invalid${name}.Malformed`);
  });
});

describe('permission', () => {
  const params = () => ({ GroupName: 'staff', NewGroupName: 'crew' });
  itAsksForPermission({ api: () => made.api, action: 'UpdateGroup', params }, () => [
    `acs:ram:*:${made.accountId}:group/staff`,
  ]);

  it('lets a user change the one group that its policy names, and no other', async () => {
    const key = await made.userWith(allowing('ram:UpdateGroup', 'acs:ram:*:*:group/staff'));
    await ok(made.call('CreateGroup', { GroupName: 'staff' }));
    await ok(made.call('CreateGroup', { GroupName: 'admins' }));
    const change = (GroupName: string) =>
      made.call('UpdateGroup', { GroupName, NewComments: 'changed' }, key);
    await ok(change('staff'));
    await expectCode(change('admins'), 403, 'NoPermission');
    const { Group } = await ok(made.call('GetGroup', { GroupName: 'admins' }));
    expect(Group).not.toHaveProperty('Comments');
  });
});

describe('limits', () => {
  itIsLimitedTo('UpdateGroup', { calls: 20, perSeconds: 1 });
});

describe('behaviour', () => {
  it('changes what is told and nothing else', async () => {
    const { Group: before } = await ok(made.call('CreateGroup', { GroupName: 'staff', Comments: 'first' }));
    made.api.clock.advance(60_000);
    const UpdateDate = formatTimestamp(made.api.clock.now());
    const { Group: renamed } = await ok(update({ NewGroupName: 'crew' }));
    expect(renamed).toEqual({ ...(before as object), GroupName: 'crew', UpdateDate });
    const { Group } = await ok(update({ GroupName: 'crew', NewComments: 'second' }));
    expect(Group).toEqual({ ...(renamed as object), Comments: 'second' });
    expect((await ok(made.call('GetGroup', { GroupName: 'crew' })))['Group']).toEqual(Group);
    await expectCode(made.call('GetGroup', { GroupName: 'staff' }), 404, 'EntityNotExist.Group');
  });

  it('keeps the users of a group under the new name', async () => {
    await ok(made.call('CreateGroup', { GroupName: 'staff' }));
    await ok(made.call('CreateUser', { UserName: 'alice' }));
    await ok(made.call('AddUserToGroup', { UserName: 'alice', GroupName: 'staff' }));
    await ok(update({ NewGroupName: 'crew' }));
    const { Groups } = await ok(made.call('ListGroupsForUser', { UserName: 'alice' }));
    expect(Groups).toMatchObject({ Group: [{ GroupName: 'crew' }] });
  });

  it('refuses a name that is taken, and a group that is not there', async () => {
    await ok(made.call('CreateGroup', { GroupName: 'staff' }));
    await ok(made.call('CreateGroup', { GroupName: 'crew' }));
    await expectCode(update({ NewGroupName: 'crew' }), 409, 'EntityAlreadyExists.Group');
    await ok(update({ NewGroupName: 'staff' }));
    await expectCode(update({ GroupName: 'nobody' }), 404, 'EntityNotExist.Group');
  });
});
