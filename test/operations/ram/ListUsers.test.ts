import { describe, expect, it } from 'vitest';
import { eachWithAnAccount } from '../../support/accounts.ts';
import type { InAccount } from '../../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../../support/operation-blocks.ts';
import { MAX_USERS } from '../../../src/core/ram/users.ts';
import { ok } from '../../support/ram-things.ts';

let made: InAccount;
eachWithAnAccount((fresh) => (made = fresh));
const list = (params: Record<string, string> = {}) => ok(made.call('ListUsers', params));
const namesIn = (json: Readonly<Record<string, unknown>>) =>
  (json['Users'] as { User: { UserName: string }[] }).User.map(({ UserName }) => UserName);

async function addAll(...names: string[]): Promise<void> {
  for (const UserName of names) await ok(made.call('CreateUser', { UserName }));
}

describe('parameters', () => {
  it.each(['0', '1001', '-1', 'all'])('refuses MaxItems=%j', async (MaxItems) => {
    await expectCode(made.call('ListUsers', { MaxItems }), 400, 'InvalidMaxItems.Malformed');
  });

  it.each(['a b', '../x', 'x'.repeat(600)])('refuses Marker=%j', async (Marker) => {
    await expectCode(made.call('ListUsers', { Marker }), 400, 'InvalidMarker.Malformed');
  });
});

describe('permission', () => {
  itAsksForPermission({ api: () => made.api, action: 'ListUsers', params: () => ({}) }, () => [
    `acs:ram:*:${made.accountId}:user/*`,
  ]);
});

describe('limits', () => {
  itIsLimitedTo('ListUsers', { calls: 50, perSeconds: 1 });

  it('has 100 entries in a page unless it is told otherwise, and all of them if so', async () => {
    await made.fill('user', MAX_USERS);
    expect(namesIn(await list())).toHaveLength(100);
    const all = await list({ MaxItems: '1000' });
    expect(namesIn(all)).toHaveLength(MAX_USERS);
    expect(all).toMatchObject({ IsTruncated: false });
    expect(all).not.toHaveProperty('Marker');
  });
});

describe('behaviour', () => {
  it('answers an empty list in an account without users', async () => {
    await (await made.otherAccount()).call('CreateUser', { UserName: 'alice' });
    const { RequestId: _, ...json } = await list();
    expect(json).toEqual({ IsTruncated: false, Users: { User: [] } });
  });

  it('shows every user as GetUser does, by name', async () => {
    await addAll('carol', 'alice', 'Bob');
    const json = await list();
    expect(namesIn(json)).toEqual(['Bob', 'alice', 'carol']);
    const { User } = await ok(made.call('GetUser', { UserName: 'alice' }));
    expect((json['Users'] as { User: unknown[] }).User[1]).toEqual(User);
  });

  it('goes through all pages without a repetition, while users come and go', async () => {
    await addAll('a', 'b', 'c', 'd', 'e');
    const first = await list({ MaxItems: '2' });
    expect(first).toMatchObject({ IsTruncated: true });
    expect(namesIn(first)).toEqual(['a', 'b']);
    await ok(made.call('DeleteUser', { UserName: 'b' }));
    await addAll('aa');
    const second = await list({ MaxItems: '2', Marker: String(first['Marker']) });
    expect(namesIn(second)).toEqual(['c', 'd']);
    const third = await list({ MaxItems: '2', Marker: String(second['Marker']) });
    expect(namesIn(third)).toEqual(['e']);
    expect(third).toMatchObject({ IsTruncated: false });
    expect(third).not.toHaveProperty('Marker');
  });

  it('is not truncated when the last page is full', async () => {
    await addAll('a', 'b');
    expect(await list({ MaxItems: '2' })).toMatchObject({ IsTruncated: false });
  });

  it('repeats the element in XML', async () => {
    await addAll('alice', 'bob');
    const { body } = await made.call('ListUsers', { Format: 'XML' });
    expect(body).toMatch(
      /<ListUsersResponse><RequestId>[^<]+<\/RequestId><IsTruncated>false<\/IsTruncated><Users><User>.*<\/User><\/Users><\/ListUsersResponse>$/,
    );
    expect(body.match(/<User><UserId>\d{18}<\/UserId><UserName>(alice|bob)<\/UserName>/g)).toHaveLength(2);
  });
});
