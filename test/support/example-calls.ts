import { findOperation } from '../../src/operations/registry.ts';
import type { InAccount } from './accounts.ts';
import type { CallerKey } from './api-harness.ts';
import { exampleCall } from './operation-examples.ts';

type Parameters = Readonly<Record<string, string>>;

/** Calls, with their own examples, that must come before an operation's example can succeed. */
const BEFORE: Readonly<Record<string, readonly string[]>> = {
  GetUser: ['CreateUser'],
  UpdateUser: ['CreateUser'],
  DeleteUser: ['CreateUser'],
  CreateAccessKey: ['CreateUser'],
  ListAccessKeys: ['CreateUser'],
  GetGroup: ['CreateGroup'],
  UpdateGroup: ['CreateGroup'],
  DeleteGroup: ['CreateGroup'],
  AddUserToGroup: ['CreateUser', 'CreateGroup'],
  RemoveUserFromGroup: ['CreateUser', 'CreateGroup', 'AddUserToGroup'],
  ListGroupsForUser: ['CreateUser', 'CreateGroup', 'AddUserToGroup'],
  ListUsersForGroup: ['CreateUser', 'CreateGroup', 'AddUserToGroup'],
  GetPolicy: ['CreatePolicy'],
  DeletePolicy: ['CreatePolicy'],
  UpdatePolicyDescription: ['CreatePolicy'],
  CreatePolicyVersion: ['CreatePolicy'],
  GetPolicyVersion: ['CreatePolicy', 'CreatePolicyVersion'],
  ListPolicyVersions: ['CreatePolicy'],
  SetDefaultPolicyVersion: ['CreatePolicy', 'CreatePolicyVersion'],
  DeletePolicyVersion: ['CreatePolicy', 'CreatePolicyVersion'],
  ListEntitiesForPolicy: ['CreatePolicy'],
  AttachPolicyToUser: ['CreateUser', 'CreatePolicy'],
  DetachPolicyFromUser: ['CreateUser', 'CreatePolicy', 'AttachPolicyToUser'],
  ListPoliciesForUser: ['CreateUser', 'CreatePolicy', 'AttachPolicyToUser'],
  AttachPolicyToGroup: ['CreateGroup', 'CreatePolicy'],
  DetachPolicyFromGroup: ['CreateGroup', 'CreatePolicy', 'AttachPolicyToGroup'],
  ListPoliciesForGroup: ['CreateGroup', 'CreatePolicy', 'AttachPolicyToGroup'],
  GetRole: ['CreateRole'],
  UpdateRole: ['CreateRole'],
  DeleteRole: ['CreateRole'],
  AttachPolicyToRole: ['CreateRole', 'CreatePolicy'],
  DetachPolicyFromRole: ['CreateRole', 'CreatePolicy', 'AttachPolicyToRole'],
  ListPoliciesForRole: ['CreateRole', 'CreatePolicy', 'AttachPolicyToRole'],
  SimulatePolicy: ['CreateUser'],
  // Whatever an earlier test left.
  ForbidLiveStream: ['ResumeLiveStream'],
};

/** A call that will succeed. */
export interface ReadyCall {
  readonly params: Parameters;
  /** Who calls; absent: the owner of the account. */
  readonly as?: CallerKey;
}

/** What an example cannot foresee. */
const FORESEEN: Readonly<Record<string, (made: InAccount) => Promise<ReadyCall>>> = {
  UpdateAccessKey: newUserKey,
  DeleteAccessKey: newUserKey,
  AssumeRole: trustingRole,
};

/** Owners take on no roles: a user does. */
async function trustingRole(made: InAccount): Promise<ReadyCall> {
  const { accountId } = made;
  const trust = {
    Effect: 'Allow',
    Action: 'sts:AssumeRole',
    Principal: { RAM: [`acs:ram::${accountId}:root`] },
  };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '1', Statement: [trust] });
  const { json } = await made.call('CreateRole', { ...exampleOf('CreateRole'), AssumeRolePolicyDocument });
  const { Arn } = json['Role'] as { Arn: string };
  const may = { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' };
  const as = await made.userWith(JSON.stringify({ Version: '1', Statement: [may] }));
  return { params: { RoleArn: Arn }, as };
}

async function newUserKey(made: InAccount): Promise<ReadyCall> {
  const { UserName } = exampleOf('CreateUser');
  await made.call('CreateUser', exampleOf('CreateUser'));
  const { json } = await made.call('CreateAccessKey', { UserName: UserName ?? '' });
  const { AccessKeyId } = json['AccessKey'] as { AccessKeyId: string };
  return { params: { UserName: UserName ?? '', UserAccessKeyId: AccessKeyId } };
}

function exampleOf(name: string): Record<string, string> {
  const operation = findOperation(name);
  if (!operation) throw new Error(`there is no operation ${name}`);
  return exampleCall(operation);
}

/** Makes what an operation's example speaks of. */
export async function readyToCall(made: InAccount, name: string): Promise<ReadyCall> {
  for (const before of BEFORE[name] ?? []) {
    const { status, json } = await made.call(before, exampleOf(before));
    if (status !== 200) throw new Error(`${before}, before ${name}: ${JSON.stringify(json)}`);
  }
  const foreseen = await FORESEEN[name]?.(made);
  return { ...foreseen, params: { ...exampleOf(name), ...foreseen?.params } };
}
