import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { messageOf } from '../base/errors.ts';
import { listenProblem } from '../base/listen-problem.ts';
import type { ListenAt } from '../base/listen-problem.ts';
import { plainAddress } from '../base/net-address.ts';
import { readProxyHeader } from '../base/proxy-header.ts';
import type { IngestContext } from './ingest-context.ts';
import { leanSocket } from './lean-socket.ts';

/** A listening server. */
export interface Acceptor {
  readonly port: number;
  /** Accepts no more connections. */
  stop(): void;
  /** Destroys what is left. */
  destroy(): void;
}

/** What an acceptor does with a connection; `clientAddress` is the peer's, past trusted proxies. */
export type OnConnection = (socket: Socket, clientAddress: string) => void;

/** The probes of TCP find peers that are gone while nothing is sent to them: players that paused. */
const SOCKETS = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 };

/**
 * Listens, and hands on the connections that the limits allow. Those are counted before a byte is read, but for trusted
 * proxies, whose PROXY header says whom to count. `lean`: they are {@link leanSocket}s, unless they come from a trusted
 * proxy. @throws StartError when it cannot listen there
 */
export async function startAcceptor(
  { name, lean, ...at }: ListenAt & { name: string; lean: boolean },
  context: IngestContext,
  onConnection: OnConnection,
): Promise<Acceptor> {
  const sockets = new Set<Socket>();
  const server = createServer(SOCKETS, (accepted) => {
    const socket = lean && !isFromProxy(accepted, context) ? leanSocket(accepted) : accepted;
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
    identify(socket, context, (client) => {
      if (enter(socket, client, context)) onConnection(socket, client);
    });
  });
  await listening(server, at);
  // For want of file descriptors, for one.
  server.on('error', (error) =>
    context.log.warn({ error: messageOf(error) }, `${name} could not accept a connection`),
  );
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => void server.close(),
    destroy: () => sockets.forEach((socket) => socket.destroy()),
  };
}

function isFromProxy({ remoteAddress }: Socket, { trustedProxies }: IngestContext): boolean {
  return trustedProxies.has(plainAddress(remoteAddress ?? ''));
}

function identify(socket: Socket, context: IngestContext, done: (client: string) => void): void {
  const { clock, limits, log } = context;
  const address = plainAddress(socket.remoteAddress ?? '');
  if (!isFromProxy(socket, context)) {
    done(address);
    return;
  }
  readProxyHeader(socket, { clock, ms: limits.handshakeMs }, (client) => {
    if (client !== undefined) {
      done(client);
      return;
    }
    log.info({ address }, 'closed: no PROXY header that can be read');
    socket.destroy();
  });
}

/** Counts a connection until it is gone, or resets it when there are too many. */
function enter(socket: Socket, address: string, { caps, meter, log }: IngestContext): boolean {
  const release = caps.take(address);
  if (typeof release === 'string') {
    meter.connectionRefused(release);
    log.debug({ address }, `closed: too many connections (${release})`);
    socket.resetAndDestroy();
    return false;
  }
  socket.once('close', release);
  return true;
}

function listening(server: Server, at: ListenAt): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenProblem(error, at)));
    server.listen({ host: at.host, port: at.port }, resolve);
  });
}
