import type { Operation } from '../operation.ts';
import { CreateUser } from './CreateUser.ts';

/** The operations of RAM (2015-05-01). */
export const RAM_OPERATIONS: readonly Operation[] = [CreateUser];
