import { constants } from 'node:crypto';
import type { Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';

/** A certificate chain and its key, PEM. */
export interface Certificate {
  readonly cert: Buffer | string;
  readonly key: Buffer | string;
}

/**
 * TLS as every listener speaks it, with a certificate: 1.2 and 1.3, without renegotiation. Cipher suites and their order
 * are Node's defaults (`tls.DEFAULT_CIPHERS`), because those are kept up to date with Node; so are session tickets. The
 * page on security tells operators the same.
 */
export function tlsOptions({ cert, key }: Certificate): SecureContextOptions {
  return { cert, key, minVersion: 'TLSv1.2', secureOptions: constants.SSL_OP_NO_RENEGOTIATION };
}

/**
 * Which raw connection a TLS socket wraps. Node does not say; the addresses and ports of both ends name it as long as it
 * is open.
 */
export class RawSockets {
  readonly #open = new Map<string, Socket>();

  /** Keeps a raw connection until it is closed. */
  add(socket: Socket): void {
    const name = nameOf(socket);
    this.#open.set(name, socket);
    socket.once('close', () => {
      // The ports may be in use again by now.
      if (this.#open.get(name) === socket) this.#open.delete(name);
    });
  }

  /** The raw connection under a TLS socket; undefined when it is closed. */
  under(socket: Socket): Socket | undefined {
    return this.#open.get(nameOf(socket));
  }
}

function nameOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return [remoteAddress, remotePort, localAddress, localPort].join(' ');
}
