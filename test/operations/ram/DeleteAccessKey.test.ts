import { describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { allowing, newKey, ok, sessionWith } from '../../support/ram-things.ts';
import { startApi } from '../../support/api-harness.ts';
import { until } from '../../support/wait.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const remove = (params: Record<string, string>) => made.call('DeleteAccessKey', params);

describe('parameters', () => {
  it.each([
    ['UserName', 'a b'],
    ['UserAccessKeyId', 'a b'],
    ['UserAccessKeyId', 'x'.repeat(129)],
  ])('refuses %s=%j', async (name, value) => {
    await expectCode(remove({ UserAccessKeyId: 'AK', [name]: value }), 400, `Invalid${name}.Malformed`);
  });
});

describe('permission', () => {
  const params = () => ({ UserName: 'alice', UserAccessKeyId: 'AK' });
  itAsksForPermission({ api: () => made.api, action: 'DeleteAccessKey', params }, () => [
    `acs:ram:*:${made.accountId}:user/alice`,
  ]);
});

describe('limits', () => {
  itIsLimitedTo('DeleteAccessKey', { calls: 20, perSeconds: 1 });
});

describe('behaviour', () => {
  it('deletes a key at once and for good', async () => {
    await ok(made.call('CreateUser', { UserName: 'alice' }));
    const key = await newKey(made, { UserName: 'alice' });
    const of = { UserName: 'alice', UserAccessKeyId: key.accessKeyId };
    await ok(remove(of));
    await expectCode(made.call('ListUsers', {}, key), 404, 'InvalidAccessKeyId.NotFound');
    await expectCode(remove(of), 404, 'EntityNotExist.User.AccessKey');
    const { keys } = await made.api.store.feed.snapshot();
    expect(keys.filter(({ accountId }) => accountId === made.accountId)).toHaveLength(1);
    const records = made.api.audit.filter(
      ({ action, code }) => action === 'DeleteAccessKey' && code === null,
    );
    expect(records.at(-1)).toMatchObject({
      target: 'user/alice',
      effect: { Holder: 'user/alice', AccessKeyId: key.accessKeyId },
    });
  });

  it('acts in another process within 100 ms', async () => {
    await using api = await startApi();
    const { json } = await api.call('CreateAccessKey');
    const { AccessKeyId, AccessKeySecret } = json['AccessKey'] as Record<string, string>;
    const key = { accessKeyId: AccessKeyId!, accessKeySecret: AccessKeySecret! };
    await using other = await startApi({ store: api.store });
    expect(await other.call('ListAccessKeys', {}, key)).toMatchObject({ status: 200 });
    await ok(api.call('DeleteAccessKey', { UserAccessKeyId: key.accessKeyId }));
    other.clock.advance(100);
    const known = () => other.core.keys.find(key.accessKeyId);
    await until(() => known() === undefined, 'the change of the other process');
    await expectCode(other.call('ListAccessKeys', {}, key), 404, 'InvalidAccessKeyId.NotFound');
  });

  it('finds no key of another user, of the owner, or of another account', async () => {
    await ok(made.call('CreateUser', { UserName: 'alice' }));
    await ok(made.call('CreateUser', { UserName: 'bob' }));
    const ofBob = await newKey(made, { UserName: 'bob' });
    const other = await made.otherAccount();
    for (const { accessKeyId } of [ofBob, made.key, other.key]) {
      const asked = remove({ UserName: 'alice', UserAccessKeyId: accessKeyId });
      await expectCode(asked, 404, 'EntityNotExist.User.AccessKey');
    }
    await expectCode(remove({ UserName: 'carol', UserAccessKeyId: 'AK' }), 404, 'EntityNotExist.User');
    await ok(other.call('ListAccessKeys'));
    await expectCode(made.call('ListUsers', {}, ofBob), 403, 'NoPermission');
  });

  it('deletes the own key of a user without a name, and a session has none', async () => {
    const key = await made.userWith(allowing('ram:*'));
    const own = { UserAccessKeyId: key.accessKeyId };
    const session = await sessionWith(made, allowing('ram:*'));
    await expectCode(made.call('DeleteAccessKey', own, session), 404, 'EntityNotExist.User');
    await ok(made.call('DeleteAccessKey', own, key));
    await expectCode(made.call('ListUsers', {}, key), 404, 'InvalidAccessKeyId.NotFound');
  });

  it('does not delete the last active key of an owner, but an inactive one', async () => {
    const own = { UserAccessKeyId: made.key.accessKeyId };
    await expectCode(remove(own), 409, 'OperationDenied.LastAccessKey');
    const second = await newKey(made);
    const ofSecond = { UserAccessKeyId: second.accessKeyId };
    await ok(made.call('UpdateAccessKey', { ...ofSecond, Status: 'Inactive' }));
    await expectCode(remove(own), 409, 'OperationDenied.LastAccessKey');
    await ok(remove(ofSecond));
    const third = await newKey(made);
    await ok(remove(own));
    await expectCode(made.call('ListUsers'), 404, 'InvalidAccessKeyId.NotFound');
    await ok(made.call('ListUsers', {}, third));
  });

  it('deletes one of two keys when both are asked for at once', async () => {
    const second = await newKey(made);
    const ids = [made.key.accessKeyId, second.accessKeyId];
    const answers = await Promise.all(ids.map((id) => remove({ UserAccessKeyId: id })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });
});
