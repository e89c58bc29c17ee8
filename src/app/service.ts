import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../base/clock.ts';
import { systemClock } from '../base/clock.ts';
import { Closer } from '../base/closer.ts';
import { messageOf, StartError } from '../base/errors.ts';
import type { Ids } from '../base/ids.ts';
import { systemIds } from '../base/ids.ts';
import { createLogger } from '../base/logger.ts';
import type { Logger } from '../base/logger.ts';
import { createCore } from '../core/core.ts';
import type { Core } from '../core/core.ts';
import type { Store } from '../core/ports.ts';
import { createGateway } from '../gateway/gateway.ts';
import { createPublicServer } from '../gateway/public-server.ts';
import { startIngest } from '../ingest/ingest.ts';
import type { Ingest } from '../ingest/ingest.ts';
import { storeExists } from '../store/schema-status.ts';
import { openStore } from '../store/store.ts';
import type { Config } from './config.ts';
import { prepareDataFolder } from './data-folder.ts';
import { createInternalServer } from './internal-server.ts';
import { listen } from './listen.ts';
import { loadMasterKey } from './master-key.ts';
import { createMetrics } from './metrics.ts';
import { checkReadiness } from './readiness.ts';
import { configuredPair, ensureRootKey, ROOT_KEY_FILE } from './root-key.ts';
import type { KeyPair, RootKey } from './root-key.ts';
import { coreSettings, gatewaySettings, ingestSettings, publicServerSettings } from './settings.ts';

/** A running service. */
export interface Service extends AsyncDisposable {
  readonly httpPort: number;
  readonly rtmpPort: number;
  readonly rtmpsPort?: number;
  readonly internalPort: number;
  /** An active root key; undefined when all of them are disabled or deleted. */
  readonly rootKey: KeyPair | undefined;
  /** Whether this start made the root key. */
  readonly firstStart: boolean;
  /** Stops accepting, ends publishers and players, writes what is queued. Idempotent. */
  close(): Promise<void>;
}

/** What tests put in place of the real thing. */
export interface ServiceDeps {
  readonly clock?: Clock;
  readonly ids?: Ids;
  readonly log?: Logger;
}

interface Parts {
  readonly config: Config;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly closer: Closer;
}

/** Milliseconds that a call under way may take when the service closes. */
const DRAIN_MS = 2000;

/**
 * Starts every room in its order; what was started is closed in reverse, also when a later room fails.
 * @throws StartError with one line that says what to do
 */
export async function startService(config: Config, deps: ServiceDeps = {}): Promise<Service> {
  const { clock = systemClock, ids = systemIds } = deps;
  const log = deps.log ?? createLogger(config.options['log.level']);
  const closer = new Closer(log);
  for (const warning of config.warnings) log.warn(warning);
  try {
    return await open({ config, clock, ids, log, closer });
  } catch (error) {
    await closer.close();
    throw error;
  }
}

async function open(parts: Parts): Promise<Service> {
  const { config, clock, ids, log, closer } = parts;
  const { store, root } = await openKept(parts);
  const core = assembleCore(store, parts);
  await core.feed.start();
  closer.add('feed', () => core.feed.stop());
  const metrics = createMetrics();
  metrics.watch(core);
  // From here on the block set is loaded: the ingest port may open.
  const ingest = await startIngest(ingestSettings(config), { core, clock, ids, log, meter: metrics.ingest });
  closer.add('ingest', () => ingest.close());
  const gateway = createGateway(gatewaySettings(config), { core, clock, ids, log, meter: metrics.calls });
  const app = createPublicServer(publicServerSettings(config), { gateway });
  ingest.registerPlayback(app);
  closer.add('doors', () => closeDoors(app, ingest, clock));
  const httpPort = await listenOn('api', app, config);
  const state = { open: true };
  const internal = createInternalServer({
    metrics: () => metrics.page(),
    readiness: () => checkReadiness({ store, core, clock, open: state.open }),
  });
  closer.add('internal server', () => internal.close());
  const internalPort = await listenOn('internal', internal, config);
  closer.add('readiness', () => void (state.open = false));
  const { rtmpPort, rtmpsPort } = ingest;
  const ports = { httpPort, rtmpPort, ...(rtmpsPort !== undefined && { rtmpsPort }), internalPort };
  log.info({ ...ports, data: config.options.data }, 'ready');
  return serviceOf({ ports, root, parts });
}

function serviceOf(made: {
  ports: Pick<Service, 'httpPort' | 'rtmpPort' | 'rtmpsPort' | 'internalPort'>;
  root: RootKey;
  parts: Parts;
}): Service {
  const { ports, root, parts } = made;
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= stop(parts));
  return {
    ...ports,
    rootKey: root.key,
    firstStart: root.created,
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function stop({ log, closer }: Parts): Promise<void> {
  log.info('stopping');
  await closer.close();
  log.info('stopped');
}

/** What outlives the process: the data folder, the store, the root key. */
async function openKept(parts: Parts): Promise<{ store: Store; root: RootKey }> {
  const { config, clock, ids, log, closer } = parts;
  const directory = config.options.data;
  const configured = configuredPair(config.secrets);
  await prepareDataFolder(directory);
  const masterKey = await loadMasterKey({
    directory,
    configured: config.secrets.masterKey,
    storeExists: storeExists(directory),
    ids,
  });
  const store = await openStore({ directory, masterKey, clock, log });
  closer.add('store', () => store.close());
  const root = await ensureRootKey({ keys: store.keys, directory, clock, ids, configured });
  if (root.created) log.info({ file: join(directory, ROOT_KEY_FILE) }, 'root access key made');
  return { store, root };
}

function assembleCore(store: Store, { config, clock, ids, log }: Parts): Core {
  try {
    return createCore(coreSettings(config), { clock, ids, log, store });
  } catch (error) {
    throw new StartError(`the domains options are wrong: ${messageOf(error)}`, { cause: error });
  }
}

function listenOn(option: 'api' | 'internal', app: FastifyInstance, { options }: Config): Promise<number> {
  const [host, port] = [`${option}.host`, `${option}.port`] as const;
  return listen(app, { host: options[host], port: options[port], options: { host, port } });
}

/** Both doors at once: playback over HTTP ends with ingest, and the HTTP server waits for it. */
async function closeDoors(app: FastifyInstance, ingest: Ingest, clock: Clock): Promise<void> {
  const timer = clock.after(DRAIN_MS, () => app.server.closeAllConnections());
  try {
    await Promise.all([app.close(), ingest.close()]);
  } finally {
    timer.cancel();
  }
}
