import type { FastifyInstance } from 'fastify';
import { Closer } from '../base/closer.ts';
import { StartError, messageOf } from '../base/errors.ts';
import { AddressRanges } from '../base/net-address.ts';
import { ConnectionCaps } from '../base/connection-caps.ts';
import type { Certificate } from '../base/tls.ts';
import { Hubs } from './hubs.ts';
import type { IngestContext, IngestDeps } from './ingest-context.ts';
import { registerPlayback } from './playback-routes.ts';
import { startRtmp, startRtmps } from './rtmp-server.ts';
import type { TlsAcceptor } from './rtmp-server.ts';
import { DEFAULT_INGEST_LIMITS } from './settings.ts';
import type { IngestSettings } from './settings.ts';

export type { IngestDeps } from './ingest-context.ts';

/** The running media server. */
export interface Ingest extends AsyncDisposable {
  readonly rtmpPort: number;
  readonly rtmpsPort?: number;
  /** Puts another certificate in the place of RTMPS's, if there is RTMPS. @throws Error when it cannot be used */
  renewCertificate(certificate: Certificate): void;
  /** Adds playback to the public HTTP server; before it listens. */
  registerPlayback(app: FastifyInstance): void;
  /** Stops accepting, ends every player and publisher; all sockets are gone within about a second. Idempotent. */
  close(): Promise<void>;
}

const CLOSING = 'the server is closing';
/** What a player or publisher gets to end by itself when the server closes, milliseconds. */
const CLOSE_MS = 900;
const CLOSE_POLL_MS = 10;

/**
 * Opens the media server: RTMP, and RTMPS when there is a certificate. The blocks must be loaded before.
 * @throws StartError when a port cannot be opened or a setting is wrong
 */
export async function startIngest(settings: IngestSettings, deps: IngestDeps): Promise<Ingest> {
  const limits = { ...DEFAULT_INGEST_LIMITS, ...settings.limits };
  const context: IngestContext = {
    ...deps,
    limits,
    hubs: new Hubs({ streams: deps.core.streams, clock: deps.clock, limits }),
    caps: new ConnectionCaps(limits),
    trustedProxies: rangesOf(settings.trustedProxies),
    open: new Set(),
  };
  const closer = new Closer(deps.log);
  const rtmp = await startRtmp(settings.rtmp, context);
  closer.add('rtmp sockets', () => rtmp.destroy());
  const rtmps = settings.rtmps && (await startRtmpsOr(() => rtmp.stop(), settings.rtmps, context));
  closer.add('rtmps sockets', () => rtmps?.destroy());
  closer.add('connections', () => closeConnections(context));
  closer.add('accepting', () => {
    rtmp.stop();
    rtmps?.stop();
  });
  return {
    rtmpPort: rtmp.port,
    ...(rtmps ? { rtmpsPort: rtmps.port } : {}),
    renewCertificate: (certificate) => rtmps?.renewCertificate(certificate),
    registerPlayback: (app) => registerPlayback(app, context),
    close: () => closer.close(),
    [Symbol.asyncDispose]: () => closer.close(),
  };
}

/** Does not leave the first server open when the second one cannot be opened. */
async function startRtmpsOr(
  otherwise: () => void,
  listen: NonNullable<IngestSettings['rtmps']>,
  context: IngestContext,
): Promise<TlsAcceptor> {
  try {
    return await startRtmps(listen, context);
  } catch (error) {
    otherwise();
    throw error;
  }
}

/** Ends players and publishers in order, then whatever is still open. */
async function closeConnections({ hubs, core, clock, open }: IngestContext): Promise<void> {
  hubs.close(CLOSING);
  for (const { key } of core.streams.list()) core.streams.cut(key, CLOSING);
  for (const connection of [...open]) if (connection.isIdle) connection.drop(CLOSING);
  await new Promise<void>((resolve) => {
    const deadline = clock.monotonic() + CLOSE_MS;
    const look = (): void => {
      if (open.size === 0 || clock.monotonic() >= deadline) resolve();
      else clock.after(CLOSE_POLL_MS, look);
    };
    look();
  });
  for (const connection of [...open]) connection.drop(CLOSING);
}

function rangesOf(trustedProxies: readonly string[]): AddressRanges {
  try {
    return new AddressRanges(trustedProxies);
  } catch (error) {
    throw new StartError(`trusted proxies: ${messageOf(error)}`);
  }
}
