import { describe } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { itDetaches, itNamesAPolicyAndABearer } from '../../support/attachment-blocks.ts';
import { itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const tests = { made: () => made, kind: 'User' } as const;

describe('parameters', () => itNamesAPolicyAndABearer(tests, 'DetachPolicyFromUser'));

describe('permission', () => {
  const params = () => ({ PolicyType: 'System', PolicyName: 'AliyunLiveFullAccess', UserName: 'it' });
  itAsksForPermission({ api: () => made.api, action: 'DetachPolicyFromUser', params }, () => [
    `acs:ram:*:${made.accountId}:user/it`,
  ]);
});

describe('limits', () => itIsLimitedTo('DetachPolicyFromUser', { calls: 20, perSeconds: 1 }));

describe('behaviour', () => itDetaches(tests));
