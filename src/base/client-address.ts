import ipaddr from 'ipaddr.js';
import { plainAddress } from './net-address.ts';
import type { AddressRanges } from './net-address.ts';

/** What PROXY headers said, by socket. Here, and not in a door, because one door's connections are asked for by both. */
const clients = new WeakMap<object, string>();

/** Notes the client of a connection that came through a proxy. */
export function nameClient(socket: object, address: string): void {
  clients.set(socket, address);
}

/** The address of a connection's client: the one that {@link nameClient} noted, else the socket's own. */
export function socketClient(socket: object): string {
  const { remoteAddress } = socket as { readonly remoteAddress?: string };
  return clients.get(socket) ?? plainAddress(remoteAddress ?? '');
}

/**
 * The address that a request came from; `connected` is that of its connection ({@link socketClient}). `X-Forwarded-For`
 * counts only when that is a trusted proxy; then it is the last address of the list that is not a trusted proxy itself,
 * because everything before that one is the peer's own claim.
 */
export function clientAddress(
  connected: string,
  forwardedFor: string | string[] | undefined,
  trustedProxies: AddressRanges,
): string {
  if (forwardedFor === undefined || !trustedProxies.has(connected)) return connected;
  const hops = [forwardedFor].flat().join(',').split(',');
  let nearest = connected;
  for (const hop of hops.reverse()) {
    const address = hop.trim().replace(/^\[(.*)\](:\d+)?$|^([\d.]+):\d+$/, '$1$3');
    if (!ipaddr.isValid(address)) return nearest;
    nearest = plainAddress(address);
    if (!trustedProxies.has(nearest)) return nearest;
  }
  return nearest;
}

/** What limits per address count under: an IPv4 address, or the /64 network of an IPv6 address, which one host owns. */
export function addressGroup(address: string): string {
  if (!ipaddr.IPv6.isValid(address)) return address;
  return `${ipaddr.IPv6.parse(address).parts.slice(0, 4).join(':')}::/64`;
}
