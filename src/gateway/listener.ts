import { createServer } from 'node:http';
import type { RequestListener, Server, ServerOptions } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import { tlsOptions } from '../base/tls.ts';
import type { Certificate } from '../base/tls.ts';

/** What {@link createListener} takes besides Node's options. */
export interface ListenerSettings {
  /** Absent: plain HTTP. */
  readonly certificate?: Certificate;
  /** Milliseconds for the whole TLS handshake, however it dribbles in. */
  readonly handshakeTimeoutMs: number;
}

/** An HTTP server, or an HTTPS one when there is a certificate. @throws Error when the certificate cannot be used. */
export function createListener(
  { certificate, handshakeTimeoutMs }: ListenerSettings,
  options: ServerOptions,
  handler: RequestListener,
): Server {
  if (!certificate) return createServer(options, handler);
  // HTTP/2 is not spoken, and a client that asks for nothing else is told so in the handshake.
  const tls = { handshakeTimeout: handshakeTimeoutMs, ALPNProtocols: ['http/1.1'] };
  return createTlsServer({ ...options, ...tls, ...tlsOptions(certificate) }, handler);
}

/**
 * Puts another certificate in the place of an HTTPS server's; connections that are open keep theirs.
 * @throws Error when the certificate cannot be used.
 */
export function renewCertificate(server: Server, certificate: Certificate): void {
  if (server instanceof TlsServer) server.setSecureContext(tlsOptions(certificate));
}
