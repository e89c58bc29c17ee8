import { describe, expect, it } from 'vitest';
import { MAX_USERS } from '../../../src/core/ram/users.ts';
import { itAsksForPermission, itIsLimitedTo, expectCode } from '../../support/operation-blocks.ts';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const create = (params: Record<string, string>) => made.call('CreateUser', params);

describe('parameters', () => {
  it.each(['', 'a b', 'ä', 'x'.repeat(65), 'a/b'])('refuses the name %j', async (UserName) => {
    await expectCode(
      create({ UserName }),
      400,
      UserName === '' ? 'MissingUserName' : 'InvalidUserName.Malformed',
    );
  });
});

describe('permission', () => {
  itAsksForPermission(
    { api: () => made.api, action: 'CreateUser', params: () => ({ UserName: 'alice' }) },
    () => [`acs:ram:*:${made.api.accountId}:user/*`],
  );
});

describe('limits', () => {
  itIsLimitedTo('CreateUser', { calls: 20, perSeconds: 1 });

  it('has room for so many users and no more', async () => {
    await made.fill('user', MAX_USERS);
    await expectCode(create({ UserName: 'one-more' }), 409, 'LimitExceeded.User');
  });
});

describe('behaviour', () => {
  it('makes the user, at once and for good', async () => {
    const { json } = await create({ UserName: 'alice', DisplayName: 'Alice', Comments: 'moderator' });
    const user = { UserName: 'alice', DisplayName: 'Alice', Comments: 'moderator' };
    expect(json['User']).toMatchObject({ ...user, UserId: expect.stringMatching(/^2\d{17}$/) as string });
    expect(made.account().users.get('alice')).toMatchObject({ comments: 'moderator', policies: [] });
    const { entities } = await made.api.store.feed.snapshot();
    expect(entities.map(({ entity }) => entity)).toContainEqual(made.account().users.get('alice'));
  });

  it('refuses a name that is taken, but not in another account', async () => {
    await create({ UserName: 'alice' });
    await expectCode(create({ UserName: 'alice' }), 409, 'EntityAlreadyExists.User');
    const other = await made.otherAccount();
    expect((await other.call('CreateUser', { UserName: 'alice' })).status).toBe(200);
  });

  it('makes one user of calls at once', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => create({ UserName: 'alice' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  });
});
