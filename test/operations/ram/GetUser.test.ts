import { describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { ok } from '../../support/ram-things.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const get = (UserName: string) => made.call('GetUser', { UserName });

describe('parameters', () => {
  it.each(['a b', 'ä', 'x'.repeat(65), 'a/b', '*'])('refuses the name %j', async (UserName) => {
    await expectCode(get(UserName), 400, 'InvalidUserName.Malformed');
  });
});

describe('permission', () => {
  itAsksForPermission(
    { api: () => made.api, action: 'GetUser', params: () => ({ UserName: 'alice' }) },
    () => [`acs:ram:*:${made.accountId}:user/alice`],
  );
});

describe('limits', () => {
  itIsLimitedTo('GetUser', { calls: 50, perSeconds: 1 });
});

describe('behaviour', () => {
  it('answers what CreateUser was told, and no more', async () => {
    const told = {
      UserName: 'alice',
      DisplayName: 'Alice',
      MobilePhone: '86-18600008888',
      Email: 'alice@example.com',
      Comments: 'moderator',
    };
    const created = await ok(made.call('CreateUser', told));
    made.api.clock.advance(60_000);
    const { User } = await ok(get('alice'));
    expect(User).toEqual(created['User']);
    const createDate = (User as Record<string, string>)['CreateDate'];
    expect(User).toEqual({
      ...told,
      UserId: made.account().users.get('alice')!.id,
      CreateDate: createDate,
      UpdateDate: createDate,
    });
  });

  it('leaves out what is not known', async () => {
    await ok(made.call('CreateUser', { UserName: 'bob' }));
    const { User } = await ok(get('bob'));
    expect(Object.keys(User as object).sort()).toEqual([
      'CreateDate',
      'DisplayName',
      'UpdateDate',
      'UserId',
      'UserName',
    ]);
  });

  it('knows nobody of another account, and no name in another case', async () => {
    const other = await made.otherAccount();
    await ok(other.call('CreateUser', { UserName: 'alice' }));
    await expectCode(get('alice'), 404, 'EntityNotExist.User');
    await expectCode(other.call('GetUser', { UserName: 'Alice' }), 404, 'EntityNotExist.User');
  });
});
