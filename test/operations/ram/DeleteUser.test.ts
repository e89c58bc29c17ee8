import { describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { attach, newKey, ok } from '../../support/ram-things.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const remove = (UserName = 'alice') => made.call('DeleteUser', { UserName });

describe('parameters', () => {
  it.each(['a b', 'x'.repeat(65), '*'])('refuses the name %j', async (UserName) => {
    await expectCode(remove(UserName), 400, 'InvalidUserName.Malformed');
  });
});

describe('permission', () => {
  itAsksForPermission(
    { api: () => made.api, action: 'DeleteUser', params: () => ({ UserName: 'alice' }) },
    () => [`acs:ram:*:${made.accountId}:user/alice`],
  );
});

describe('limits', () => {
  itIsLimitedTo('DeleteUser', { calls: 20, perSeconds: 1 });
});

describe('behaviour', () => {
  it('deletes a user for good, and its name is free', async () => {
    const first = await ok(made.call('CreateUser', { UserName: 'alice' }));
    await ok(remove());
    await expectCode(made.call('GetUser', { UserName: 'alice' }), 404, 'EntityNotExist.User');
    const { entities } = await made.api.store.feed.snapshot();
    expect(
      entities.filter(({ kind, entity }) => kind === 'user' && entity?.accountId === made.accountId),
    ).toEqual([]);
    const second = await ok(made.call('CreateUser', { UserName: 'alice' }));
    const idOf = (json: Readonly<Record<string, unknown>>) =>
      (json['User'] as Record<string, string>)['UserId'];
    expect(idOf(second)).not.toBe(idOf(first));
  });

  it('refuses while the user has a key, a policy or a group', async () => {
    await ok(made.call('CreateUser', { UserName: 'alice' }));
    await ok(made.call('CreateGroup', { GroupName: 'staff' }));
    await ok(made.call('AddUserToGroup', { UserName: 'alice', GroupName: 'staff' }));
    await attach(made, 'user', 'alice');
    const key = await newKey(made, { UserName: 'alice' });
    const ofKey = { UserName: 'alice', UserAccessKeyId: key.accessKeyId };
    await ok(made.call('UpdateAccessKey', { ...ofKey, Status: 'Inactive' }));
    await expectCode(remove(), 409, 'DeleteConflict.User.AccessKey');
    await ok(made.call('DeleteAccessKey', ofKey));
    await expectCode(remove(), 409, 'DeleteConflict.User.Policy');
    await made.api.core.changes.change(made.accountId, null, (account) => ({
      puts: [{ ...account.users.get('alice')!, policies: [] }],
      result: undefined,
    }));
    await expectCode(remove(), 409, 'DeleteConflict.User.Group');
    await ok(made.call('RemoveUserFromGroup', { UserName: 'alice', GroupName: 'staff' }));
    await ok(remove());
  });

  it('does not find a user that is not there, or is of another account', async () => {
    await expectCode(remove(), 404, 'EntityNotExist.User');
    const other = await made.otherAccount();
    await ok(other.call('CreateUser', { UserName: 'alice' }));
    await expectCode(remove(), 404, 'EntityNotExist.User');
    await ok(other.call('GetUser', { UserName: 'alice' }));
  });

  it('either deletes or gives a key, when both are asked for at once', async () => {
    await ok(made.call('CreateUser', { UserName: 'alice' }));
    const answers = await Promise.all([remove(), made.call('CreateAccessKey', { UserName: 'alice' })]);
    const codes = answers.map(({ json }) => json['Code']);
    expect([
      [undefined, 'EntityNotExist.User'],
      ['DeleteConflict.User.AccessKey', undefined],
    ]).toContainEqual(codes);
  });

  it('refuses the key of a user that another process deleted', async () => {
    await ok(made.call('CreateUser', { UserName: 'alice' }));
    const key = await newKey(made, { UserName: 'alice' });
    await expectCode(made.call('ListUsers', {}, key), 403, 'NoPermission');
    const { core, store } = made.api;
    // What a process would write that does not know of the key.
    const outcome = await store.directory.writeDirectory({
      caller: null,
      now: made.api.clock.now(),
      account: core.directory.account(made.accountId)!,
      expectedVersion: core.directory.versionOf(made.accountId),
      puts: [],
      removes: [{ kind: 'user', id: made.account().users.get('alice')!.id }],
      keys: [],
    });
    expect(outcome.kind).toBe('done');
    await core.feed.refresh();
    expect(core.keys.find(key.accessKeyId)).toMatchObject({ status: 'active' });
    await expectCode(made.call('ListUsers', {}, key), 404, 'InvalidAccessKeyId.NotFound');
    // Also not as one that was made anew under the name.
    await ok(made.call('CreateUser', { UserName: 'alice' }));
    await expectCode(made.call('ListUsers', {}, key), 404, 'InvalidAccessKeyId.NotFound');
  });
});
