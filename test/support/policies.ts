import type { InAccount } from './accounts.ts';
import type { CallerKey } from './api-harness.ts';
import { newKey, ok } from './ram-things.ts';

/** The text of a policy of these statements. */
export function policyOf(...statements: readonly object[]): string {
  return JSON.stringify({ Version: '1', Statement: statements });
}

/** Text that is allowed on everything. */
export const READ_ALL = policyOf({ Effect: 'Allow', Action: 'live:Describe*', Resource: '*' });

/** Makes a policy through the API. */
export async function newPolicy(made: InAccount, PolicyName = 'p', PolicyDocument = READ_ALL): Promise<void> {
  await ok(made.call('CreatePolicy', { PolicyName, PolicyDocument }));
}

/** Adds versions to a policy until it has so many. */
export async function withVersions(made: InAccount, count: number, PolicyName = 'p'): Promise<void> {
  for (let version = 2; version <= count; version++)
    await ok(made.call('CreatePolicyVersion', { PolicyName, PolicyDocument: READ_ALL }));
}

/** Puts a text in force of a policy. */
export async function putInForce(made: InAccount, PolicyDocument: string, PolicyName = 'p'): Promise<void> {
  const RotateStrategy = 'DeleteOldestNonDefaultVersionWhenLimitExceeded';
  const params = { PolicyName, PolicyDocument, SetAsDefault: 'true', RotateStrategy };
  await ok(made.call('CreatePolicyVersion', params));
}

/** What policies are attached to. */
export type BearerKind = 'User' | 'Group' | 'Role';

/** Makes a user, group or role called `it` through the API. */
export async function newBearer(made: InAccount, kind: BearerKind): Promise<void> {
  const trust = policyOf({
    Effect: 'Allow',
    Action: 'sts:AssumeRole',
    Principal: { RAM: [`acs:ram::${made.accountId}:root`] },
  });
  const extra = kind === 'Role' ? { AssumeRolePolicyDocument: trust } : {};
  await ok(made.call(`Create${kind}`, { [`${kind}Name`]: 'it', ...extra }));
}

/** Attaches a policy to what {@link newBearer} made. */
export function attachTo(made: InAccount, kind: BearerKind, policy: { name: string; type?: string }) {
  const { name: PolicyName, type: PolicyType = 'Custom' } = policy;
  return made.call(`AttachPolicyTo${kind}`, { PolicyType, PolicyName, [`${kind}Name`]: 'it' });
}

/** Takes a policy away from what {@link newBearer} made. */
export function detachFrom(made: InAccount, kind: BearerKind, policy: { name: string; type?: string }) {
  const { name: PolicyName, type: PolicyType = 'Custom' } = policy;
  return made.call(`DetachPolicyFrom${kind}`, { PolicyType, PolicyName, [`${kind}Name`]: 'it' });
}

/** Whoever acts with the policies of what {@link newBearer} made: the user, one of the group, or a session. */
export async function actingAs(made: InAccount, kind: BearerKind): Promise<CallerKey> {
  if (kind === 'User') return newKey(made, { UserName: 'it' });
  await ok(made.call('CreateUser', { UserName: 'member' }));
  const key = await newKey(made, { UserName: 'member' });
  if (kind === 'Group') {
    await ok(made.call('AddUserToGroup', { UserName: 'member', GroupName: 'it' }));
    return key;
  }
  const mayAssume = policyOf({ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' });
  await newPolicy(made, 'may-assume', mayAssume);
  const params = { PolicyType: 'Custom', PolicyName: 'may-assume', UserName: 'member' };
  await ok(made.call('AttachPolicyToUser', params));
  const asked = { RoleArn: `acs:ram::${made.accountId}:role/it`, RoleSessionName: 'night' };
  const { Credentials } = await ok(made.call('AssumeRole', asked, key));
  const given = Credentials as Record<string, string>;
  return {
    accessKeyId: given['AccessKeyId']!,
    accessKeySecret: given['AccessKeySecret']!,
    securityToken: given['SecurityToken']!,
  };
}

/** The names in a wrapped list of an answer. */
export function namesIn(json: Readonly<Record<string, unknown>>, list: string, item: string): string[] {
  const entries = (json[list] as Record<string, Record<string, string>[]>)[item] ?? [];
  return entries.map((entry) => entry[`${item}Name`]!);
}
