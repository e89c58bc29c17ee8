import { DEFAULT_INGEST_LIMITS } from '../ingest/settings.ts';
import type { IngestLimits } from '../ingest/settings.ts';
import { integer } from './option-kinds.ts';
import type { Option } from './option-kinds.ts';

const PREFIX = 'ingest.limits.';

type LimitName = keyof IngestLimits;

const KIB = 1024;
const GIB = 1024 * 1024 * 1024;
const HOUR = 3_600_000;

/** Doc and bounds of every limit; a limit without a line here does not compile. */
const LIMITS: Record<LimitName, { doc: string; min: number; max: number }> = {
  maxConnections: { doc: 'RTMP connections and players in all.', min: 1, max: 1_000_000 },
  maxConnectionsPerAddress: {
    doc: 'RTMP connections and players of one IPv4 address or one IPv6 /64.',
    min: 1,
    max: 1_000_000,
  },
  handshakeMs: { doc: 'Milliseconds for the TLS and RTMP handshake.', min: 100, max: HOUR },
  idleMs: { doc: 'Milliseconds from the connection to publish or play.', min: 100, max: HOUR },
  publisherSilenceMs: {
    doc: 'A publisher that sends no media for so many milliseconds is dropped.',
    min: 100,
    max: HOUR,
  },
  playWaitMs: {
    doc: 'Milliseconds that an RTMP player may wait for a stream to begin.',
    min: 100,
    max: HOUR,
  },
  mergeMs: {
    doc: 'Frames are collected for so many milliseconds before they are written to the players; 0 writes each at once.',
    min: 0,
    max: 1000,
  },
  chunkSize: { doc: 'RTMP chunk size of what we send, in bytes.', min: 128, max: 1_000_000 },
  gopCacheBytes: {
    doc: 'Bytes kept of one stream since its last keyframe, for players that join.',
    min: 0,
    max: GIB,
  },
  gopCacheTotalBytes: { doc: 'The same, of all streams together.', min: 0, max: 64 * GIB },
  playerQueueBytes: {
    doc: 'Bytes that may wait for one player before it skips to the next keyframe.',
    min: 64 * KIB,
    max: GIB,
  },
  playerStallMs: {
    doc: 'A player that skips and takes nothing for so many milliseconds is dropped; one that need not skip, after six times as long.',
    min: 100,
    max: HOUR,
  },
};

/** One option per limit of ingest and playback. */
export const LIMIT_OPTIONS = Object.fromEntries(
  (Object.keys(LIMITS) as LimitName[]).map((name) => [
    `${PREFIX}${name}`,
    integer(DEFAULT_INGEST_LIMITS[name], LIMITS[name]),
  ]),
) as { readonly [Name in LimitName as `ingest.limits.${Name}`]: Option<number> };

/** The limits out of the values of {@link LIMIT_OPTIONS}. */
export function limitsOf(options: Readonly<Record<keyof typeof LIMIT_OPTIONS, number>>): IngestLimits {
  const entries = Object.keys(LIMITS).map((name) => [name, options[`${PREFIX}${name as LimitName}`]]);
  return Object.fromEntries(entries) as IngestLimits;
}
