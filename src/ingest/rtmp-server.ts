import type { Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { socketClient } from '../base/client-address.ts';
import { messageOf, StartError } from '../base/errors.ts';
import { plainAddress } from '../base/net-address.ts';
import { RawSockets, tlsOptions } from '../base/tls.ts';
import type { Certificate } from '../base/tls.ts';
import { startAcceptor } from './acceptor.ts';
import type { Acceptor } from './acceptor.ts';
import type { IngestContext } from './ingest-context.ts';
import { RtmpConnection } from './rtmp-connection.ts';
import { RtmpSession } from './rtmp-session.ts';
import type { Listen } from './settings.ts';

/** Opens the RTMP server. @throws StartError when it cannot listen there */
export function startRtmp(listen: Listen, context: IngestContext): Promise<Acceptor> {
  const options = { host: 'rtmp.host', port: 'rtmp.port' };
  return startAcceptor({ ...listen, name: 'RTMP', lean: true, options }, context, (socket, clientAddress) =>
    serve(context, { socket, clientAddress, protocol: 'rtmp' }),
  );
}

/** The RTMPS server, whose certificate can be replaced while it listens. */
export interface TlsAcceptor extends Acceptor {
  /** Connections that are open keep the old one. @throws Error when the certificate cannot be used */
  renewCertificate(certificate: Certificate): void;
}

/** Opens the RTMPS server. @throws StartError when it cannot listen there or the certificate cannot be used */
export async function startRtmps(
  { host, port, ...certificate }: Listen & Certificate,
  context: IngestContext,
): Promise<TlsAcceptor> {
  const handshakeTimeout = context.limits.handshakeMs;
  const tls = readable('the RTMPS certificate cannot be used', () =>
    createTlsServer({ ...tlsOptions(certificate), handshakeTimeout }),
  );
  const raws = new RawSockets();
  const clientOf = (socket: TLSSocket): string => socketClient(raws.under(socket) ?? socket);
  tls.on('secureConnection', (socket) => {
    serve(context, { socket, clientAddress: clientOf(socket), protocol: 'rtmps' });
  });
  tls.on('tlsClientError', (error: Error, socket: TLSSocket) => {
    const line = { protocol: 'rtmps', address: clientOf(socket) };
    context.log.info(line, `closed: TLS handshake failed: ${messageOf(error)}`);
    socket.destroy();
  });
  // RTMPS listens on the host of RTMP.
  const options = { host: 'rtmp.host', port: 'rtmps.port' };
  const acceptor = await startAcceptor(
    { host, port, name: 'RTMPS', lean: false, options },
    context,
    (socket) => {
      raws.add(socket);
      tls.emit('connection', socket);
    },
  );
  return {
    ...acceptor,
    renewCertificate: (renewed) => tls.setSecureContext(tlsOptions(renewed)),
  };
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
