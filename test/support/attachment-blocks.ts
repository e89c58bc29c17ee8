import { expect, it } from 'vitest';
import { MAX_ATTACHED_POLICIES } from '../../src/core/ram/attachments.ts';
import type { InAccount } from './accounts.ts';
import { expectCode } from './operation-blocks.ts';
import {
  actingAs,
  attachTo,
  detachFrom,
  namesIn,
  newBearer,
  newPolicy,
  policyOf,
  putInForce,
} from './policies.ts';
import type { BearerKind } from './policies.ts';
import { ok } from './ram-things.ts';

/** An account for every test, and what is attached to. */
export interface AttachmentTests {
  readonly made: () => InAccount;
  readonly kind: BearerKind;
}

const FULL = { name: 'AliyunLiveFullAccess', type: 'System' };

/** Tests of the block `parameters` of attaching and detaching. */
export function itNamesAPolicyAndABearer({ made, kind }: AttachmentTests, action: string): void {
  const params = { PolicyType: 'Custom', PolicyName: 'p', [`${kind}Name`]: 'it' };

  it.each([
    ['PolicyType', 'custom'],
    ['PolicyName', 'p q'],
    ['PolicyName', 'x'.repeat(129)],
    [`${kind}Name`, 'a/b'],
    ['ResourceGroupId', 'rg-acfmxazb4p'],
  ])('refuses %s=%s and changes nothing', async (name, value) => {
    await newBearer(made(), kind);
    await newPolicy(made());
    const before = JSON.stringify([
      ...made().account().users,
      ...made().account().groups,
      ...made().account().roles,
    ]);
    await expectCode(made().call(action, { ...params, [name]: value }), 400, `Invalid${name}.Malformed`);
    const after = JSON.stringify([
      ...made().account().users,
      ...made().account().groups,
      ...made().account().roles,
    ]);
    expect(after).toBe(before);
  });
}

/** Tests of the block `limits` of attaching. */
export function itAttachesSoMany({ made, kind }: AttachmentTests): void {
  it(`attaches ${MAX_ATTACHED_POLICIES} policies and no more`, async () => {
    await made().fill('policy', MAX_ATTACHED_POLICIES);
    await newBearer(made(), kind);
    for (let at = 0; at < MAX_ATTACHED_POLICIES; at++)
      await ok(attachTo(made(), kind, { name: `filler-${at}` }));
    made().api.clock.advance(1000);
    await expectCode(attachTo(made(), kind, FULL), 409, `LimitExceeded.${kind}.Policy`);
    await ok(detachFrom(made(), kind, { name: 'filler-3' }));
    await ok(attachTo(made(), kind, FULL));
  });
}

/** Tests of the block `behaviour` of attaching. */
export function itAttaches({ made, kind }: AttachmentTests): void {
  it('acts on the very next call', async () => {
    await newBearer(made(), kind);
    await newPolicy(made(), 'list', policyOf({ Effect: 'Allow', Action: 'ram:ListUsers', Resource: '*' }));
    const key = await actingAs(made(), kind);
    const list = () => made().call('ListUsers', {}, key);
    await expectCode(list(), 403, 'NoPermission');
    await ok(attachTo(made(), kind, { name: 'list' }));
    await ok(list());
    await putInForce(made(), policyOf({ Effect: 'Deny', Action: 'ram:*', Resource: '*' }), 'list');
    await expectCode(list(), 403, 'NoPermission');
  });

  it('keeps what it attached, and says in the audit trail what that was', async () => {
    await newBearer(made(), kind);
    await ok(attachTo(made(), kind, FULL));
    const { entities } = await made().api.store.feed.snapshot();
    const stored = entities.find(
      ({ kind: ofKind, entity }) => ofKind === kind.toLowerCase() && entity?.accountId === made().accountId,
    );
    const attachedAt = made().api.clock.now();
    expect(stored?.entity).toMatchObject({ policies: [{ ...FULL, attachedAt }] });
    expect(made().api.audit.at(-1)).toMatchObject({
      target: `${kind.toLowerCase()}/it`,
      effect: { PolicyType: 'System', PolicyName: FULL.name },
    });
  });

  it('attaches a policy once, of calls at once too', async () => {
    await newBearer(made(), kind);
    const answers = await Promise.all([1, 2, 3].map(() => attachTo(made(), kind, FULL)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    await expectCode(attachTo(made(), kind, FULL), 409, `EntityAlreadyExists.${kind}.Policy`);
  });

  it('takes a System policy and a Custom one for two', async () => {
    await newBearer(made(), kind);
    await newPolicy(made());
    await expectCode(attachTo(made(), kind, { name: 'p', type: 'System' }), 404, 'EntityNotExist.Policy');
    await expectCode(attachTo(made(), kind, { name: FULL.name }), 404, 'EntityNotExist.Policy');
    await ok(attachTo(made(), kind, { name: 'p' }));
  });

  it(`finds neither policies nor a ${kind.toLowerCase()} of another account`, async () => {
    const other = await made().otherAccount();
    await ok(other.call('CreatePolicy', { PolicyName: 'p', PolicyDocument: policyOf(ANYTHING) }));
    await expectCode(attachTo(made(), kind, FULL), 404, `EntityNotExist.${kind}`);
    await newBearer(made(), kind);
    await expectCode(attachTo(made(), kind, { name: 'p' }), 404, 'EntityNotExist.Policy');
    const theirs = { PolicyType: 'Custom', PolicyName: 'p', [`${kind}Name`]: 'it' };
    await expectCode(other.call(`AttachPolicyTo${kind}`, theirs), 404, `EntityNotExist.${kind}`);
  });

  it('takes the account for a resource group', async () => {
    await newBearer(made(), kind);
    const { accountId: ResourceGroupId } = made();
    const params = { PolicyType: 'System', PolicyName: FULL.name, [`${kind}Name`]: 'it', ResourceGroupId };
    await ok(made().call(`AttachPolicyTo${kind}`, params));
  });
}

const ANYTHING = { Effect: 'Allow', Action: '*', Resource: '*' };

/** Tests of the block `behaviour` of detaching. */
export function itDetaches({ made, kind }: AttachmentTests): void {
  it('acts on the very next call', async () => {
    await newBearer(made(), kind);
    await newPolicy(made(), 'list', policyOf({ Effect: 'Allow', Action: 'ram:ListUsers', Resource: '*' }));
    await ok(attachTo(made(), kind, { name: 'list' }));
    const key = await actingAs(made(), kind);
    await ok(made().call('ListUsers', {}, key));
    await ok(detachFrom(made(), kind, { name: 'list' }));
    await expectCode(made().call('ListUsers', {}, key), 403, 'NoPermission');
  });

  it('takes away the one that is named and no other', async () => {
    await newBearer(made(), kind);
    await newPolicy(made());
    await ok(attachTo(made(), kind, { name: 'p' }));
    await ok(attachTo(made(), kind, FULL));
    await ok(detachFrom(made(), kind, { name: 'p' }));
    const json = await ok(made().call(`ListPoliciesFor${kind}`, { [`${kind}Name`]: 'it' }));
    expect(namesIn(json, 'Policies', 'Policy')).toEqual([FULL.name]);
    await ok(made().call('DeletePolicy', { PolicyName: 'p' }));
  });

  it('refuses what is not attached, and what is not there', async () => {
    await expectCode(detachFrom(made(), kind, FULL), 404, `EntityNotExist.${kind}`);
    await newBearer(made(), kind);
    await expectCode(detachFrom(made(), kind, FULL), 404, `EntityNotExist.${kind}.Policy`);
    await expectCode(detachFrom(made(), kind, { name: 'p' }), 404, 'EntityNotExist.Policy');
  });
}

/** Tests of the block `behaviour` of listing what is attached. */
export function itListsAttached({ made, kind }: AttachmentTests): void {
  it('lists policies of both types, oldest attachment first', async () => {
    await newBearer(made(), kind);
    await ok(
      made().call('CreatePolicy', {
        PolicyName: 'p',
        PolicyDocument: policyOf(ANYTHING),
        Description: 'all',
      }),
    );
    await ok(attachTo(made(), kind, FULL));
    made().api.clock.advance(5000);
    await ok(attachTo(made(), kind, { name: 'p' }));
    const json = await ok(made().call(`ListPoliciesFor${kind}`, { [`${kind}Name`]: 'it' }));
    const at = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z');
    const now = made().api.clock.now();
    expect(json['Policies']).toEqual({
      Policy: [
        {
          PolicyName: FULL.name,
          PolicyType: 'System',
          Description: 'Provides full access to ApsaraVideo Live.',
          DefaultVersion: 'v1',
          AttachDate: at(now - 5000),
        },
        {
          PolicyName: 'p',
          PolicyType: 'Custom',
          Description: 'all',
          DefaultVersion: 'v1',
          AttachDate: at(now),
        },
      ],
    });
  });

  it('tells nothing of another account', async () => {
    await newBearer(made(), kind);
    const other = await made().otherAccount();
    const name = { [`${kind}Name`]: 'it' };
    expect(await ok(made().call(`ListPoliciesFor${kind}`, name))).toMatchObject({ Policies: { Policy: [] } });
    await expectCode(other.call(`ListPoliciesFor${kind}`, name), 404, `EntityNotExist.${kind}`);
  });
}
