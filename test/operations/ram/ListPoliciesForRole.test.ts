import { describe, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { itListsAttached } from '../../support/attachment-blocks.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));

describe('parameters', () => {
  it.each(['a b', 'a/b', '*', 'x'.repeat(129)])('refuses the name %j', async (RoleName) => {
    await expectCode(made.call('ListPoliciesForRole', { RoleName }), 400, 'InvalidRoleName.Malformed');
  });
});

describe('permission', () => {
  const params = () => ({ RoleName: 'it' });
  itAsksForPermission({ api: () => made.api, action: 'ListPoliciesForRole', params }, () => [
    `acs:ram:*:${made.accountId}:role/it`,
  ]);
});

describe('limits', () => itIsLimitedTo('ListPoliciesForRole', { calls: 50, perSeconds: 1 }));

describe('behaviour', () => itListsAttached({ made: () => made, kind: 'Role' }));
