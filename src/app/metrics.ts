import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { FeedTail } from '../core/feed-tail.ts';
import type { StreamRegistry } from '../core/streams.ts';
import type { CallMeter } from '../gateway/record.ts';
import type { IngestMeter } from '../ingest/meter.ts';

/** What is read off the rules. */
interface WatchedCore {
  readonly streams: Pick<StreamRegistry, 'list' | 'countPlayers'>;
  readonly feed: Pick<FeedTail, 'staleness'>;
}

/** The figures of one service, as Prometheus reads them. */
export interface Metrics {
  readonly calls: CallMeter;
  readonly ingest: IngestMeter;
  /** Adds the figures that are read off the rules at each look. */
  watch(core: WatchedCore): void;
  /** The page that Prometheus reads. */
  page(): Promise<{ contentType: string; text: string }>;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Codes are declared, but a mistake must not let the page grow without bound. */
const MOST_CODES = 200;

/** A registry of its own for each service; every label has a bounded set of values. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  watchProcess(registry);
  return {
    calls: callMeter(registry),
    ingest: ingestMeter(registry),
    watch: (core) => watchCore(registry, core),
    page: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

function callMeter(registry: Registry): CallMeter {
  const registers = [registry];
  const calls = new Counter({
    name: 'sluice_api_calls_total',
    help: 'API calls by operation and error code (OK for success).',
    labelNames: ['action', 'code'],
    registers,
  });
  const seconds = new Histogram({
    name: 'sluice_api_call_seconds',
    help: 'Seconds from the received call to its answer.',
    labelNames: ['action'],
    buckets: SECONDS,
    registers,
  });
  const evicted = new Counter({
    name: 'sluice_api_nonces_evicted_total',
    help: 'Nonces that went out of memory before their time.',
    registers,
  });
  const codes = bounded(MOST_CODES);
  return {
    call(call) {
      calls.inc({ action: call.action, code: codes(call.code ?? 'OK') });
      seconds.observe({ action: call.action }, call.seconds);
    },
    nonceEvicted: () => evicted.inc(),
  };
}

function ingestMeter(registry: Registry): IngestMeter {
  const counter = (name: string, help: string, ...labelNames: string[]): Counter =>
    new Counter({ name: `sluice_${name}`, help, labelNames, registers: [registry] });
  const connections = new Gauge({
    name: 'sluice_connections',
    help: 'Open connections of publishers and players, by protocol.',
    labelNames: ['protocol'],
    registers: [registry],
  });
  const opened = counter('connections_opened_total', 'Connections of publishers and players.', 'protocol');
  const refused = counter('connections_refused_total', 'Connections beyond a limit, by limit.', 'limit');
  const peers = counter('peers_refused_total', 'Publishers and players turned away.', 'kind', 'problem');
  const bytesIn = counter('media_received_bytes_total', 'Bytes read from RTMP peers.');
  const bytesOut = sentBytes(registry);
  const skipped = counter('player_skipped_bytes_total', 'Bytes slow players went without.', 'protocol');
  const dropped = counter('players_dropped_total', 'Players that took nothing for too long.', 'protocol');
  return {
    connectionOpened(protocol) {
      connections.inc({ protocol });
      opened.inc({ protocol });
    },
    connectionClosed: (protocol) => connections.dec({ protocol }),
    connectionRefused: (limit) => refused.inc({ limit }),
    peerRefused: (kind, problem) => peers.inc({ kind, problem }),
    bytesIn: (bytes) => bytesIn.inc(bytes),
    bytesOut,
    playerSkipped: (protocol, bytes) => skipped.inc({ protocol }, bytes),
    playerDropped: (protocol) => dropped.inc({ protocol }),
  };
}

/** There are thousands of writes per second: they are added up here, and told by label only when somebody looks. */
function sentBytes(registry: Registry): IngestMeter['bytesOut'] {
  const sums = new Map<string, number>();
  new Counter({
    name: 'sluice_media_sent_bytes_total',
    help: 'Media bytes handed to players.',
    labelNames: ['protocol'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [protocol, bytes] of sums) this.inc({ protocol }, bytes);
    },
  });
  return (protocol, bytes) => void sums.set(protocol, (sums.get(protocol) ?? 0) + bytes);
}

function watchCore(registry: Registry, core: WatchedCore): void {
  gauge(registry, {
    name: 'sluice_streams_live',
    help: 'Streams with a publisher.',
    read: () => core.streams.list().length,
  });
  gauge(registry, {
    name: 'sluice_players',
    help: 'Players of all streams.',
    read: () => core.streams.countPlayers(),
  });
  gauge(registry, {
    name: 'sluice_feed_staleness_seconds',
    help: 'Seconds since the change feed was last read; blocks and keys are that old.',
    read: () => core.feed.staleness() / 1000,
  });
}

/**
 * prom-client's own defaults start observers of the process that never end; these are the figures that operators look
 * at.
 */
function watchProcess(registry: Registry): void {
  gauge(registry, {
    name: 'process_resident_memory_bytes',
    help: 'Resident memory in bytes.',
    read: () => process.memoryUsage.rss(),
  });
  gauge(registry, {
    name: 'process_uptime_seconds',
    help: 'Seconds since the process began.',
    read: () => process.uptime(),
  });
  gauge(registry, {
    name: 'process_cpu_seconds',
    help: 'CPU seconds used, user and system.',
    read: () => (process.cpuUsage().user + process.cpuUsage().system) / 1_000_000,
  });
}

/** A figure that is read at each look at the page. */
function gauge(
  registry: Registry,
  { name, help, read }: { name: string; help: string; read: () => number },
): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}

/** Lets the first `most` values through and calls all others `other`. */
function bounded(most: number): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    if (known.size < most) known.add(value);
    return known.has(value) ? value : 'other';
  };
}
