import { describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { systemIds } from '../../../src/base/ids.ts';
import { startApi } from '../../support/api-harness.ts';
import { allowing, newKey, ok, sessionWith } from '../../support/ram-things.ts';
import { until } from '../../support/wait.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const update = (params: Record<string, string>) =>
  made.call('UpdateAccessKey', { Status: 'Inactive', ...params });

describe('parameters', () => {
  it.each([
    ['UserName', 'a b'],
    ['UserAccessKeyId', 'a b'],
    ['UserAccessKeyId', 'x'.repeat(129)],
    ['Status', 'Disabled'],
    ['Status', 'active'],
  ])('refuses %s=%j', async (name, value) => {
    const good = { UserAccessKeyId: 'AK' };
    await expectCode(update({ ...good, [name]: value }), 400, `Invalid${name}.Malformed`);
  });
});

describe('permission', () => {
  const params = () => ({ UserName: 'alice', UserAccessKeyId: 'AK', Status: 'Active' });
  itAsksForPermission({ api: () => made.api, action: 'UpdateAccessKey', params }, () => [
    `acs:ram:*:${made.accountId}:user/alice`,
  ]);
});

describe('limits', () => {
  itIsLimitedTo('UpdateAccessKey', { calls: 20, perSeconds: 1 });
});

describe('behaviour', () => {
  it('disables a key at once, and enables it again', async () => {
    await ok(made.call('CreateUser', { UserName: 'alice' }));
    const key = await newKey(made, { UserName: 'alice' });
    const of = { UserName: 'alice', UserAccessKeyId: key.accessKeyId };
    await expectCode(made.call('ListUsers', {}, key), 403, 'NoPermission');
    await ok(update(of));
    await expectCode(made.call('ListUsers', {}, key), 400, 'InvalidAccessKeyId.Inactive');
    expect(made.api.audit.at(-2)).toMatchObject({
      target: 'user/alice',
      effect: { Holder: 'user/alice', AccessKeyId: key.accessKeyId, Status: 'Inactive' },
    });
    await ok(update(of));
    await ok(update({ ...of, Status: 'Active' }));
    await expectCode(made.call('ListUsers', {}, key), 403, 'NoPermission');
  });

  it('acts in another process within 100 ms', async () => {
    await using api = await startApi();
    const { json } = await api.call('CreateAccessKey');
    const { AccessKeyId, AccessKeySecret } = json['AccessKey'] as Record<string, string>;
    const key = { accessKeyId: AccessKeyId!, accessKeySecret: AccessKeySecret! };
    await using other = await startApi({ store: api.store });
    expect(await other.call('ListAccessKeys', {}, key)).toMatchObject({ status: 200 });
    const disable = { UserAccessKeyId: key.accessKeyId, Status: 'Inactive' };
    expect(await api.call('UpdateAccessKey', disable)).toMatchObject({ status: 200 });
    other.clock.advance(100);
    const known = () => other.core.keys.find(key.accessKeyId)?.status;
    await until(() => known() === 'disabled', 'the change of the other process');
    await expectCode(other.call('ListAccessKeys', {}, key), 400, 'InvalidAccessKeyId.Inactive');
  });

  it('finds no key of another user, of the owner, or of another account', async () => {
    await ok(made.call('CreateUser', { UserName: 'alice' }));
    await ok(made.call('CreateUser', { UserName: 'bob' }));
    const ofBob = await newKey(made, { UserName: 'bob' });
    const other = await made.otherAccount();
    for (const { accessKeyId } of [ofBob, made.key, other.key]) {
      const asked = update({ UserName: 'alice', UserAccessKeyId: accessKeyId });
      await expectCode(asked, 404, 'EntityNotExist.User.AccessKey');
    }
    await expectCode(update({ UserAccessKeyId: ofBob.accessKeyId }), 404, 'EntityNotExist.User.AccessKey');
    await expectCode(update({ UserName: 'carol', UserAccessKeyId: 'AK' }), 404, 'EntityNotExist.User');
  });

  it('changes the own keys of a user without a name, and a session has none', async () => {
    const key = await made.userWith(allowing('ram:*'));
    const own = { UserAccessKeyId: key.accessKeyId, Status: 'Inactive' };
    const ofOwner = { ...own, UserAccessKeyId: made.key.accessKeyId };
    await expectCode(made.call('UpdateAccessKey', ofOwner, key), 404, 'EntityNotExist.User.AccessKey');
    const session = await sessionWith(made, allowing('ram:*'));
    await expectCode(made.call('UpdateAccessKey', own, session), 404, 'EntityNotExist.User');
    await ok(made.call('UpdateAccessKey', own, key));
    await expectCode(made.call('ListUsers', {}, key), 400, 'InvalidAccessKeyId.Inactive');
  });

  it('does not disable the last active key of an owner', async () => {
    const own = { UserAccessKeyId: made.key.accessKeyId };
    await expectCode(update(own), 409, 'OperationDenied.LastAccessKey');
    const second = await newKey(made);
    await ok(update({ UserAccessKeyId: second.accessKeyId }));
    await expectCode(update(own), 409, 'OperationDenied.LastAccessKey');
    await ok(update({ UserAccessKeyId: second.accessKeyId, Status: 'Active' }));
    await ok(update(own));
    await ok(made.call('ListUsers', {}, second));
  });

  it('does not disable the last active root key, whatever other keys there are', async () => {
    await using api = await startApi();
    await ok(api.call('CreateAccessKey'));
    const disable = () =>
      api.call('UpdateAccessKey', { UserAccessKeyId: api.accessKeyId, Status: 'Inactive' });
    await expectCode(disable(), 409, 'OperationDenied.LastAccessKey');
    const pair = { accessKeyId: 'ROOT2', secret: systemIds.token(32) };
    const root = { ...pair, accountId: api.accountId, userId: null, note: null, root: true, createdAt: 0 };
    await api.store.keys.createKey(root);
    await api.core.feed.refresh();
    await ok(disable());
  });
});
