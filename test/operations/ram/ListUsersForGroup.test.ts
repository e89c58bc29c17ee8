import { describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { formatTimestamp } from '../../../src/base/timestamp.ts';
import { ok } from '../../support/ram-things.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const list = (params: Record<string, string> = {}) =>
  made.call('ListUsersForGroup', { GroupName: 'staff', ...params });

async function staffOf(...users: string[]): Promise<void> {
  await ok(made.call('CreateGroup', { GroupName: 'staff' }));
  for (const UserName of users) {
    await ok(made.call('CreateUser', { UserName, DisplayName: UserName.toUpperCase() }));
    await ok(made.call('AddUserToGroup', { UserName, GroupName: 'staff' }));
  }
}

describe('parameters', () => {
  it.each([
    ['GroupName', 'a b'],
    ['GroupName', 'x'.repeat(129)],
    ['MaxItems', '0'],
    ['MaxItems', '1001'],
    ['Marker', 'a b'],
  ])('refuses %s=%j', async (name, value) => {
    await expectCode(list({ [name]: value }), 400, `Invalid${name}.Malformed`);
  });
});

describe('permission', () => {
  itAsksForPermission(
    { api: () => made.api, action: 'ListUsersForGroup', params: () => ({ GroupName: 'staff' }) },
    () => [`acs:ram:*:${made.accountId}:group/staff`],
  );
});

describe('limits', () => {
  itIsLimitedTo('ListUsersForGroup', { calls: 50, perSeconds: 1 });
});

describe('behaviour', () => {
  it('lists the users of the group and nobody else, by name, with the time of joining', async () => {
    await staffOf('bob', 'alice');
    await ok(made.call('CreateUser', { UserName: 'carol' }));
    const JoinDate = formatTimestamp(made.api.clock.now());
    made.api.clock.advance(60_000);
    const { RequestId: _, ...json } = await ok(list());
    expect(json).toEqual({
      IsTruncated: false,
      Users: {
        User: [
          { UserName: 'alice', DisplayName: 'ALICE', JoinDate },
          { UserName: 'bob', DisplayName: 'BOB', JoinDate },
        ],
      },
    });
  });

  it('goes through the pages', async () => {
    await staffOf('a', 'b', 'c');
    const first = await ok(list({ MaxItems: '2' }));
    expect(first).toMatchObject({
      IsTruncated: true,
      Users: { User: [{ UserName: 'a' }, { UserName: 'b' }] },
    });
    const { RequestId: _, ...rest } = await ok(list({ MaxItems: '2', Marker: String(first['Marker']) }));
    expect(rest).toMatchObject({ IsTruncated: false, Users: { User: [{ UserName: 'c' }] } });
    expect(rest).not.toHaveProperty('Marker');
  });

  it('knows no group of another account', async () => {
    const other = await made.otherAccount();
    await ok(other.call('CreateGroup', { GroupName: 'staff' }));
    await expectCode(list(), 404, 'EntityNotExist.Group');
  });
});
