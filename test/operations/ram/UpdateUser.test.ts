import { describe, expect, it } from 'vitest';
import { formatTimestamp } from '../../../src/base/timestamp.ts';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { allowing, newKey, ok } from '../../support/ram-things.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const update = (params: Record<string, string>) => made.call('UpdateUser', { UserName: 'alice', ...params });
const userOf = async (name: string) =>
  (await ok(made.call('GetUser', { UserName: name })))['User'] as Record<string, string>;

describe('parameters', () => {
  it.each([
    ['NewUserName', 'a b'],
    ['NewUserName', 'x'.repeat(65)],
    ['NewDisplayName', 'x'.repeat(129)],
    ['NewMobilePhone', '0049 12'],
    ['NewEmail', 'alice'],
    ['NewComments', 'x'.repeat(129)],
  ])('refuses %s=%j', async (name, value) => {
    await expectCode(update({ [name]: value }), 400, `Invalid${name}.Malformed`);
  });
});

describe('permission', () => {
  itAsksForPermission(
    { api: () => made.api, action: 'UpdateUser', params: () => ({ UserName: 'alice', NewUserName: 'bob' }) },
    () => [`acs:ram:*:${made.accountId}:user/alice`],
  );

  it('takes a name only when a policy allows the call on it too', async () => {
    await ok(made.call('CreateUser', { UserName: 'temp-1' }));
    const key = await made.userWith(allowing('ram:UpdateUser', 'acs:ram:*:*:user/temp-*'));
    const rename = (NewUserName: string) => made.call('UpdateUser', { UserName: 'temp-1', NewUserName }, key);
    await expectCode(rename('admin-bot'), 403, 'NoPermission');
    expect(made.account().users.has('admin-bot')).toBe(false);
    await ok(made.call('UpdateUser', { UserName: 'temp-1', NewComments: 'x' }, key));
    await ok(rename('temp-2'));
  });
});

describe('limits', () => {
  itIsLimitedTo('UpdateUser', { calls: 20, perSeconds: 1 });
});

describe('behaviour', () => {
  it('changes what is told and nothing else', async () => {
    await ok(made.call('CreateUser', { UserName: 'alice', Comments: 'first', Email: 'alice@example.com' }));
    const before = await userOf('alice');
    made.api.clock.advance(60_000);
    const { User } = await ok(update({ NewDisplayName: 'Alice B.', NewMobilePhone: '49-1711234567' }));
    expect(User).toEqual({
      ...before,
      DisplayName: 'Alice B.',
      MobilePhone: '49-1711234567',
      UpdateDate: formatTimestamp(made.api.clock.now()),
    });
    expect(before['UpdateDate']).toBe(formatTimestamp(made.api.clock.now() - 60_000));
    expect(await userOf('alice')).toEqual(User);
  });

  it('renames a user with its keys, groups and policies', async () => {
    await ok(made.call('CreateUser', { UserName: 'alice' }));
    await ok(made.call('CreateGroup', { GroupName: 'staff' }));
    await ok(made.call('AddUserToGroup', { UserName: 'alice', GroupName: 'staff' }));
    const key = await newKey(made, { UserName: 'alice' });
    const { User } = await ok(update({ NewUserName: 'bob' }));
    expect(User).toMatchObject({ UserName: 'bob', DisplayName: 'alice' });
    await expectCode(made.call('GetUser', { UserName: 'alice' }), 404, 'EntityNotExist.User');
    const { Users } = await ok(made.call('ListUsersForGroup', { GroupName: 'staff' }));
    expect(Users).toMatchObject({ User: [{ UserName: 'bob' }] });
    await expectCode(made.call('ListUsers', {}, key), 403, 'NoPermission');
    expect(made.api.audit.at(-1)).toMatchObject({ actor: 'user/bob' });
  });

  it('refuses a name that is taken, and a user that is not there', async () => {
    await ok(made.call('CreateUser', { UserName: 'alice' }));
    await ok(made.call('CreateUser', { UserName: 'bob' }));
    await expectCode(update({ NewUserName: 'bob' }), 409, 'EntityAlreadyExists.User');
    await ok(update({ NewUserName: 'alice' }));
    await expectCode(update({ UserName: 'carol', NewUserName: 'dave' }), 404, 'EntityNotExist.User');
  });

  it('lets a user change itself only, where its policy says so', async () => {
    const key = await made.userWith(allowing('ram:UpdateUser', `acs:ram:*:${made.accountId}:user/alice`));
    await ok(made.call('CreateUser', { UserName: 'alice' }));
    await ok(made.call('CreateUser', { UserName: 'bob' }));
    const change = (UserName: string) => made.call('UpdateUser', { UserName, NewComments: 'changed' }, key);
    await ok(change('alice'));
    await expectCode(change('bob'), 403, 'NoPermission');
    expect(await userOf('bob')).not.toHaveProperty('Comments');
  });

  it('puts the new name on record', async () => {
    await ok(made.call('CreateUser', { UserName: 'alice' }));
    await ok(update({ NewUserName: 'bob' }));
    expect(made.api.audit.at(-1)).toMatchObject({
      action: 'UpdateUser',
      target: 'user/alice',
      effect: { UserName: 'bob' },
    });
  });
});
