import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../base/clock.ts';
import { systemClock } from '../base/clock.ts';
import { Closer } from '../base/closer.ts';
import { messageOf, StartError } from '../base/errors.ts';
import type { Ids } from '../base/ids.ts';
import { systemIds } from '../base/ids.ts';
import type { Certificate } from '../base/tls.ts';
import type { LogControl, Logger, RoomLoggers } from '../base/logger.ts';
import { createCore } from '../core/core.ts';
import type { Core } from '../core/core.ts';
import type { Store } from '../core/ports.ts';
import type { TestSetup } from '../core/test-controls.ts';
import { createGateway } from '../gateway/gateway.ts';
import { registerOpenApi } from '../gateway/openapi-route.ts';
import { renewCertificate } from '../gateway/listener.ts';
import { createPublicServer } from '../gateway/public-server.ts';
import { startIngest } from '../ingest/ingest.ts';
import type { Ingest } from '../ingest/ingest.ts';
import { OPERATIONS } from '../operations/registry.ts';
import { storeExists } from '../store/files.ts';
import { openStore } from '../store/store.ts';
import { certificateFiles } from './certificate.ts';
import type { CertificateFacts } from './certificate.ts';
import { Certificates } from './certificates.ts';
import type { Config } from './config.ts';
import { prepareDataFolder } from './data-folder.ts';
import { exposureOf } from './files.ts';
import { createInternalServer } from './internal-server.ts';
import { listen } from './listen.ts';
import { roomLoggers } from './log-rooms.ts';
import { loadMasterKey, MASTER_KEY_FILE } from './master-key.ts';
import { createMetrics } from './metrics.ts';
import { checkReadiness } from './readiness.ts';
import { configuredPair, ensureRootKey, ROOT_KEY_FILE } from './root-key.ts';
import type { KeyPair, RootKey } from './root-key.ts';
import { createServiceControl } from './service-control.ts';
import { coreSettings, gatewaySettings, ingestSettings, publicServerSettings } from './settings.ts';
import { openTestStore, TEST_MODE_WARNING, testModeConfig, testSetup } from './test-mode.ts';

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
  /** The log levels of its rooms; may be changed. */
  readonly logLevels: LogControl;
  /** What the certificates that are in force say of themselves. */
  certificates(): readonly CertificateFacts[];
  /** Reads the files of the certificates again; one that cannot be used is logged and changes nothing. Never rejects. */
  reload(): Promise<void>;
  /** Stops accepting, ends publishers and players, writes what is queued. Idempotent. */
  close(): Promise<void>;
}

/** What tests put in place of the real thing. */
export interface ServiceDeps {
  readonly clock?: Clock;
  readonly ids?: Ids;
  /** Its own level decides, but for the rooms that `log.levels` names. */
  readonly log?: Logger;
}

interface Parts {
  readonly config: Config;
  readonly clock: Clock;
  /** Only in test mode: `clock` can be moved then. */
  readonly testSetup: TestSetup | undefined;
  readonly ids: Ids;
  /** Of the room `app`. */
  readonly log: Logger;
  readonly logs: RoomLoggers;
  readonly certificates: Certificates;
  readonly closer: Closer;
}

/** Milliseconds that a call under way may take when the service closes. */
const DRAIN_MS = 2000;

/**
 * Starts every room in its order; what was started is closed in reverse, also when a later room fails.
 * @throws StartError with one line that says what to do
 */
export async function startService(asked: Config, deps: ServiceDeps = {}): Promise<Service> {
  const { clock: realClock = systemClock, ids = systemIds } = deps;
  const { testMode } = asked.options;
  const config = testMode ? testModeConfig(asked) : asked;
  const setup = testMode ? testSetup(realClock) : undefined;
  const clock = setup?.clock ?? realClock;
  const logs = roomLoggers(config.options, deps.log);
  const log = logs.of('app');
  const closer = new Closer(log);
  const certificates = new Certificates({ clock, log });
  closer.add('certificates', () => certificates.close());
  for (const warning of config.warnings) log.warn(warning);
  if (testMode) log.warn(TEST_MODE_WARNING);
  try {
    return await open({ config, clock, testSetup: setup, ids, log, logs, certificates, closer });
  } catch (error) {
    await closer.close();
    throw error;
  }
}

async function open(parts: Parts): Promise<Service> {
  const { config, clock, testSetup, ids, log, logs, closer } = parts;
  const { testMode, data } = config.options;
  const certificates = await openCertificates(parts);
  const { store, root } = await openKept(parts);
  const core = assembleCore({ store, rootAccountId: await store.keys.rootAccountId() }, parts);
  await core.feed.start();
  closer.add('feed', () => core.feed.stop());
  const metrics = createMetrics();
  metrics.watch(core);
  // From here on the block set is loaded: the ingest port may open.
  const ingest = await startIngest(ingestSettings(config, certificates.rtmps), {
    core,
    clock,
    ids,
    log: logs.of('ingest'),
    meter: metrics.ingest,
  });
  closer.add('ingest', () => ingest.close());
  const door = { clock, log: logs.of('gateway') };
  const state = { open: true };
  const readiness = () => checkReadiness({ store, core, clock, open: state.open });
  const service = createServiceControl({
    clock,
    core,
    logs,
    certificates: parts.certificates,
    testMode,
    readiness,
  });
  const meter = metrics.calls;
  const gateway = createGateway(gatewaySettings(config), {
    core,
    ...door,
    signingClock: testSetup?.clock.base ?? clock,
    ids,
    meter,
    service,
  });
  const app = createPublicServer(publicServerSettings(config, certificates.api), { gateway, ...door });
  parts.certificates.onRenewal('api', (renewed) => renewCertificate(app.server, renewed));
  parts.certificates.onRenewal('rtmps', (renewed) => ingest.renewCertificate(renewed));
  ingest.registerPlayback(app);
  registerOpenApi(
    app,
    OPERATIONS.filter((operation) => testMode || !operation.testMode),
  );
  closer.add('doors', () => closeDoors(app, ingest, clock));
  closer.add('test faults', () => core.testControls?.faults.clear());
  const httpPort = await listenOn('api', app, config);
  const internal = createInternalServer({ metrics: () => metrics.page(), readiness, testMode });
  closer.add('internal server', () => internal.close());
  const internalPort = await listenOn('internal', internal, config);
  closer.add('readiness', () => void (state.open = false));
  const { rtmpPort, rtmpsPort } = ingest;
  const ports = { httpPort, rtmpPort, ...(rtmpsPort !== undefined && { rtmpsPort }), internalPort };
  log.info({ ...ports, ...(testMode ? { testMode } : { data }) }, 'ready');
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
    logLevels: parts.logs,
    certificates: () => parts.certificates.facts(),
    reload: () => parts.certificates.reload(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function stop({ log, closer }: Parts): Promise<void> {
  log.info('stopping');
  await closer.close();
  log.info('stopped');
}

/** Before anything else is opened: what is wrong with a certificate is told at once. */
async function openCertificates({ config, certificates }: Parts): Promise<{
  api?: Certificate;
  rtmps?: Certificate;
}> {
  const api = await certificates.open(certificateFiles(config.options, 'api'));
  const rtmps = await certificates.open(certificateFiles(config.options, 'rtmps'));
  return { ...(api && { api }), ...(rtmps && { rtmps }) };
}

/** What outlives the process: the data folder, the store, the root key. */
async function openKept(parts: Parts): Promise<{ store: Store; root: RootKey }> {
  const { config, clock, ids, log, logs, closer } = parts;
  if (config.options.testMode) {
    const made = await openTestStore({ clock, ids, log: logs.of('store') });
    closer.add('store', () => made.store.close());
    return made;
  }
  const directory = config.options.data;
  const configured = configuredPair(config.secrets);
  await prepareDataFolder(directory);
  const masterKey = await loadMasterKey({
    directory,
    configured: config.secrets.masterKey,
    storeExists: storeExists(directory),
    ids,
  });
  for (const file of [MASTER_KEY_FILE, ROOT_KEY_FILE]) {
    const exposure = exposureOf(join(directory, file));
    if (exposure !== undefined) log.warn(exposure);
  }
  const store = await openStore({ directory, masterKey, clock, log: logs.of('store') });
  closer.add('store', () => store.close());
  const root = await ensureRootKey({ keys: store.keys, directory, clock, ids, configured });
  if (root.created) log.info({ file: join(directory, ROOT_KEY_FILE) }, 'root access key made');
  return { store, root };
}

function assembleCore(
  kept: { store: Store; rootAccountId: string },
  { config, clock, testSetup, ids, logs }: Parts,
): Core {
  try {
    return createCore(coreSettings(config), { clock, testSetup, ids, log: logs.of('core'), ...kept });
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
