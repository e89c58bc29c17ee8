import { describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { actingAs, attachTo, detachFrom, newBearer } from '../../support/policies.ts';
import { ok } from '../../support/ram-things.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const remove = (RoleName = 'it') => made.call('DeleteRole', { RoleName });
const FULL = { name: 'AliyunLiveFullAccess', type: 'System' };

describe('parameters', () => {
  it.each(['a b', '*', 'x'.repeat(65)])('refuses the name %j', async (RoleName) => {
    await expectCode(remove(RoleName), 400, 'InvalidRoleName.Malformed');
  });
});

describe('permission', () => {
  const params = () => ({ RoleName: 'it' });
  itAsksForPermission({ api: () => made.api, action: 'DeleteRole', params }, () => [
    `acs:ram:*:${made.accountId}:role/it`,
  ]);
});

describe('limits', () => {
  itIsLimitedTo('DeleteRole', { calls: 20, perSeconds: 1 });
});

describe('behaviour', () => {
  it('deletes a role for good', async () => {
    await newBearer(made, 'Role');
    await ok(remove());
    await expectCode(remove(), 404, 'EntityNotExist.Role');
    const { entities } = await made.api.store.feed.snapshot();
    const left = entities.filter(
      ({ entity }) => entity?.accountId === made.accountId && entity.kind === 'role',
    );
    expect(left).toEqual([]);
  });

  it('refuses while the role has a policy', async () => {
    await newBearer(made, 'Role');
    await ok(attachTo(made, 'Role', FULL));
    await expectCode(remove(), 409, 'DeleteConflict.Role.Policy');
    await ok(detachFrom(made, 'Role', FULL));
    await ok(remove());
  });

  it('ends the sessions of the role at once; a new role of the name does not revive them', async () => {
    await newBearer(made, 'Role');
    const session = await actingAs(made, 'Role');
    await ok(made.call('GetCallerIdentity', {}, session));
    await ok(remove());
    await expectCode(made.call('GetCallerIdentity', {}, session), 400, 'InvalidSecurityToken.Expired');
    await newBearer(made, 'Role');
    await expectCode(made.call('GetCallerIdentity', {}, session), 400, 'InvalidSecurityToken.Expired');
  });
});
