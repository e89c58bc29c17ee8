import { describe } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { itAttaches, itAttachesSoMany, itNamesAPolicyAndABearer } from '../../support/attachment-blocks.ts';
import { itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const tests = { made: () => made, kind: 'Role' } as const;

describe('parameters', () => itNamesAPolicyAndABearer(tests, 'AttachPolicyToRole'));

describe('permission', () => {
  const params = () => ({ PolicyType: 'System', PolicyName: 'AliyunLiveFullAccess', RoleName: 'it' });
  itAsksForPermission({ api: () => made.api, action: 'AttachPolicyToRole', params }, () => [
    `acs:ram:*:${made.accountId}:role/it`,
  ]);
});

describe('limits', () => {
  itIsLimitedTo('AttachPolicyToRole', { calls: 20, perSeconds: 1 });
  itAttachesSoMany(tests);
});

describe('behaviour', () => itAttaches(tests));
