import { describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { ok } from '../../support/ram-things.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const get = (GroupName: string) => made.call('GetGroup', { GroupName });

describe('parameters', () => {
  it.each(['a b', 'x'.repeat(129), '*'])('refuses the name %j', async (GroupName) => {
    await expectCode(get(GroupName), 400, 'InvalidGroupName.Malformed');
  });
});

describe('permission', () => {
  itAsksForPermission(
    { api: () => made.api, action: 'GetGroup', params: () => ({ GroupName: 'staff' }) },
    () => [`acs:ram:*:${made.accountId}:group/staff`],
  );
});

describe('limits', () => {
  itIsLimitedTo('GetGroup', { calls: 50, perSeconds: 1 });
});

describe('behaviour', () => {
  it('answers what CreateGroup was told', async () => {
    const { Group } = await ok(made.call('CreateGroup', { GroupName: 'staff', Comments: 'all of us' }));
    await ok(made.call('CreateGroup', { GroupName: 'guests' }));
    made.api.clock.advance(60_000);
    expect((await ok(get('staff')))['Group']).toEqual(Group);
    expect((await ok(get('guests')))['Group']).not.toHaveProperty('Comments');
  });

  it('knows no group of another account', async () => {
    const other = await made.otherAccount();
    await ok(other.call('CreateGroup', { GroupName: 'staff' }));
    await expectCode(get('staff'), 404, 'EntityNotExist.Group');
  });
});
