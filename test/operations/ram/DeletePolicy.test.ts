import { describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { attachTo, detachFrom, newBearer, newPolicy, withVersions } from '../../support/policies.ts';
import { ok } from '../../support/ram-things.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const remove = (more: Record<string, string> = {}) => made.call('DeletePolicy', { PolicyName: 'p', ...more });

describe('parameters', () => {
  it.each([
    ['PolicyName', 'p q'],
    ['CascadingDelete', 'yes'],
  ])('refuses %s=%s', async (name, value) => {
    await newPolicy(made);
    await expectCode(remove({ [name]: value }), 400, `Invalid${name}.Malformed`);
    expect(made.account().policies.has('p')).toBe(true);
  });
});

describe('permission', () => {
  const params = () => ({ PolicyName: 'p' });
  itAsksForPermission({ api: () => made.api, action: 'DeletePolicy', params }, () => [
    `acs:ram:*:${made.accountId}:policy/p`,
  ]);
});

describe('limits', () => {
  itIsLimitedTo('DeletePolicy', { calls: 20, perSeconds: 1 });
});

describe('behaviour', () => {
  it('deletes a policy for good', async () => {
    await newPolicy(made);
    await ok(remove());
    await expectCode(remove(), 404, 'EntityNotExist.Policy');
    const { entities } = await made.api.store.feed.snapshot();
    const left = entities.filter(
      ({ entity }) => entity?.accountId === made.accountId && entity.kind === 'policy',
    );
    expect(left).toEqual([]);
    await newPolicy(made);
  });

  it.each(['User', 'Group', 'Role'] as const)('refuses while it is attached to a %s', async (kind) => {
    await newPolicy(made);
    await newBearer(made, kind);
    await ok(attachTo(made, kind, { name: 'p' }));
    await expectCode(remove({ CascadingDelete: 'true' }), 409, `DeleteConflict.Policy.${kind}`);
    await ok(detachFrom(made, kind, { name: 'p' }));
    await ok(remove());
  });

  it('refuses while it has other versions, unless they go with it', async () => {
    await newPolicy(made);
    await withVersions(made, 3);
    await expectCode(remove(), 409, 'DeleteConflict.Policy.Version');
    await expectCode(remove({ CascadingDelete: 'false' }), 409, 'DeleteConflict.Policy.Version');
    await ok(remove({ CascadingDelete: 'true' }));
    expect(made.account().policies.size).toBe(0);
  });

  it('either deletes or attaches, when both are asked for at once', async () => {
    await newPolicy(made);
    await newBearer(made, 'User');
    const answers = await Promise.all([attachTo(made, 'User', { name: 'p' }), remove()]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const attached = made.account().users.get('it')!.policies.length;
    expect(made.account().policies.size).toBe(attached);
  });

  it('knows no system policies and none of another account', async () => {
    await expectCode(remove({ PolicyName: 'AliyunLiveFullAccess' }), 404, 'EntityNotExist.Policy');
    await newPolicy(made);
    const other = await made.otherAccount();
    await expectCode(other.call('DeletePolicy', { PolicyName: 'p' }), 404, 'EntityNotExist.Policy');
  });
});
