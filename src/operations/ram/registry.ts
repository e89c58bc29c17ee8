import type { Operation } from '../operation.ts';
import { CreateAccessKey } from './CreateAccessKey.ts';
import { CreateUser } from './CreateUser.ts';
import { DeleteAccessKey } from './DeleteAccessKey.ts';
import { DeleteUser } from './DeleteUser.ts';
import { GetUser } from './GetUser.ts';
import { ListAccessKeys } from './ListAccessKeys.ts';
import { ListUsers } from './ListUsers.ts';
import { UpdateAccessKey } from './UpdateAccessKey.ts';
import { UpdateUser } from './UpdateUser.ts';

/** The operations of RAM (2015-05-01). */
export const RAM_OPERATIONS: readonly Operation[] = [
  CreateAccessKey,
  CreateUser,
  DeleteAccessKey,
  DeleteUser,
  GetUser,
  ListAccessKeys,
  ListUsers,
  UpdateAccessKey,
  UpdateUser,
];
