import type { Operation } from '../operation.ts';
import { AddUserToGroup } from './AddUserToGroup.ts';
import { CreateAccessKey } from './CreateAccessKey.ts';
import { CreateGroup } from './CreateGroup.ts';
import { CreateUser } from './CreateUser.ts';
import { DeleteAccessKey } from './DeleteAccessKey.ts';
import { DeleteGroup } from './DeleteGroup.ts';
import { DeleteUser } from './DeleteUser.ts';
import { GetGroup } from './GetGroup.ts';
import { GetUser } from './GetUser.ts';
import { ListAccessKeys } from './ListAccessKeys.ts';
import { ListGroups } from './ListGroups.ts';
import { ListGroupsForUser } from './ListGroupsForUser.ts';
import { ListUsers } from './ListUsers.ts';
import { ListUsersForGroup } from './ListUsersForGroup.ts';
import { RemoveUserFromGroup } from './RemoveUserFromGroup.ts';
import { UpdateAccessKey } from './UpdateAccessKey.ts';
import { UpdateGroup } from './UpdateGroup.ts';
import { UpdateUser } from './UpdateUser.ts';

/** The operations of RAM (2015-05-01). */
export const RAM_OPERATIONS: readonly Operation[] = [
  AddUserToGroup,
  CreateAccessKey,
  CreateGroup,
  CreateUser,
  DeleteAccessKey,
  DeleteGroup,
  DeleteUser,
  GetGroup,
  GetUser,
  ListAccessKeys,
  ListGroups,
  ListGroupsForUser,
  ListUsers,
  ListUsersForGroup,
  RemoveUserFromGroup,
  UpdateAccessKey,
  UpdateGroup,
  UpdateUser,
];
