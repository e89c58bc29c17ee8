import { describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { attachTo, namesIn, newBearer, newPolicy } from '../../support/policies.ts';
import { ok } from '../../support/ram-things.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const list = (params: Record<string, string> = {}) => made.call('ListPolicies', params);
const namesOf = async (params: Record<string, string> = {}) =>
  namesIn(await ok(list(params)), 'Policies', 'Policy');
const SYSTEM = ['AliyunLiveFullAccess', 'AliyunLiveReadOnlyAccess'];

describe('parameters', () => {
  it.each([
    ['PolicyType', 'All'],
    ['MaxItems', '1001'],
    ['MaxItems', '0'],
    ['Marker', 'a b'],
  ])('refuses %s=%s', async (name, value) => {
    await expectCode(list({ [name]: value }), 400, `Invalid${name}.Malformed`);
  });
});

describe('permission', () => {
  const params = () => ({});
  itAsksForPermission({ api: () => made.api, action: 'ListPolicies', params }, () => [
    `acs:ram:*:${made.accountId}:policy/*`,
  ]);
});

describe('limits', () => {
  itIsLimitedTo('ListPolicies', { calls: 50, perSeconds: 1 });
});

describe('behaviour', () => {
  it('lists the policies of the account and those that the service brings', async () => {
    await newPolicy(made, 'zebra');
    await newPolicy(made, 'ant');
    expect(await namesOf()).toEqual(['ant', 'zebra', ...SYSTEM]);
    expect(await namesOf({ PolicyType: 'Custom' })).toEqual(['ant', 'zebra']);
    expect(await namesOf({ PolicyType: 'System' })).toEqual(SYSTEM);
  });

  it('counts what each is attached to', async () => {
    await newPolicy(made);
    await newBearer(made, 'User');
    await newBearer(made, 'Role');
    await ok(attachTo(made, 'User', { name: 'p' }));
    await ok(attachTo(made, 'Role', { name: 'p' }));
    const { Policies } = await ok(list({ PolicyType: 'Custom' }));
    expect(Policies).toMatchObject({
      Policy: [{ PolicyName: 'p', AttachmentCount: 2, DefaultVersion: 'v1' }],
    });
  });

  it('gives every policy once, page by page, while others come and go', async () => {
    await made.fill('policy', 10);
    const seen: string[] = [];
    let Marker: string | undefined;
    do {
      const json = await ok(list({ MaxItems: '5', ...(Marker && { Marker }) }));
      seen.push(...namesIn(json, 'Policies', 'Policy'));
      Marker = json['Marker'] as string | undefined;
      expect(json['IsTruncated']).toBe(Marker !== undefined);
      if (seen.length === 5) {
        await ok(made.call('DeletePolicy', { PolicyName: seen[4]! }));
        await newPolicy(made, 'a-first');
      }
    } while (Marker !== undefined);
    const fillers = Array.from({ length: 10 }, (_, index) => `filler-${index}`);
    expect(seen).toEqual([...fillers, ...SYSTEM]);
  });

  it('does not list the policies of another account', async () => {
    const other = await made.otherAccount();
    await newPolicy(made);
    expect(namesIn(await ok(other.call('ListPolicies')), 'Policies', 'Policy')).toEqual(SYSTEM);
  });
});
