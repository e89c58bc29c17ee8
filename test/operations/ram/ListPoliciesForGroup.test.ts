import { describe, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { itListsAttached } from '../../support/attachment-blocks.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));

describe('parameters', () => {
  it.each(['a b', 'a/b', '*', 'x'.repeat(129)])('refuses the name %j', async (GroupName) => {
    await expectCode(made.call('ListPoliciesForGroup', { GroupName }), 400, 'InvalidGroupName.Malformed');
  });
});

describe('permission', () => {
  const params = () => ({ GroupName: 'it' });
  itAsksForPermission({ api: () => made.api, action: 'ListPoliciesForGroup', params }, () => [
    `acs:ram:*:${made.accountId}:group/it`,
  ]);
});

describe('limits', () => itIsLimitedTo('ListPoliciesForGroup', { calls: 50, perSeconds: 1 }));

describe('behaviour', () => itListsAttached({ made: () => made, kind: 'Group' }));
