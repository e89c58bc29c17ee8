import { describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { allowing, newKey, ok, sessionWith } from '../../support/ram-things.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const list = (params: Record<string, string> = {}) => made.call('ListAccessKeys', params);
const keysIn = (json: Readonly<Record<string, unknown>>) =>
  (json['AccessKeys'] as { AccessKey: Record<string, string>[] }).AccessKey;

describe('parameters', () => {
  it.each(['a b', 'x'.repeat(65), '*'])('refuses the name %j', async (UserName) => {
    await expectCode(list({ UserName }), 400, 'InvalidUserName.Malformed');
  });
});

describe('permission', () => {
  itAsksForPermission(
    { api: () => made.api, action: 'ListAccessKeys', params: () => ({ UserName: 'alice' }) },
    () => [`acs:ram:*:${made.accountId}:user/alice`],
  );
});

describe('limits', () => {
  itIsLimitedTo('ListAccessKeys', { calls: 50, perSeconds: 1 });
});

describe('behaviour', () => {
  it('lists the keys of a user, the oldest first, without their secrets', async () => {
    await ok(made.call('CreateUser', { UserName: 'alice' }));
    expect(keysIn(await ok(list({ UserName: 'alice' })))).toEqual([]);
    const first = await newKey(made, { UserName: 'alice' });
    made.api.clock.advance(60_000);
    const second = await newKey(made, { UserName: 'alice' });
    const disable = { UserName: 'alice', UserAccessKeyId: first.accessKeyId, Status: 'Inactive' };
    await ok(made.call('UpdateAccessKey', disable));
    const keys = keysIn(await ok(list({ UserName: 'alice' })));
    const date = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string;
    expect(keys).toEqual([
      { AccessKeyId: first.accessKeyId, Status: 'Inactive', CreateDate: date },
      { AccessKeyId: second.accessKeyId, Status: 'Active', CreateDate: date },
    ]);
    expect(keys[0]!['CreateDate']! < keys[1]!['CreateDate']!).toBe(true);
  });

  it('lists the own keys without a name: of the owner, of a user, of no session', async () => {
    expect(keysIn(await ok(list()))).toMatchObject([{ AccessKeyId: made.key.accessKeyId }]);
    const key = await made.userWith(allowing('ram:*'));
    const own = keysIn(await ok(made.call('ListAccessKeys', {}, key)));
    expect(own).toMatchObject([{ AccessKeyId: key.accessKeyId }]);
    const session = await sessionWith(made, allowing('ram:*'));
    await expectCode(made.call('ListAccessKeys', {}, session), 404, 'EntityNotExist.User');
  });

  it('knows nobody of another account', async () => {
    const other = await made.otherAccount();
    await ok(other.call('CreateUser', { UserName: 'alice' }));
    await expectCode(list({ UserName: 'alice' }), 404, 'EntityNotExist.User');
  });

  it('repeats the element in XML', async () => {
    const second = await newKey(made);
    const { body } = await made.call('ListAccessKeys', { Format: 'XML' });
    const ids = [...body.matchAll(/<AccessKey><AccessKeyId>(\w+)<\/AccessKeyId><Status>Active/g)];
    expect(ids.map(([, id]) => id)).toEqual([made.key.accessKeyId, second.accessKeyId]);
  });
});
