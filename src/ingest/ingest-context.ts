import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { Logger } from '../base/logger.ts';
import type { AddressRanges } from '../base/net-address.ts';
import type { Core } from '../core/core.ts';
import type { ConnectionCaps } from '../base/connection-caps.ts';
import type { Hubs } from './hubs.ts';
import type { IngestMeter } from './meter.ts';
import type { IngestLimits } from './settings.ts';

/** What ingest is given. */
export interface IngestDeps {
  readonly core: Core;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly meter: IngestMeter;
}

/** A connection as the closing of the server sees it. */
export interface OpenConnection {
  /** Whether it neither publishes nor plays, and is not ending. */
  readonly isIdle: boolean;
  /** Ends it at once, even when it is ending already. */
  drop(reason: string): void;
}

/** What the servers of ingest share. */
export interface IngestContext extends IngestDeps {
  readonly limits: IngestLimits;
  readonly hubs: Hubs;
  /** Of RTMP connections and players together. */
  readonly caps: ConnectionCaps;
  readonly trustedProxies: AddressRanges;
  /** Every RTMP peer and every player there is. */
  readonly open: Set<OpenConnection>;
}
