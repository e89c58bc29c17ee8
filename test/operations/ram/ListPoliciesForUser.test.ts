import { describe, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { itListsAttached } from '../../support/attachment-blocks.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));

describe('parameters', () => {
  it.each(['a b', 'a/b', '*', 'x'.repeat(129)])('refuses the name %j', async (UserName) => {
    await expectCode(made.call('ListPoliciesForUser', { UserName }), 400, 'InvalidUserName.Malformed');
  });
});

describe('permission', () => {
  const params = () => ({ UserName: 'it' });
  itAsksForPermission({ api: () => made.api, action: 'ListPoliciesForUser', params }, () => [
    `acs:ram:*:${made.accountId}:user/it`,
  ]);
});

describe('limits', () => itIsLimitedTo('ListPoliciesForUser', { calls: 50, perSeconds: 1 }));

describe('behaviour', () => itListsAttached({ made: () => made, kind: 'User' }));
