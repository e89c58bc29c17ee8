import { DescribeAuditRecords } from './DescribeAuditRecords.ts';
import { DescribeLiveStreamBlocks } from './DescribeLiveStreamBlocks.ts';
import { DescribeLiveStreamCount } from './DescribeLiveStreamCount.ts';
import { DescribeLiveStreamsBlockList } from './DescribeLiveStreamsBlockList.ts';
import { DescribeLiveStreamsControlHistory } from './DescribeLiveStreamsControlHistory.ts';
import { DescribeLiveStreamsOnlineList } from './DescribeLiveStreamsOnlineList.ts';
import { DescribeLiveStreamsPublishList } from './DescribeLiveStreamsPublishList.ts';
import { DescribeLiveStreamState } from './DescribeLiveStreamState.ts';
import { DescribeServiceStatus } from './DescribeServiceStatus.ts';
import { ForbidLiveStream } from './ForbidLiveStream.ts';
import type { Operation } from './operation.ts';
import { RAM_OPERATIONS } from './ram/registry.ts';
import { ResumeLiveStream } from './ResumeLiveStream.ts';
import { SetServiceLogLevel } from './SetServiceLogLevel.ts';
import { STS_OPERATIONS } from './sts/registry.ts';
import { TEST_MODE_OPERATIONS } from './test-mode/registry.ts';

/** The catalogue: one line per operation. */
export const OPERATIONS: readonly Operation[] = [
  DescribeAuditRecords,
  DescribeLiveStreamBlocks,
  DescribeLiveStreamCount,
  DescribeLiveStreamState,
  DescribeLiveStreamsBlockList,
  DescribeLiveStreamsControlHistory,
  DescribeLiveStreamsOnlineList,
  DescribeLiveStreamsPublishList,
  DescribeServiceStatus,
  ForbidLiveStream,
  ResumeLiveStream,
  SetServiceLogLevel,
  ...RAM_OPERATIONS,
  ...STS_OPERATIONS,
  ...TEST_MODE_OPERATIONS,
];

/** The operation of this name; names are unique over all products. */
export function findOperation(name: string): Operation | undefined {
  return OPERATIONS.find((operation) => operation.name === name);
}
