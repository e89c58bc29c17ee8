import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { ConnectionCaps } from '../base/connection-caps.ts';
import { plainAddress } from '../base/net-address.ts';
import type { AddressRanges } from '../base/net-address.ts';

/** What {@link capConnections} goes by. */
export interface ConnectionLimits {
  /** Open connections in all. */
  readonly maxConnections: number;
  /** Of one IPv4 address or one IPv6 /64; trusted proxies may have as many as there are in all. */
  readonly maxConnectionsPerAddress: number;
}

/** Closes the connections that are too many, before a byte of them is read. They get no answer: that would cost more. */
export function capConnections(
  server: Server,
  limits: ConnectionLimits,
  trustedProxies: AddressRanges,
): void {
  const caps = new ConnectionCaps(limits);
  // An upgrade that is handed back to the server comes as a connection for a second time.
  const known = new WeakSet<Socket>();
  server.maxConnections = limits.maxConnections;
  server.on('connection', (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress ?? '');
    if (known.has(socket) || trustedProxies.has(address)) return;
    known.add(socket);
    const release = caps.take(address);
    if (typeof release === 'string') socket.resetAndDestroy();
    else socket.once('close', release);
  });
}
