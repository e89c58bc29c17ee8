import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { StartError, messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { plainAddress } from '../base/net-address.ts';
import type { IngestContext } from './ingest-context.ts';
import { RtmpConnection } from './rtmp-connection.ts';
import { RtmpSession } from './rtmp-session.ts';
import type { Certificate, Listen } from './settings.ts';

/** A listening RTMP or RTMPS server. */
export interface RtmpServer {
  readonly port: number;
  /** Accepts no more connections. */
  stop(): void;
  /** Destroys what is left. */
  destroy(): void;
}

/** Opens the RTMP server. @throws StartError when it cannot listen there */
export async function startRtmp(listen: Listen, context: IngestContext): Promise<RtmpServer> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    if (enter(context, socket, sockets)) serve(context, { socket, protocol: 'rtmp' });
  });
  return listening({ server, sockets, name: 'RTMP' }, listen, context.log);
}

/** Opens the RTMPS server. @throws StartError when it cannot listen there or the certificate cannot be used */
export async function startRtmps(
  { host, port, cert, key }: Listen & Certificate,
  context: IngestContext,
): Promise<RtmpServer> {
  const sockets = new Set<Socket>();
  const handshakeTimeout = context.limits.handshakeMs;
  const server = readable('the RTMPS certificate cannot be used', () =>
    createTlsServer({ cert, key, handshakeTimeout, noDelay: true, minVersion: 'TLSv1.2' }),
  );
  // Counted before the handshake, which is the expensive part.
  server.prependListener('connection', (socket: Socket) => enter(context, socket, sockets));
  server.on('secureConnection', (socket) => serve(context, { socket, protocol: 'rtmps' }));
  server.on('tlsClientError', (error: Error, socket: TLSSocket) => {
    const address = plainAddress(socket.remoteAddress ?? '');
    context.log.info({ protocol: 'rtmps', address }, `closed: TLS handshake failed: ${messageOf(error)}`);
    socket.destroy();
  });
  return listening({ server, sockets, name: 'RTMPS' }, { host, port }, context.log);
}

/** Counts a connection until it is gone, or resets it when there are too many. */
function enter({ caps, meter, log }: IngestContext, socket: Socket, sockets: Set<Socket>): boolean {
  socket.on('error', () => socket.destroy());
  const address = plainAddress(socket.remoteAddress ?? '');
  const release = caps.take(address);
  if (typeof release === 'string') {
    meter.connectionRefused(release);
    log.debug({ address }, `closed: too many connections (${release})`);
    socket.resetAndDestroy();
    return false;
  }
  sockets.add(socket);
  socket.once('close', () => {
    sockets.delete(socket);
    release();
  });
  return true;
}

function serve(
  context: IngestContext,
  { socket, protocol }: { socket: Socket; protocol: 'rtmp' | 'rtmps' },
): void {
  const { clock, ids, log, limits, meter, open } = context;
  const id = ids.uuid();
  const clientAddress = plainAddress(socket.remoteAddress ?? '');
  const serverAddress = plainAddress(socket.localAddress ?? '');
  const { remotePort } = socket;
  const startedAt = clock.monotonic();
  const connection = new RtmpConnection({
    socket,
    clock,
    log,
    limits,
    randomBytes: (size) => ids.bytes(size),
    onBytes: (bytes) => meter.bytesIn(bytes),
  });
  meter.connectionOpened(protocol);
  const onClosed = (reason: string, stream: string | undefined): void => {
    open.delete(session);
    meter.connectionClosed(protocol);
    const seconds = Math.round((clock.monotonic() - startedAt) / 10) / 100;
    const bytes = { bytesIn: connection.received, bytesOut: socket.bytesWritten };
    const who = { conn: id, protocol, address: clientAddress, port: remotePort, stream };
    log.info({ ...who, ...bytes, seconds }, `closed: ${reason}`);
  };
  const peer = { id, protocol, clientAddress, serverAddress };
  const session = new RtmpSession(context, connection, { ...peer, onClosed });
  open.add(session);
  connection.start(session);
}

async function listening(
  { server, sockets, name }: { server: Server; sockets: Set<Socket>; name: string },
  { host, port }: Listen,
  log: Logger,
): Promise<RtmpServer> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new StartError(`${name} cannot listen on ${host}:${port}: ${messageOf(error)}`)),
    );
    server.listen({ host, port }, resolve);
  });
  // For want of file descriptors, for one.
  server.on('error', (error) =>
    log.warn({ error: messageOf(error) }, `${name} could not accept a connection`),
  );
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => void server.close(),
    destroy: () => sockets.forEach((socket) => socket.destroy()),
  };
}

function readable<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new StartError(`${what}: ${messageOf(error)}`);
  }
}
