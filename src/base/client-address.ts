import ipaddr from 'ipaddr.js';
import { plainAddress } from './net-address.ts';
import type { AddressRanges } from './net-address.ts';

/**
 * The address that a request came from. `X-Forwarded-For` counts only when the socket's own address is a trusted proxy;
 * then it is the last address of the list that is not a trusted proxy itself, because everything before that one is the
 * peer's own claim.
 */
export function clientAddress(
  socketAddress: string | undefined,
  forwardedFor: string | string[] | undefined,
  trustedProxies: AddressRanges,
): string {
  const direct = plainAddress(socketAddress ?? '');
  if (forwardedFor === undefined || !trustedProxies.has(direct)) return direct;
  const hops = [forwardedFor].flat().join(',').split(',');
  let nearest = direct;
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
