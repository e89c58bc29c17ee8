import { describe } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { itDetaches, itNamesAPolicyAndABearer } from '../../support/attachment-blocks.ts';
import { itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const tests = { made: () => made, kind: 'Role' } as const;

describe('parameters', () => itNamesAPolicyAndABearer(tests, 'DetachPolicyFromRole'));

describe('permission', () => {
  const params = () => ({ PolicyType: 'System', PolicyName: 'AliyunLiveFullAccess', RoleName: 'it' });
  itAsksForPermission({ api: () => made.api, action: 'DetachPolicyFromRole', params }, () => [
    `acs:ram:*:${made.accountId}:role/it`,
  ]);
});

describe('limits', () => itIsLimitedTo('DetachPolicyFromRole', { calls: 20, perSeconds: 1 }));

describe('behaviour', () => itDetaches(tests));
