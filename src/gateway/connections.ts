import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import { nameClient, socketClient } from '../base/client-address.ts';
import type { Clock } from '../base/clock.ts';
import { ConnectionCaps } from '../base/connection-caps.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { AddressRanges } from '../base/net-address.ts';
import { readProxyHeader } from '../base/proxy-header.ts';
import { RawSockets } from '../base/tls.ts';

/** What {@link guardConnections} goes by. */
export interface ConnectionLimits {
  /** Open connections in all. */
  readonly maxConnections: number;
  /** Of one IPv4 address or one IPv6 /64; trusted proxies may have as many as there are in all. */
  readonly maxConnectionsPerAddress: number;
  /** Milliseconds for the PROXY header of a trusted proxy, and as many for the TLS handshake. */
  readonly handshakeTimeoutMs: number;
}

/** What {@link guardConnections} needs. */
export interface ConnectionDeps {
  readonly limits: ConnectionLimits;
  readonly trustedProxies: AddressRanges;
  readonly clock: Clock;
  readonly log: Logger;
}

type OnSocket = (socket: Socket) => void;

/**
 * Stands before an HTTP or HTTPS server: reads the PROXY header of trusted proxies, closes connections that are too
 * many, and hands on the others. Those are counted before a byte of them is read, but for trusted proxies, whose header
 * says whom to count. Nobody who is closed here gets an answer: that would cost more.
 */
export function guardConnections(server: Server, deps: ConnectionDeps): Strangers {
  const { limits, trustedProxies } = deps;
  const listeners = server.listeners('connection') as OnSocket[];
  const caps = new ConnectionCaps(limits);
  const strangers = new Strangers();
  const follow = server instanceof TlsServer ? followTls(server, strangers, deps) : undefined;
  const handOn: OnSocket = (socket) => {
    for (const listener of listeners) listener.call(server, socket);
  };
  const enter: OnSocket = (socket) => {
    const address = socketClient(socket);
    const release = trustedProxies.has(address) ? undefined : caps.take(address);
    if (typeof release === 'string') {
      socket.resetAndDestroy();
      return;
    }
    if (release) socket.once('close', release);
    follow?.(socket);
    handOn(socket);
  };
  // An upgrade that is handed back to the server comes as a connection for a second time.
  const known = new WeakSet<Socket>();
  server.maxConnections = limits.maxConnections;
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    if (known.has(socket)) {
      handOn(socket);
      return;
    }
    known.add(socket);
    if (trustedProxies.has(socketClient(socket))) identify(socket, { ...deps, strangers, enter });
    else enter(socket);
  });
  return strangers;
}

/** Lets a connection of a trusted proxy enter as that of its client. */
function identify(
  socket: Socket,
  { limits, clock, log, strangers, enter }: ConnectionDeps & { strangers: Strangers; enter: OnSocket },
): void {
  strangers.add(socket);
  socket.on('error', () => socket.destroy());
  readProxyHeader(socket, { clock, ms: limits.handshakeTimeoutMs }, (client) => {
    strangers.delete(socket);
    if (client !== undefined) {
      enter(socket);
      return;
    }
    log.info({ address: socketClient(socket) }, 'closed: no PROXY header that can be read');
    socket.destroy();
  });
}

/** Carries the client of a raw connection over to the TLS socket on it; gives what to tell of each raw connection. */
function followTls(server: TlsServer, strangers: Strangers, { log }: ConnectionDeps): OnSocket {
  const raws = new RawSockets();
  server.prependListener('secureConnection', (socket) => {
    const raw = raws.under(socket);
    if (!raw) return;
    nameClient(socket, socketClient(raw));
    strangers.delete(raw);
  });
  // Before the HTTP server's own listener, which would have it answered in plain text.
  server.prependListener('tlsClientError', (error, socket) => {
    const address = socketClient(raws.under(socket) ?? socket);
    log.debug({ address }, `closed: TLS handshake failed: ${messageOf(error)}`);
    socket.destroy();
  });
  return (socket) => {
    raws.add(socket);
    strangers.add(socket);
  };
}

/**
 * The connections that the HTTP server has not seen yet, because their PROXY header or TLS handshake is not complete. It
 * would wait for them when it closes.
 */
export class Strangers {
  readonly #open = new Set<Socket>();
  #closed = false;

  add(socket: Socket): void {
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    if (this.#closed) socket.destroy();
  }

  delete(socket: Socket): void {
    this.#open.delete(socket);
  }

  /** Destroys them, and those that still come. */
  close(): void {
    this.#closed = true;
    for (const socket of this.#open) socket.destroy();
  }
}
