import type { Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { messageOf, StartError } from '../base/errors.ts';
import { plainAddress } from '../base/net-address.ts';
import { startAcceptor } from './acceptor.ts';
import type { Acceptor } from './acceptor.ts';
import type { IngestContext } from './ingest-context.ts';
import { RtmpConnection } from './rtmp-connection.ts';
import { RtmpSession } from './rtmp-session.ts';
import type { Certificate, Listen } from './settings.ts';

/** Opens the RTMP server. @throws StartError when it cannot listen there */
export function startRtmp(listen: Listen, context: IngestContext): Promise<Acceptor> {
  const options = { host: 'rtmp.host', port: 'rtmp.port' };
  return startAcceptor({ ...listen, name: 'RTMP', options }, context, (socket, clientAddress) =>
    serve(context, { socket, clientAddress, protocol: 'rtmp' }),
  );
}

/** Opens the RTMPS server. @throws StartError when it cannot listen there or the certificate cannot be used */
export async function startRtmps(
  { host, port, cert, key }: Listen & Certificate,
  context: IngestContext,
): Promise<Acceptor> {
  const handshakeTimeout = context.limits.handshakeMs;
  const tls = readable('the RTMPS certificate cannot be used', () =>
    createTlsServer({ cert, key, handshakeTimeout, minVersion: 'TLSv1.2' }),
  );
  // A TLS socket does not give the raw one that it wraps; the peer's port names it as long as it is open.
  const clients = new Map<string, string>();
  const nameOf = (socket: Socket): string => `${socket.remoteAddress ?? ''} ${socket.remotePort ?? 0}`;
  tls.on('secureConnection', (socket) => {
    const clientAddress = clients.get(nameOf(socket)) ?? plainAddress(socket.remoteAddress ?? '');
    serve(context, { socket, clientAddress, protocol: 'rtmps' });
  });
  tls.on('tlsClientError', (error: Error, socket: TLSSocket) => {
    const address = clients.get(nameOf(socket));
    context.log.info({ protocol: 'rtmps', address }, `closed: TLS handshake failed: ${messageOf(error)}`);
    socket.destroy();
  });
  // RTMPS listens on the host of RTMP.
  const options = { host: 'rtmp.host', port: 'rtmps.port' };
  return startAcceptor({ host, port, name: 'RTMPS', options }, context, (socket, clientAddress) => {
    const name = nameOf(socket);
    clients.set(name, clientAddress);
    socket.once('close', () => clients.delete(name));
    tls.emit('connection', socket);
  });
}

function serve(
  context: IngestContext,
  { socket, clientAddress, protocol }: { socket: Socket; clientAddress: string; protocol: 'rtmp' | 'rtmps' },
): void {
  const { clock, ids, log, limits, meter, open } = context;
  const id = ids.uuid();
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
  const session = new RtmpSession(context, connection, {
    id,
    protocol,
    clientAddress,
    serverAddress,
    onClosed,
  });
  open.add(session);
  connection.start(session);
}

function readable<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new StartError(`${what}: ${messageOf(error)}`);
  }
}
