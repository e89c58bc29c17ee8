import type { Operation } from '../operation.ts';
import { AdvanceTestClock } from './AdvanceTestClock.ts';
import { DescribeTestState } from './DescribeTestState.ts';
import { InjectTestFault } from './InjectTestFault.ts';
import { ResetTestState } from './ResetTestState.ts';
import { SetTestClock } from './SetTestClock.ts';

/** The operations that exist only in test mode. */
export const TEST_MODE_OPERATIONS: readonly Operation[] = [
  AdvanceTestClock,
  DescribeTestState,
  InjectTestFault,
  ResetTestState,
  SetTestClock,
];
