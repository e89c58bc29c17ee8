import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { clientAddress, socketClient } from '../base/client-address.ts';
import type { AddressRanges } from '../base/net-address.ts';
import type { GatewayInput } from './exchange.ts';

/** Makes the gateway's input of what the HTTP server has. */
export interface InputReader {
  /** `body` absent: there is none, or it does not matter. */
  ofRequest(request: IncomingMessage, body?: Buffer): GatewayInput;
  /** For bytes that are no request. */
  ofSocket(socket: Duplex): GatewayInput;
}

const NO_BODY = Buffer.alloc(0);

/** Reads inputs, believing X-Forwarded-For and X-Forwarded-Proto of the given proxies only. */
export function inputReader(trustedProxies: AddressRanges): InputReader {
  return {
    ofRequest: (request, body = NO_BODY) => ({
      raw: {
        method: request.method ?? 'GET',
        target: request.url ?? '/',
        headers: pairsOf(request.rawHeaders),
        body,
      },
      clientAddress: addressOf(request, trustedProxies),
      secure: isSecure(request, trustedProxies),
    }),
    ofSocket: (socket) => ({
      raw: { method: 'GET', target: '/', headers: [], body: NO_BODY },
      clientAddress: socketClient(socket),
      secure: socket instanceof TLSSocket,
    }),
  };
}

function addressOf({ socket, headers }: IncomingMessage, trustedProxies: AddressRanges): string {
  return clientAddress(socketClient(socket), headers['x-forwarded-for'], trustedProxies);
}

function isSecure({ socket, headers }: IncomingMessage, trustedProxies: AddressRanges): boolean {
  if (socket instanceof TLSSocket) return true;
  return headers['x-forwarded-proto'] === 'https' && trustedProxies.has(socketClient(socket));
}

function pairsOf(rawHeaders: readonly string[]): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2)
    pairs.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '']);
  return pairs;
}
