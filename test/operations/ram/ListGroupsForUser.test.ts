import { describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { formatTimestamp } from '../../../src/base/timestamp.ts';
import { ok } from '../../support/ram-things.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const list = (UserName: string) => made.call('ListGroupsForUser', { UserName });

describe('parameters', () => {
  it.each(['a b', 'x'.repeat(65), '*'])('refuses the name %j', async (UserName) => {
    await expectCode(list(UserName), 400, 'InvalidUserName.Malformed');
  });
});

describe('permission', () => {
  itAsksForPermission(
    { api: () => made.api, action: 'ListGroupsForUser', params: () => ({ UserName: 'alice' }) },
    () => [`acs:ram:*:${made.accountId}:user/alice`],
  );
});

describe('limits', () => {
  itIsLimitedTo('ListGroupsForUser', { calls: 50, perSeconds: 1 });
});

describe('behaviour', () => {
  it('lists the groups of the user, by name, with the time of joining', async () => {
    for (const UserName of ['alice', 'bob']) await ok(made.call('CreateUser', { UserName }));
    await ok(made.call('CreateGroup', { GroupName: 'staff', Comments: 'all of us' }));
    for (const GroupName of ['crew', 'others']) await ok(made.call('CreateGroup', { GroupName }));
    expect((await ok(list('alice')))['Groups']).toEqual({ Group: [] });
    const join = (UserName: string, GroupName: string) =>
      ok(made.call('AddUserToGroup', { UserName, GroupName }));
    made.api.clock.advance(60_000);
    const joinedStaff = formatTimestamp(made.api.clock.now());
    await join('alice', 'staff');
    made.api.clock.advance(60_000);
    const joinedCrew = formatTimestamp(made.api.clock.now());
    await join('alice', 'crew');
    await join('bob', 'others');
    // Who comes later changes nothing of the time of those before.
    made.api.clock.advance(60_000);
    await join('bob', 'staff');
    const idOf = (name: string) => made.account().groups.get(name)!.id;
    const { RequestId: _, ...json } = await ok(list('alice'));
    expect(json).toEqual({
      Groups: {
        Group: [
          { GroupId: idOf('crew'), GroupName: 'crew', JoinDate: joinedCrew },
          { GroupId: idOf('staff'), GroupName: 'staff', Comments: 'all of us', JoinDate: joinedStaff },
        ],
      },
    });
  });

  it('knows nobody of another account', async () => {
    const other = await made.otherAccount();
    await ok(other.call('CreateUser', { UserName: 'alice' }));
    await expectCode(list('alice'), 404, 'EntityNotExist.User');
  });
});
