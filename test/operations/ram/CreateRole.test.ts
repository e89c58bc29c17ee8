import { describe, expect, it } from 'vitest';
import { MAX_ROLES } from '../../../src/core/ram/roles.ts';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { policyOf, READ_ALL } from '../../support/policies.ts';
import { ok } from '../../support/ram-things.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const TRUST = policyOf({
  Effect: 'Allow',
  Action: 'sts:AssumeRole',
  Principal: { RAM: ['acs:ram::1234567890123456:root'] },
});
const create = (more: Record<string, string> = {}) =>
  made.call('CreateRole', { RoleName: 'Moderator.1', AssumeRolePolicyDocument: TRUST, ...more });

describe('parameters', () => {
  it.each([
    ['RoleName', 'a/b'],
    ['RoleName', 'a b'],
    ['RoleName', 'x'.repeat(65)],
    ['MaxSessionDuration', '3599'],
    ['MaxSessionDuration', '43201'],
    ['Description', 'x'.repeat(1025)],
  ])('refuses %s=%j', async (name, value) => {
    await expectCode(create({ [name]: value }), 400, `Invalid${name}.Malformed`);
    expect(made.account().roles.size).toBe(0);
  });

  it.each([
    [READ_ALL, 'Statement[0] has the unknown element'],
    [
      policyOf({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: '*' } }),
      'Statement[0].Principal.RAM',
    ],
    ['[]', 'The document must be an object'],
  ])('refuses the trust policy %s and says where', async (AssumeRolePolicyDocument, where) => {
    const { status, json } = await create({ AssumeRolePolicyDocument });
    expect({ status, json }).toMatchObject({ status: 400, json: { Code: 'MalformedPolicyDocument' } });
    expect(json['Message']).toContain(where);
  });
});

describe('permission', () => {
  const params = () => ({ RoleName: 'it', AssumeRolePolicyDocument: TRUST });
  itAsksForPermission({ api: () => made.api, action: 'CreateRole', params }, () => [
    `acs:ram:*:${made.accountId}:role/it`,
  ]);
});

describe('limits', () => {
  itIsLimitedTo('CreateRole', { calls: 20, perSeconds: 1 });

  it('has room for so many roles and no more', async () => {
    await made.fill('role', MAX_ROLES);
    await expectCode(create(), 409, 'LimitExceeded.Role');
  });
});

describe('behaviour', () => {
  it('makes the role, at once and for good', async () => {
    const { Role } = await ok(create({ Description: 'night shift', MaxSessionDuration: '43200' }));
    const CreateDate = new Date(made.api.clock.now()).toISOString().replace('.000Z', 'Z');
    expect(Role).toEqual({
      RoleId: made.account().roles.get('Moderator.1')?.id,
      RoleName: 'Moderator.1',
      Arn: `acs:ram::${made.accountId}:role/Moderator.1`,
      Description: 'night shift',
      AssumeRolePolicyDocument: TRUST,
      MaxSessionDuration: 43_200,
      CreateDate,
      UpdateDate: CreateDate,
    });
    const { entities } = await made.api.store.feed.snapshot();
    expect(entities.map(({ entity }) => entity)).toContainEqual(made.account().roles.get('Moderator.1'));
  });

  it('holds for an hour unless told otherwise', async () => {
    expect(await ok(create())).toMatchObject({ Role: { MaxSessionDuration: 3600 } });
  });

  it('refuses a name that is taken, but not in another account', async () => {
    await ok(create());
    await expectCode(create(), 409, 'EntityAlreadyExists.Role');
    const other = await made.otherAccount();
    await ok(other.call('CreateRole', { RoleName: 'Moderator.1', AssumeRolePolicyDocument: TRUST }));
  });
});
