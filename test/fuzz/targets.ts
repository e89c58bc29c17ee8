import { DOOR_TARGETS } from './doors.ts';
import { FLV_TARGETS } from './flv-targets.ts';
import type { FuzzTarget } from './fuzz.ts';
import { RAM_TARGETS } from './ram-targets.ts';
import { RPC_TARGETS } from './rpc-targets.ts';
import { RTMP_TARGETS } from './rtmp-targets.ts';

/** Everything that reads bytes of strangers. */
export const TARGETS: readonly FuzzTarget[] = [
  ...RTMP_TARGETS,
  ...FLV_TARGETS,
  ...RPC_TARGETS,
  ...RAM_TARGETS,
  ...DOOR_TARGETS,
];
