import type { Operation } from '../operation.ts';
import { AssumeRole } from './AssumeRole.ts';
import { GetCallerIdentity } from './GetCallerIdentity.ts';

/** The operations of STS (2015-04-01). */
export const STS_OPERATIONS: readonly Operation[] = [AssumeRole, GetCallerIdentity];
