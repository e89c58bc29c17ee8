import type { Certificate } from '../base/tls.ts';

/** Where a server listens; port 0 takes a free one. */
export interface Listen {
  readonly host: string;
  readonly port: number;
}

/** The limits and paces of ingest; times in milliseconds, sizes in bytes. */
export interface IngestLimits {
  /** RTMP connections and players in all. */
  readonly maxConnections: number;
  /** Of one IPv4 address or one IPv6 /64. */
  readonly maxConnectionsPerAddress: number;
  /** From the connection to the end of the RTMP (or TLS) handshake. */
  readonly handshakeMs: number;
  /** From the connection to publish or play. */
  readonly idleMs: number;
  /** A publisher that sends no media for so long is dropped. */
  readonly publisherSilenceMs: number;
  /** How long an RTMP player may wait for a stream to begin. */
  readonly playWaitMs: number;
  /** Frames are collected for so long before they are written to the players; 0 writes each at once. */
  readonly mergeMs: number;
  /** Chunk size of what we send. */
  readonly chunkSize: number;
  /** What is kept of a stream since its last keyframe, for players that join. */
  readonly gopCacheBytes: number;
  /** The same of all streams together, and what their configurations take beyond 8 KiB each. */
  readonly gopCacheTotalBytes: number;
  /** What may wait for one player before it skips to the next keyframe. */
  readonly playerQueueBytes: number;
  /** A player that skips and takes nothing for so long is dropped; one that need not skip, after six times as long. */
  readonly playerStallMs: number;
}

/** The limits that fit one machine. */
export const DEFAULT_INGEST_LIMITS: IngestLimits = {
  maxConnections: 4000,
  maxConnectionsPerAddress: 200,
  handshakeMs: 5000,
  idleMs: 10_000,
  publisherSilenceMs: 10_000,
  playWaitMs: 10_000,
  mergeMs: 40,
  chunkSize: 60_000,
  gopCacheBytes: 8 * 1024 * 1024,
  gopCacheTotalBytes: 512 * 1024 * 1024,
  playerQueueBytes: 4 * 1024 * 1024,
  playerStallMs: 10_000,
};

/** What the configuration says of ingest. */
export interface IngestSettings {
  readonly rtmp: Listen;
  /** RTMP over TLS; left out: none. */
  readonly rtmps?: Listen & Certificate;
  /** Address ranges (CIDR) of proxies whose word on the client's address counts. */
  readonly trustedProxies: readonly string[];
  /** What differs from {@link DEFAULT_INGEST_LIMITS}. */
  readonly limits?: Partial<IngestLimits>;
}
