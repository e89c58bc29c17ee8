import type { Operation } from '../operation.ts';
import { CreateUser } from './CreateUser.ts';
import { DeleteUser } from './DeleteUser.ts';
import { GetUser } from './GetUser.ts';
import { ListUsers } from './ListUsers.ts';
import { UpdateUser } from './UpdateUser.ts';

/** The operations of RAM (2015-05-01). */
export const RAM_OPERATIONS: readonly Operation[] = [CreateUser, DeleteUser, GetUser, ListUsers, UpdateUser];
