import { addressGroup } from './client-address.ts';

/** Counts connections in all and per source; the sources are IPv4 addresses and IPv6 /64 networks. */
export class ConnectionCaps {
  readonly #limits: { maxConnections: number; maxConnectionsPerAddress: number };
  readonly #bySource = new Map<string, number>();
  #total = 0;

  constructor(limits: { maxConnections: number; maxConnectionsPerAddress: number }) {
    this.#limits = limits;
  }

  /** Counts one more connection and gives what counts it down again (once), or names the limit that is reached. */
  take(address: string): (() => void) | 'total' | 'per-address' {
    const source = addressGroup(address);
    const open = this.#bySource.get(source) ?? 0;
    if (open >= this.#limits.maxConnectionsPerAddress) return 'per-address';
    if (this.#total >= this.#limits.maxConnections) return 'total';
    this.#total += 1;
    this.#bySource.set(source, open + 1);
    let held = true;
    return () => {
      if (held) this.#release(source);
      held = false;
    };
  }

  #release(source: string): void {
    this.#total -= 1;
    const left = (this.#bySource.get(source) ?? 1) - 1;
    if (left === 0) this.#bySource.delete(source);
    else this.#bySource.set(source, left);
  }
}
