import { describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { namesIn, newBearer } from '../../support/policies.ts';
import { ok } from '../../support/ram-things.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const list = (params: Record<string, string> = {}) => made.call('ListRoles', params);

describe('parameters', () => {
  it.each([
    ['MaxItems', '1001'],
    ['Marker', '!'],
  ])('refuses %s=%s', async (name, value) => {
    await expectCode(list({ [name]: value }), 400, `Invalid${name}.Malformed`);
  });
});

describe('permission', () => {
  const params = () => ({});
  itAsksForPermission({ api: () => made.api, action: 'ListRoles', params }, () => [
    `acs:ram:*:${made.accountId}:role/*`,
  ]);
});

describe('limits', () => {
  itIsLimitedTo('ListRoles', { calls: 50, perSeconds: 1 });
});

describe('behaviour', () => {
  it('tells of every role what it is, but not who may take it on', async () => {
    await newBearer(made, 'Role');
    const at = new Date(made.api.clock.now()).toISOString().replace('.000Z', 'Z');
    const entry = {
      RoleId: made.account().roles.get('it')!.id,
      RoleName: 'it',
      Arn: `acs:ram::${made.accountId}:role/it`,
      MaxSessionDuration: 3600,
      CreateDate: at,
      UpdateDate: at,
    };
    const { RequestId: _, ...json } = await ok(list());
    expect(json).toEqual({ IsTruncated: false, Roles: { Role: [entry] } });
  });

  it('gives every role once, page by page', async () => {
    await made.fill('role', 7);
    const first = await ok(list({ MaxItems: '5' }));
    expect(first['IsTruncated']).toBe(true);
    const second = await ok(list({ MaxItems: '5', Marker: first['Marker'] as string }));
    expect(second['IsTruncated']).toBe(false);
    expect(second).not.toHaveProperty('Marker');
    const names = [first, second].flatMap((json) => namesIn(json, 'Roles', 'Role'));
    expect(names).toEqual(Array.from({ length: 7 }, (_, index) => `filler-${index}`));
  });

  it('does not list the roles of another account', async () => {
    await newBearer(made, 'Role');
    const other = await made.otherAccount();
    expect(namesIn(await ok(other.call('ListRoles')), 'Roles', 'Role')).toEqual([]);
  });
});
