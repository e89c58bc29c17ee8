import { describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { MAX_OWNER_KEYS, MAX_USER_KEYS } from '../../../src/core/ram/access-keys.ts';
import { startApi } from '../../support/api-harness.ts';
import { collectingLogger } from '../../support/collecting-logger.ts';
import { allowing, newKey, ok, sessionWith } from '../../support/ram-things.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const create = (params: Record<string, string> = {}) => made.call('CreateAccessKey', params);

describe('parameters', () => {
  it.each(['a b', 'x'.repeat(65), '*'])('refuses the name %j', async (UserName) => {
    await expectCode(create({ UserName }), 400, 'InvalidUserName.Malformed');
  });
});

describe('permission', () => {
  itAsksForPermission(
    { api: () => made.api, action: 'CreateAccessKey', params: () => ({ UserName: 'alice' }) },
    () => [`acs:ram:*:${made.accountId}:user/alice`],
  );

  it('lets a user give keys only to the user that its policy names', async () => {
    await ok(made.call('CreateUser', { UserName: 'alice' }));
    await ok(made.call('CreateUser', { UserName: 'bob' }));
    const key = await made.userWith(allowing('ram:CreateAccessKey', 'acs:ram:*:*:user/alice'));
    await ok(made.call('CreateAccessKey', { UserName: 'alice' }, key));
    await expectCode(made.call('CreateAccessKey', { UserName: 'bob' }, key), 403, 'NoPermission');
  });

  it.each([
    ['Allow', 200],
    ['Deny', 403],
  ])('takes a user that names nobody for itself (%s)', async (Effect, status) => {
    await ok(made.call('CreateUser', { UserName: 'alice' }));
    const key = await newKey(made, { UserName: 'alice' });
    const own = { Effect, Action: 'ram:CreateAccessKey', Resource: `acs:ram::${made.accountId}:user/alice` };
    const rest = { Effect: 'Allow', Action: 'ram:CreateAccessKey', Resource: '*' };
    const Statement = Effect === 'Deny' ? [own, rest] : [own];
    const PolicyDocument = JSON.stringify({ Version: '1', Statement });
    const PolicyName = 'own-keys';
    await ok(made.call('CreatePolicy', { PolicyName, PolicyDocument }));
    await ok(made.call('AttachPolicyToUser', { UserName: 'alice', PolicyName, PolicyType: 'Custom' }));
    expect((await made.call('CreateAccessKey', {}, key)).status).toBe(status);
    expect(made.api.audit.at(-1)).toMatchObject({ action: 'CreateAccessKey', target: 'user/alice' });
  });
});

describe('limits', () => {
  itIsLimitedTo('CreateAccessKey', { calls: 20, perSeconds: 1 });

  it('makes so many keys of a user and no more, whether active or not', async () => {
    await ok(made.call('CreateUser', { UserName: 'alice' }));
    const of = { UserName: 'alice' };
    const { accessKeyId } = await newKey(made, of);
    await ok(made.call('UpdateAccessKey', { ...of, UserAccessKeyId: accessKeyId, Status: 'Inactive' }));
    for (let more = 1; more < MAX_USER_KEYS; more++) await newKey(made, of);
    await expectCode(create(of), 409, 'LimitExceeded.User.AccessKey');
    await ok(made.call('DeleteAccessKey', { ...of, UserAccessKeyId: accessKeyId }));
    await newKey(made, of);
  });

  it('makes so many of an owner, the first one counted', async () => {
    for (let more = 1; more < MAX_OWNER_KEYS; more++) await newKey(made);
    await expectCode(create(), 409, 'LimitExceeded.User.AccessKey');
  });

  it('keeps the limit when keys are asked for at once', async () => {
    await ok(made.call('CreateUser', { UserName: 'alice' }));
    const answers = await Promise.all([1, 2, 3, 4].map(() => create({ UserName: 'alice' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 409, 409]);
  });
});

describe('behaviour', () => {
  it('makes a key of the named user, which works at once', async () => {
    await ok(made.call('CreateUser', { UserName: 'alice' }));
    const { AccessKey } = await ok(create({ UserName: 'alice' }));
    expect(AccessKey).toEqual({
      AccessKeyId: expect.stringMatching(/^SLUICE[A-Za-z0-9]{18}$/) as string,
      AccessKeySecret: expect.stringMatching(/^[A-Za-z0-9]{32}$/) as string,
      Status: 'Active',
      CreateDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string,
    });
    const { AccessKeyId, AccessKeySecret } = AccessKey as Record<string, string>;
    const key = { accessKeyId: AccessKeyId!, accessKeySecret: AccessKeySecret! };
    await expectCode(made.call('ListUsers', {}, key), 403, 'NoPermission');
    expect(made.api.audit.at(-1)).toMatchObject({ actor: 'user/alice', accountId: made.accountId });
    const wrong = { ...key, accessKeySecret: 'x'.repeat(32) };
    await expectCode(made.call('ListUsers', {}, wrong), 400, 'SignatureDoesNotMatch');
  });

  it('makes a key of the owner for the owner', async () => {
    const key = await newKey(made);
    await ok(made.call('CreateUser', { UserName: 'alice' }, key));
    expect(made.api.audit.at(-1)).toMatchObject({ actor: 'root', accessKeyId: key.accessKeyId });
    expect(made.account().users.has('alice')).toBe(true);
  });

  it('makes a key of the calling user for that user, never for the owner', async () => {
    const first = await made.userWith(allowing('ram:*'));
    const second = await ok(made.call('CreateAccessKey', {}, first));
    const { AccessKeyId } = second['AccessKey'] as Record<string, string>;
    const userOf = (id: string) => made.api.core.keys.find(id)?.userId;
    expect(userOf(AccessKeyId!)).toBe(userOf(first.accessKeyId));
    expect(userOf(AccessKeyId!)).toEqual(expect.any(String));
  });

  it('makes none for a session, but for a user that it names', async () => {
    const session = await sessionWith(made, allowing('ram:*'));
    await expectCode(made.call('CreateAccessKey', {}, session), 404, 'EntityNotExist.User');
    await ok(made.call('CreateUser', { UserName: 'alice' }));
    await ok(made.call('CreateAccessKey', { UserName: 'alice' }, session));
  });

  it('makes none for a user of another account', async () => {
    const other = await made.otherAccount();
    await ok(other.call('CreateUser', { UserName: 'alice' }));
    await expectCode(create({ UserName: 'alice' }), 404, 'EntityNotExist.User');
  });

  it('makes none for a user that is deleted while it asks', async () => {
    const key = await made.userWith(allowing('ram:*'));
    const { core } = made.api;
    const { userId } = core.keys.find(key.accessKeyId)!;
    // The change was asked for first, and so comes first; both calls were let in before.
    const deleting = core.changes.change(made.accountId, null, () => ({
      removes: [{ kind: 'user', id: userId! }],
      result: undefined,
    }));
    const asking = made.call('CreateAccessKey', {}, key);
    await deleting;
    await expectCode(asking, 404, 'EntityNotExist.User');
    expect(core.keys.listOf(made.accountId, userId)).toHaveLength(1);
  });

  it('answers the secret once; no record, log line or list holds it', async () => {
    const { log, lines } = collectingLogger('trace');
    await using api = await startApi({ log });
    const { json } = await api.call('CreateAccessKey');
    const { AccessKeyId, AccessKeySecret } = json['AccessKey'] as Record<string, string>;
    const key = { accessKeyId: AccessKeyId!, accessKeySecret: AccessKeySecret! };
    await api.call('ListAccessKeys', {}, key);
    const listed = await api.call('ListAccessKeys');
    expect(listed.body).toContain(AccessKeyId);
    const trail = { audit: api.audit, lines: lines(), listed: listed.body };
    expect(JSON.stringify(trail)).not.toContain(AccessKeySecret);
    expect(api.audit[0]).toMatchObject({
      action: 'CreateAccessKey',
      effect: { Holder: 'root', AccessKeyId },
    });
  });
});
