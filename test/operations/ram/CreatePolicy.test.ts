import { describe, expect, it } from 'vitest';
import { MAX_POLICIES } from '../../../src/core/ram/policies.ts';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { newBearer, policyOf, READ_ALL } from '../../support/policies.ts';
import { ok } from '../../support/ram-things.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const create = (more: Record<string, string> = {}) =>
  made.call('CreatePolicy', { PolicyName: 'p', PolicyDocument: READ_ALL, ...more });

/** A policy of exactly so many bytes of UTF-8. */
function policyOfBytes(bytes: number): string {
  const text = (fill: string) =>
    policyOf({
      ...{ Effect: 'Allow', Action: 'live:*', Resource: '*' },
      Condition: { StringEquals: { 'acs:UserAgent': `ä${fill}` } },
    });
  return text('x'.repeat(bytes - Buffer.byteLength(text(''))));
}

describe('parameters', () => {
  it.each([
    ['PolicyName', 'a_b'],
    ['PolicyName', 'a b'],
    ['PolicyName', 'x'.repeat(129)],
    ['Description', 'x'.repeat(1025)],
  ])('refuses %s=%j', async (name, value) => {
    await expectCode(create({ [name]: value }), 400, `Invalid${name}.Malformed`);
    expect(made.account().policies.size).toBe(0);
  });

  it.each([
    ['{', 'The document is not valid JSON'],
    [
      policyOf({ Effect: 'Allow', Action: 'live:*', Resource: '*' }, { Effect: 'Permit' }),
      'Statement[1].Effect',
    ],
    [policyOf({ Effect: 'Allow', Action: 'live:*', NotAction: 'x:y', Resource: '*' }), 'Statement[0]'],
    [
      policyOf({ Effect: 'Allow', Action: 'live:*', Resource: '*', Condition: { Null: {} } }),
      'operator "Null"',
    ],
  ])('refuses the policy %s and says where', async (PolicyDocument, where) => {
    const { status, json } = await create({ PolicyDocument });
    expect({ status, json }).toMatchObject({ status: 400, json: { Code: 'MalformedPolicyDocument' } });
    expect(json['Message']).toContain(where);
    expect(made.account().policies.size).toBe(0);
  });

  it('takes 6,144 bytes and no more', async () => {
    const { status, json } = await create({ PolicyDocument: policyOfBytes(6145) });
    expect({ status, json }).toMatchObject({ status: 400, json: { Code: 'MalformedPolicyDocument' } });
    expect(json['Message']).toContain('6144 bytes');
    await ok(create({ PolicyDocument: policyOfBytes(6144) }));
  });
});

describe('permission', () => {
  const params = () => ({ PolicyName: 'p', PolicyDocument: READ_ALL });
  itAsksForPermission({ api: () => made.api, action: 'CreatePolicy', params }, () => [
    `acs:ram:*:${made.accountId}:policy/p`,
  ]);
});

describe('limits', () => {
  itIsLimitedTo('CreatePolicy', { calls: 20, perSeconds: 1 });

  it('has room for so many policies and no more', async () => {
    await made.fill('policy', MAX_POLICIES);
    await expectCode(create(), 409, 'LimitExceeded.Policy');
    await ok(made.call('DeletePolicy', { PolicyName: 'filler-7' }));
    await ok(create());
  });
});

describe('behaviour', () => {
  it('makes the policy, at once and for good', async () => {
    const { RequestId: _, ...json } = await ok(create({ Description: 'for everyone' }));
    const CreateDate = new Date(made.api.clock.now()).toISOString().replace('.000Z', 'Z');
    const Policy = {
      PolicyName: 'p',
      PolicyType: 'Custom',
      Description: 'for everyone',
      DefaultVersion: 'v1',
    };
    expect(json).toEqual({ Policy: { ...Policy, CreateDate } });
    const { entities } = await made.api.store.feed.snapshot();
    expect(entities.map(({ entity }) => entity)).toContainEqual(made.account().policies.get('p'));
    expect(made.account().policies.get('p')).toMatchObject({ versions: [{ id: 'v1', document: READ_ALL }] });
  });

  it('permits nothing by itself', async () => {
    await newBearer(made, 'User');
    await ok(create({ PolicyDocument: policyOf({ Effect: 'Allow', Action: '*', Resource: '*' }) }));
    await expectCode(made.call('ListUsers', {}, await made.userWith()), 403, 'NoPermission');
  });

  it('refuses a name that is taken, but not in another account', async () => {
    await ok(create());
    await expectCode(create({ Description: 'other' }), 409, 'EntityAlreadyExists.Policy');
    expect(made.account().policies.get('p')?.description).toBeNull();
    const other = await made.otherAccount();
    await ok(other.call('CreatePolicy', { PolicyName: 'p', PolicyDocument: READ_ALL }));
  });

  it('refuses the name of a system policy', async () => {
    await expectCode(create({ PolicyName: 'AliyunLiveFullAccess' }), 409, 'EntityAlreadyExists.Policy');
  });
});
