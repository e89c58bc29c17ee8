import { execFile } from 'node:child_process';
import { copyFile, readFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import type { RawRequest } from '../../src/wire/rpc/request.ts';
import { program } from './programs.ts';

/** Makes certificates; its tests are skipped without it. */
export const openssl = program('openssl');

const folder = join(import.meta.dirname, '../fixtures/tls');

/** Paths of a certificate and its key. */
export interface PemFiles {
  readonly certificate: string;
  readonly key: string;
}

/** The files of a certificate for localhost and 127.0.0.1 that is valid for a hundred years. */
export const LOCALHOST_FILES: PemFiles = {
  certificate: join(folder, 'cert.pem'),
  key: join(folder, 'key.pem'),
};

/** The same, read. */
export const LOCALHOST = {
  cert: readFileSync(LOCALHOST_FILES.certificate),
  key: readFileSync(LOCALHOST_FILES.key),
};

/** Makes a certificate for localhost and 127.0.0.1 that signs itself; `name` is its common name. Overwrites the files. */
export async function makeCertificate(
  files: PemFiles,
  { name, days = 100 }: { name: string; days?: number },
): Promise<Buffer> {
  await promisify(execFile)(openssl.path, [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-keyout', `${files.key}.new`, '-out', `${files.certificate}.new`],
    ...[
      '-subj',
      `/CN=${name}`,
      '-addext',
      'subjectAltName=DNS:localhost,IP:127.0.0.1',
      '-days',
      String(days),
    ],
  ]);
  await copyFile(`${files.key}.new`, files.key);
  await copyFile(`${files.certificate}.new`, files.certificate);
  return readFile(files.certificate);
}

/** Opens a TLS connection to loopback, trusting that certificate only. @throws when the handshake fails */
export function connectTls(port: number, ca: Buffer, options: { socket?: Socket } = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', ca, servername: 'localhost', ...options }, () =>
      resolve(socket),
    );
    socket.on('error', reject);
  });
}

/** What an HTTPS server answered. */
export interface TlsAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends a request to loopback over HTTPS, on a connection of its own. */
export function requestTls(
  port: number,
  ca: Buffer,
  raw: Pick<RawRequest, 'method' | 'target' | 'headers' | 'body'>,
): Promise<TlsAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request({
      host: '127.0.0.1',
      port,
      ca,
      agent: false,
      method: raw.method,
      path: raw.target,
      headers: Object.fromEntries(raw.headers),
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const { statusCode: status = 0, headers } = response;
      text(response).then((body) => resolve({ status, headers, body }), reject);
    });
    sent.end(raw.body);
  });
}
