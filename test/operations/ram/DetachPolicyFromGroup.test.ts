import { describe } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { itDetaches, itNamesAPolicyAndABearer } from '../../support/attachment-blocks.ts';
import { itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const tests = { made: () => made, kind: 'Group' } as const;

describe('parameters', () => itNamesAPolicyAndABearer(tests, 'DetachPolicyFromGroup'));

describe('permission', () => {
  const params = () => ({ PolicyType: 'System', PolicyName: 'AliyunLiveFullAccess', GroupName: 'it' });
  itAsksForPermission({ api: () => made.api, action: 'DetachPolicyFromGroup', params }, () => [
    `acs:ram:*:${made.accountId}:group/it`,
  ]);
});

describe('limits', () => itIsLimitedTo('DetachPolicyFromGroup', { calls: 20, perSeconds: 1 }));

describe('behaviour', () => itDetaches(tests));
