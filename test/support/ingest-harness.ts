import type { AddressInfo } from 'node:net';
import { fastify } from 'fastify';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../src/base/clock.ts';
import { systemClock } from '../../src/base/clock.ts';
import { systemIds } from '../../src/base/ids.ts';
import type { Logger } from '../../src/base/logger.ts';
import { connectRtmp } from '../../src/cli/rtmp-client.ts';
import type { RtmpClient, RtmpClientOptions } from '../../src/cli/rtmp-client.ts';
import { createCore } from '../../src/core/core.ts';
import type { Core, CoreSettings } from '../../src/core/core.ts';
import type { StreamKey } from '../../src/core/names.ts';
import { startIngest } from '../../src/ingest/ingest.ts';
import type { Ingest } from '../../src/ingest/ingest.ts';
import type { IngestMeter } from '../../src/ingest/meter.ts';
import type { IngestLimits, IngestSettings } from '../../src/ingest/settings.ts';
import type { RtmpMessage } from '../../src/wire/rtmp/messages.ts';
import { memoryStore } from './memory-store.ts';
import type { MemoryStore } from './memory-store.ts';

/** One line of the log. */
export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly bindings: Readonly<Record<string, unknown>>;
}

/** What a test can set. */
export interface MediaServerOptions {
  readonly limits?: Partial<IngestLimits>;
  readonly core?: Partial<Omit<CoreSettings, 'domains'>>;
  readonly domains?: Partial<CoreSettings['domains']>;
  readonly ingest?: Partial<IngestSettings>;
  readonly clock?: Clock;
  /** Called besides the counting. */
  readonly onBytesOut?: () => void;
}

/** How often each count of the meter was called, or for bytes their sum. */
export type Counts = Record<string, number>;

/** A started media server on free ports of loopback, with a store in memory. */
export interface MediaServer extends AsyncDisposable {
  readonly core: Core;
  readonly store: MemoryStore;
  readonly ingest: Ingest;
  readonly app: FastifyInstance;
  readonly httpPort: number;
  readonly log: LogLine[];
  readonly counts: Counts;
  /** The lines `closed: ...`. */
  closings(): string[];
  /** Publishes or plays over RTMP. @throws RtmpRefusedError */
  rtmp(options: Partial<RtmpClientOptions> & Pick<RtmpClientOptions, 'mode' | 'stream'>): Promise<RtmpClient>;
  /** Forbids a stream until it is resumed; gives what was cut. */
  forbid(key: Partial<StreamKey>): Promise<{ publishers: number; players: number }>;
}

const DEFAULT_DOMAIN = 'live.local';

/** Starts it. */
export async function startMediaServer(options: MediaServerOptions = {}): Promise<MediaServer> {
  const clock = options.clock ?? systemClock;
  const { log, lines } = collectingLogger();
  const { meter, counts } = countingMeter(options.onBytesOut);
  const store = memoryStore();
  const core = createCore(coreSettings(options), {
    clock,
    ids: systemIds,
    log,
    store,
    rootAccountId: '1000000000000001',
  });
  await core.feed.start();
  const ingest = await startIngest(
    {
      rtmp: { host: '127.0.0.1', port: 0 },
      trustedProxies: [],
      ...options.ingest,
      limits: { ...options.limits },
    },
    { core, clock, ids: systemIds, log, meter },
  );
  const app = fastify({ routerOptions: { maxParamLength: 1024 }, exposeHeadRoutes: false });
  ingest.registerPlayback(app);
  await app.listen({ host: '127.0.0.1', port: 0 });
  let nonce = 0;
  return {
    core,
    store,
    ingest,
    app,
    httpPort: (app.server.address() as AddressInfo).port,
    log: lines,
    counts,
    closings: () => lines.map(({ message }) => message).filter((message) => message.startsWith('closed: ')),
    rtmp: (client) => connectRtmp({ host: '127.0.0.1', port: ingest.rtmpPort, app: 'live', ...client }),
    forbid: async (key) => {
      const caller = {
        accountId: '1000000000000001',
        accessKeyId: 'key',
        requestId: `R${nonce}`,
        at: 0,
        actor: 'root',
        target: null,
        action: 'ForbidLiveStream',
        clientAddress: '127.0.0.1',
        nonce: `n${++nonce}`,
      };
      const result = await core.control.forbid({
        caller,
        key: { domain: DEFAULT_DOMAIN, app: 'live', stream: 'cam1', ...key },
        resumeAt: null,
        reason: null,
        oneshot: false,
        replace: false,
      });
      if (!('effect' in result)) throw new Error(result.kind);
      return result.effect;
    },
    [Symbol.asyncDispose]: async () => {
      await ingest.close();
      app.server.closeAllConnections();
      await app.close();
      await core.feed.stop();
    },
  };
}

function coreSettings({ core, domains }: MediaServerOptions): CoreSettings {
  return {
    allowUnauthenticated: false,
    duplicatePublish: 'refuse',
    forbidDefaultDurationMs: null,
    ...core,
    domains: {
      defaultDomain: DEFAULT_DOMAIN,
      mode: 'open',
      mappings: {},
      auth: {},
      registered: [],
      owners: {},
      ...domains,
    },
  };
}

/** A logger that keeps its lines. */
function collectingLogger(): { log: Logger; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at = (level: string) =>
    ((first: unknown, second?: unknown) => {
      const [bindings, message] =
        typeof first === 'string' ? [{}, first] : [first as object, second as string];
      lines.push({ level, message, bindings: { ...bindings } });
    }) as Logger['info'];
  const log: Logger = {
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    fatal: at('fatal'),
    child: () => log,
  };
  return { log, lines };
}

function countingMeter(onBytesOut?: () => void): { meter: IngestMeter; counts: Counts } {
  const counts: Counts = {};
  const count = (name: string, by = 1): void => void (counts[name] = (counts[name] ?? 0) + by);
  const meter: IngestMeter = {
    connectionOpened: (protocol) => count(`opened ${protocol}`),
    connectionClosed: (protocol) => count(`closed ${protocol}`),
    connectionRefused: (limit) => count(`refused ${limit}`),
    peerRefused: (kind, problem) => count(`${kind} refused ${problem}`),
    bytesIn: (bytes) => count('bytes in', bytes),
    bytesOut: (protocol, bytes) => {
      count(`bytes out ${protocol}`, bytes);
      onBytesOut?.();
    },
    playerSkipped: (protocol) => count(`skipped ${protocol}`),
    playerDropped: (protocol) => count(`dropped ${protocol}`),
  };
  return { meter, counts };
}

/** Media that a player received, in order. */
export interface Received {
  readonly messages: RtmpMessage[];
  readonly onMedia: (message: RtmpMessage) => void;
}

/** Collects what a player receives. */
export function collect(): Received {
  const messages: RtmpMessage[] = [];
  return { messages, onMedia: (message) => messages.push(message) };
}
