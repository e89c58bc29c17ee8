import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { messageOf, StartError } from '../base/errors.ts';
import { tlsOptions } from '../base/tls.ts';
import type { Certificate } from '../base/tls.ts';
import { fileProblem, readSmallFile } from './files.ts';
import type { Options } from './options.ts';

/** The listeners that may have a certificate. */
export type TlsDoor = 'api' | 'rtmps';

/** Where the certificate of a listener is. */
export interface CertificateFiles {
  readonly door: TlsDoor;
  /** Paths of the PEM files. */
  readonly certificate: string;
  readonly key: string;
}

/** What a certificate says of itself. */
export interface CertificateFacts {
  /** The option that names its file: `api.certificate` or `rtmps.certificate`. */
  readonly option: `${TlsDoor}.certificate`;
  /** Common name of the subject, or its alternative names when it has none. */
  readonly subject: string;
  /** Common name of who signed it. */
  readonly issuer: string;
  /** The end of its validity, epoch milliseconds. */
  readonly notAfter: number;
}

/** A certificate that can be used, and what it says of itself. */
export interface LoadedCertificate extends Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly facts: CertificateFacts;
}

/** The files of a listener's certificate; undefined when it has none. @throws StartError when only one is set. */
export function certificateFiles(options: Options, door: TlsDoor): CertificateFiles | undefined {
  const [certificate, key] = [options[`${door}.certificate`], options[`${door}.key`]];
  if (certificate === null && key === null) return undefined;
  if (certificate === null || key === null) {
    const missing = certificate === null ? 'certificate' : 'key';
    throw new StartError(
      `options ${door}.certificate and ${door}.key go together: ${door}.${missing} is not set`,
    );
  }
  return { door, certificate, key };
}

/** Reads a certificate and its key. @throws StartError naming the option whose file cannot be used, and why. */
export async function loadCertificate({ door, ...paths }: CertificateFiles): Promise<LoadedCertificate> {
  const cert = await readPem(`${door}.certificate`, paths.certificate);
  const key = await readPem(`${door}.key`, paths.key);
  const certificate = parsed(`${door}.certificate`, paths.certificate, () => new X509Certificate(cert));
  requirePair({ door, certificate, privateKey: readKey(`${door}.key`, paths.key, key) });
  // What else OpenSSL objects to: a broken chain behind the first certificate, a key that is too short.
  parsed(`${door}.certificate`, paths.certificate, () => createSecureContext(tlsOptions({ cert, key })));
  return { cert, key, facts: factsOf(door, certificate) };
}

async function readPem(option: string, path: string): Promise<Buffer> {
  try {
    return await readSmallFile(path);
  } catch (error) {
    throw new StartError(`option ${option}: ${path} cannot be read: ${fileProblem(error)}`);
  }
}

function parsed<T>(option: string, path: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new StartError(
      `option ${option}: ${path} is not a certificate chain in PEM that can be used: ${messageOf(error)}`,
    );
  }
}

function readKey(option: string, path: string, pem: Buffer): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // The reason of the library says nothing to an operator ("DECODER routines::unsupported").
    throw new StartError(`option ${option}: ${path} is not a private key in PEM without a passphrase`);
  }
}

function requirePair(pair: { door: TlsDoor; certificate: X509Certificate; privateKey: KeyObject }): void {
  const { door, certificate, privateKey } = pair;
  if (!certificate.checkPrivateKey(privateKey))
    throw new StartError(
      `option ${door}.key: this key does not belong to the certificate of ${door}.certificate`,
    );
}

function factsOf(door: TlsDoor, certificate: X509Certificate): CertificateFacts {
  const { subject, issuer, subjectAltName, validTo } = certificate;
  return {
    option: `${door}.certificate`,
    subject: commonName(subject) ?? subjectAltName ?? '',
    issuer: commonName(issuer) ?? issuer.replaceAll('\n', ', '),
    notAfter: Date.parse(validTo),
  };
}

/** Node writes a name as lines such as `CN=live.example.com`; undefined when it has none, or no name at all. */
function commonName(name: string | undefined): string | undefined {
  return /^CN=(.*)$/m.exec(name ?? '')?.[1];
}
