import { DescribeLiveStreamBlocks } from './DescribeLiveStreamBlocks.ts';
import { DescribeLiveStreamCount } from './DescribeLiveStreamCount.ts';
import { DescribeLiveStreamsBlockList } from './DescribeLiveStreamsBlockList.ts';
import { DescribeLiveStreamsControlHistory } from './DescribeLiveStreamsControlHistory.ts';
import { DescribeLiveStreamsOnlineList } from './DescribeLiveStreamsOnlineList.ts';
import { DescribeLiveStreamsPublishList } from './DescribeLiveStreamsPublishList.ts';
import { DescribeLiveStreamState } from './DescribeLiveStreamState.ts';
import { ForbidLiveStream } from './ForbidLiveStream.ts';
import type { Operation } from './operation.ts';
import { ResumeLiveStream } from './ResumeLiveStream.ts';

/** The API's version, the only one there is. */
export const API_VERSION = '2016-11-01';

/** The catalogue: one line per operation. */
export const OPERATIONS: readonly Operation[] = [
  DescribeLiveStreamBlocks,
  DescribeLiveStreamCount,
  DescribeLiveStreamState,
  DescribeLiveStreamsBlockList,
  DescribeLiveStreamsControlHistory,
  DescribeLiveStreamsOnlineList,
  DescribeLiveStreamsPublishList,
  ForbidLiveStream,
  ResumeLiveStream,
];
