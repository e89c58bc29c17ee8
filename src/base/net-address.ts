import { isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Whether the text is an IPv4 or IPv6 literal (brackets allowed). */
export function isIpLiteral(text: string): boolean {
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  // The library throws and catches for every host name, which costs more than all the rest of a call.
  const canBe = bare.includes(':') || /(^|\.)(0x[\da-f]*|\d+)$/i.test(bare);
  return canBe && ipaddr.isValid(bare);
}

/** The address in its plain spelling: IPv4-mapped IPv6 becomes IPv4; what is no address is returned unchanged. */
export function plainAddress(text: string): string {
  if (isIPv4(text)) return text;
  return ipaddr.isValid(text) ? ipaddr.process(text).toString() : text;
}

/** Whether the address is of the loopback range, in any spelling. */
export function isLoopback(text: string): boolean {
  // Parsing costs more than all the rest of admission.
  if (isIPv4(text)) return text.startsWith('127.');
  return ipaddr.isValid(text) && ipaddr.process(text).range() === 'loopback';
}

type Range = [address: ipaddr.IPv4 | ipaddr.IPv6, bits: number];

/** IPv4-mapped ranges become ranges of IPv4, because the addresses that are looked up do. */
function plainRange([address, bits]: Range): Range {
  const mapped = address instanceof ipaddr.IPv6 && bits >= 96 && address.isIPv4MappedAddress();
  return mapped ? [address.toIPv4Address(), bits - 96] : [address, bits];
}

/** A set of CIDR ranges (`10.0.0.0/8`, `fd00::/8`, or a single address). */
export class AddressRanges {
  readonly #ranges: Range[];

  /** @throws Error naming the range that cannot be read. */
  constructor(ranges: readonly string[]) {
    this.#ranges = ranges.map((text) => {
      try {
        if (text.includes('/')) return plainRange(ipaddr.parseCIDR(text));
        const address = ipaddr.process(text);
        return [address, address.kind() === 'ipv4' ? 32 : 128];
      } catch {
        throw new Error(`"${text}" is not an address range such as 10.0.0.0/8`);
      }
    });
  }

  /** Whether the address lies in one of the ranges. */
  has(text: string): boolean {
    if (!ipaddr.isValid(text)) return false;
    const address = ipaddr.process(text);
    return this.#ranges.some(
      ([range, bits]) => range.kind() === address.kind() && address.match(range, bits),
    );
  }
}
