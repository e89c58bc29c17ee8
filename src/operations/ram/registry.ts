import type { Operation } from '../operation.ts';
import { AddUserToGroup } from './AddUserToGroup.ts';
import { AttachPolicyToGroup } from './AttachPolicyToGroup.ts';
import { AttachPolicyToRole } from './AttachPolicyToRole.ts';
import { AttachPolicyToUser } from './AttachPolicyToUser.ts';
import { CreateAccessKey } from './CreateAccessKey.ts';
import { CreateGroup } from './CreateGroup.ts';
import { CreatePolicy } from './CreatePolicy.ts';
import { CreatePolicyVersion } from './CreatePolicyVersion.ts';
import { CreateRole } from './CreateRole.ts';
import { CreateUser } from './CreateUser.ts';
import { DeleteAccessKey } from './DeleteAccessKey.ts';
import { DeleteGroup } from './DeleteGroup.ts';
import { DeletePolicy } from './DeletePolicy.ts';
import { DeletePolicyVersion } from './DeletePolicyVersion.ts';
import { DeleteRole } from './DeleteRole.ts';
import { DeleteUser } from './DeleteUser.ts';
import { DetachPolicyFromGroup } from './DetachPolicyFromGroup.ts';
import { DetachPolicyFromRole } from './DetachPolicyFromRole.ts';
import { DetachPolicyFromUser } from './DetachPolicyFromUser.ts';
import { GetGroup } from './GetGroup.ts';
import { GetPolicy } from './GetPolicy.ts';
import { GetPolicyVersion } from './GetPolicyVersion.ts';
import { GetRole } from './GetRole.ts';
import { GetUser } from './GetUser.ts';
import { ListAccessKeys } from './ListAccessKeys.ts';
import { ListEntitiesForPolicy } from './ListEntitiesForPolicy.ts';
import { ListGroups } from './ListGroups.ts';
import { ListGroupsForUser } from './ListGroupsForUser.ts';
import { ListPolicies } from './ListPolicies.ts';
import { ListPoliciesForGroup } from './ListPoliciesForGroup.ts';
import { ListPoliciesForRole } from './ListPoliciesForRole.ts';
import { ListPoliciesForUser } from './ListPoliciesForUser.ts';
import { ListPolicyVersions } from './ListPolicyVersions.ts';
import { ListRoles } from './ListRoles.ts';
import { ListUsers } from './ListUsers.ts';
import { ListUsersForGroup } from './ListUsersForGroup.ts';
import { RemoveUserFromGroup } from './RemoveUserFromGroup.ts';
import { SetDefaultPolicyVersion } from './SetDefaultPolicyVersion.ts';
import { SimulatePolicy } from './SimulatePolicy.ts';
import { UpdateAccessKey } from './UpdateAccessKey.ts';
import { UpdateGroup } from './UpdateGroup.ts';
import { UpdatePolicyDescription } from './UpdatePolicyDescription.ts';
import { UpdateRole } from './UpdateRole.ts';
import { UpdateUser } from './UpdateUser.ts';

/** The operations of RAM (2015-05-01). */
export const RAM_OPERATIONS: readonly Operation[] = [
  AddUserToGroup,
  AttachPolicyToGroup,
  AttachPolicyToRole,
  AttachPolicyToUser,
  CreateAccessKey,
  CreateGroup,
  CreatePolicy,
  CreatePolicyVersion,
  CreateRole,
  CreateUser,
  DeleteAccessKey,
  DeleteGroup,
  DeletePolicy,
  DeletePolicyVersion,
  DeleteRole,
  DeleteUser,
  DetachPolicyFromGroup,
  DetachPolicyFromRole,
  DetachPolicyFromUser,
  GetGroup,
  GetPolicy,
  GetPolicyVersion,
  GetRole,
  GetUser,
  ListAccessKeys,
  ListEntitiesForPolicy,
  ListGroups,
  ListGroupsForUser,
  ListPolicies,
  ListPoliciesForGroup,
  ListPoliciesForRole,
  ListPoliciesForUser,
  ListPolicyVersions,
  ListRoles,
  ListUsers,
  ListUsersForGroup,
  RemoveUserFromGroup,
  SetDefaultPolicyVersion,
  SimulatePolicy,
  UpdateAccessKey,
  UpdateGroup,
  UpdatePolicyDescription,
  UpdateRole,
  UpdateUser,
];
