import { describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { MAX_GROUPS } from '../../../src/core/ram/groups.ts';
import { ok } from '../../support/ram-things.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const create = (params: Record<string, string>) => made.call('CreateGroup', params);

describe('parameters', () => {
  it.each([
    ['GroupName', 'a b'],
    ['GroupName', 'x'.repeat(129)],
    ['GroupName', 'a/b'],
    ['GroupName', '*'],
    ['Comments', 'x'.repeat(129)],
  ])('refuses %s=%j', async (name, value) => {
    await expectCode(create({ GroupName: 'staff', [name]: value }), 400, `Invalid${name}.Malformed`);
  });
});

describe('permission', () => {
  itAsksForPermission(
    { api: () => made.api, action: 'CreateGroup', params: () => ({ GroupName: 'staff' }) },
    () => [`acs:ram:*:${made.accountId}:group/*`],
  );
});

describe('limits', () => {
  itIsLimitedTo('CreateGroup', { calls: 20, perSeconds: 1 });

  it('has room for so many groups and no more', async () => {
    await made.fill('group', MAX_GROUPS);
    await expectCode(create({ GroupName: 'one-more' }), 409, 'LimitExceeded.Group');
    await ok(made.call('DeleteGroup', { GroupName: 'filler-0' }));
    await ok(create({ GroupName: 'one-more' }));
  });
});

describe('behaviour', () => {
  it('makes an empty group, at once and for good', async () => {
    const { Group } = await ok(create({ GroupName: 'Dev-Team', Comments: 'developers' }));
    const date = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string;
    expect(Group).toEqual({
      GroupId: expect.stringMatching(/^g-[A-Za-z0-9]{16}$/) as string,
      GroupName: 'Dev-Team',
      Comments: 'developers',
      CreateDate: date,
      UpdateDate: date,
    });
    const { entities } = await made.api.store.feed.snapshot();
    expect(entities.map(({ entity }) => entity)).toContainEqual(made.account().groups.get('Dev-Team'));
    const { Users } = await ok(made.call('ListUsersForGroup', { GroupName: 'Dev-Team' }));
    expect(Users).toEqual({ User: [] });
  });

  it('refuses a name that is taken, but not in another account, nor the name of a user', async () => {
    await ok(made.call('CreateUser', { UserName: 'staff' }));
    await ok(create({ GroupName: 'staff' }));
    await expectCode(create({ GroupName: 'staff' }), 409, 'EntityAlreadyExists.Group');
    const other = await made.otherAccount();
    await ok(other.call('CreateGroup', { GroupName: 'staff' }));
  });

  it('makes one group of calls at once', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => create({ GroupName: 'staff' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  });
});
