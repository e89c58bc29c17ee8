import { describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { MAX_GROUPS } from '../../../src/core/ram/groups.ts';
import { ok } from '../../support/ram-things.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const list = (params: Record<string, string> = {}) => ok(made.call('ListGroups', params));
const namesIn = (json: Readonly<Record<string, unknown>>) =>
  (json['Groups'] as { Group: { GroupName: string }[] }).Group.map(({ GroupName }) => GroupName);

describe('parameters', () => {
  it.each(['0', '101', '-1', 'all'])('refuses MaxItems=%j', async (MaxItems) => {
    await expectCode(made.call('ListGroups', { MaxItems }), 400, 'InvalidMaxItems.Malformed');
  });

  it.each(['a b', '../x', 'x'.repeat(600)])('refuses Marker=%j', async (Marker) => {
    await expectCode(made.call('ListGroups', { Marker }), 400, 'InvalidMarker.Malformed');
  });
});

describe('permission', () => {
  itAsksForPermission({ api: () => made.api, action: 'ListGroups', params: () => ({}) }, () => [
    `acs:ram:*:${made.accountId}:group/*`,
  ]);
});

describe('limits', () => {
  itIsLimitedTo('ListGroups', { calls: 50, perSeconds: 1 });

  it('shows all groups that an account can have, in pages', async () => {
    await made.fill('group', MAX_GROUPS);
    const first = await list();
    const second = await list({ Marker: String(first['Marker']) });
    expect(second).toMatchObject({ IsTruncated: false });
    const names = [...namesIn(first), ...namesIn(second)];
    expect(namesIn(first)).toHaveLength(100);
    expect(names).toEqual([...made.account().groups.keys()].sort());
  });
});

describe('behaviour', () => {
  it('answers an empty list in an account without groups', async () => {
    await (await made.otherAccount()).call('CreateGroup', { GroupName: 'staff' });
    const { RequestId: _, ...json } = await list();
    expect(json).toEqual({ IsTruncated: false, Groups: { Group: [] } });
  });

  it('shows every group as GetGroup does, by name, and goes on after the marker', async () => {
    for (const GroupName of ['c', 'a', 'b']) await ok(made.call('CreateGroup', { GroupName }));
    await ok(made.call('UpdateGroup', { GroupName: 'a', NewComments: 'changed' }));
    const first = await list({ MaxItems: '2' });
    expect(first).toMatchObject({ IsTruncated: true });
    expect(namesIn(first)).toEqual(['a', 'b']);
    const { Group } = await ok(made.call('GetGroup', { GroupName: 'a' }));
    expect((first['Groups'] as { Group: unknown[] }).Group[0]).toEqual(Group);
    expect(namesIn(await list({ MaxItems: '2', Marker: String(first['Marker']) }))).toEqual(['c']);
  });

  it('repeats the element in XML', async () => {
    for (const GroupName of ['a', 'b']) await ok(made.call('CreateGroup', { GroupName }));
    const { body } = await made.call('ListGroups', { Format: 'XML' });
    const names = [...body.matchAll(/<Group><GroupId>g-\w+<\/GroupId><GroupName>(\w+)<\/GroupName>/g)];
    expect(names.map(([, name]) => name)).toEqual(['a', 'b']);
    expect(body).toContain('<Groups><Group>');
  });
});
