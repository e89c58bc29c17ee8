import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';

/** What gets the requests that ask for a WebSocket; false: there is none at this path. */
export type OnWebSocket = (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean;

/**
 * Takes WebSocket upgrades from an HTTP server. A request for any other protocol, or at a path without WebSockets, is
 * handed back and answered as if it had not asked (RFC 9110, 7.8): HTTP clients ask for `h2c` with ordinary calls, and
 * Node offers all of them here or none.
 *
 * Who asks while an earlier request on the connection is being answered is disconnected: a WebSocket would begin inside
 * that answer, and Node would never send the answer to a request that is handed back.
 */
export function handleUpgrades(server: Server, onWebSocket: OnWebSocket): void {
  // Answers go out in the order of their requests: when the last one is through, all are.
  const lastAnswers = new WeakMap<Duplex, ServerResponse>();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    lastAnswers.set(request.socket, response);
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (lastAnswers.get(socket)?.closed === false) {
      socket.destroy();
      return;
    }
    if (request.headers.upgrade?.toLowerCase() === 'websocket' && onWebSocket(request, socket, head)) return;
    socket.unshift(Buffer.concat([headWithoutUpgrade(request), head]));
    // An HTTPS server would begin another handshake with a connection.
    server.emit(socket instanceof TLSSocket ? 'secureConnection' : 'connection', socket);
  });
}

const DROPPED = new Set(['upgrade', 'connection', 'http2-settings']);

/** The request's head as it came, without what makes it an upgrade. */
function headWithoutUpgrade({ method, url, httpVersion, rawHeaders, headers }: IncomingMessage): Buffer {
  const lines = [`${method ?? 'GET'} ${url ?? '/'} HTTP/${httpVersion}`];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    if (!DROPPED.has(name.toLowerCase())) lines.push(`${name}: ${value}`);
  }
  if (/\bclose\b/i.test(headers.connection ?? '')) lines.push('Connection: close');
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}
