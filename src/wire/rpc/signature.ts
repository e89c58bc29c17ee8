import { timingSafeEqual } from 'node:crypto';
import { encodeRfc3986 } from '../../base/percent-encoding.ts';
import {
  rawNamesAreSafe,
  sha256Hex,
  V3_ALGORITHM,
  v1Signature,
  v1StringToSign,
  v3CanonicalRequest,
  v3Signature,
  v3StringToSign,
} from './canonical.ts';
import { type Refusal, signatureDoesNotMatch } from './refusal.ts';
import type { RpcRequest } from './request.ts';

/** The outcome of a verification. Every refusal is HTTP 400 and its message is complete. */
export type Verdict =
  { readonly ok: true } | ({ readonly ok: false; readonly stringToSign?: string } & Refusal);

/** What a request should have been signed over. */
export interface Signed {
  readonly stringToSign: string;
  /** V3 only. */
  readonly canonicalRequest?: string;
}

/**
 * Verifies the signature of a request with the secret of its access key, in constant time. Clock, nonce, the state of
 * the key and the presented security token are the caller's to check. Never throws.
 */
export function verifySignature(request: RpcRequest, secret: string): Verdict {
  if (request.fault !== undefined) return { ok: false, ...request.fault };
  return request.scheme === 'v3' ? verifyV3(request, secret) : verifyV1(request, secret);
}

/** The string that the client of a V1 or V3 request had to sign. */
export function expectedToSign(request: RpcRequest): Signed {
  if (request.scheme !== 'v3') return { stringToSign: v1StringToSign(request.method, request.sent.merged) };
  const canonicalRequest = canonicalRequestOf(request, sha256Hex(request.body));
  return { stringToSign: v3StringToSign(canonicalRequest), canonicalRequest };
}

function verifyV1(request: RpcRequest, secret: string): Verdict {
  const method = request.signatureMethod;
  if (method !== 'HMAC-SHA1' && method !== 'HMAC-SHA256') return invalidSignatureMethod();
  const { stringToSign } = expectedToSign(request);
  const expected = v1Signature(method, secret, stringToSign);
  return sameText(expected, request.signature ?? '') ? { ok: true } : mismatch(stringToSign);
}

function verifyV3(request: RpcRequest, secret: string): Verdict {
  if (request.signatureMethod !== V3_ALGORITHM) return invalidSignatureMethod();
  const payloadHash = sha256Hex(request.body);
  const stringToSign = v3StringToSign(canonicalRequestOf(request, payloadHash));
  const claimed = request.headers.get('x-acs-content-sha256');
  if (claimed !== undefined && claimed.toLowerCase() !== payloadHash) return mismatch(stringToSign);
  const signature = (request.signature ?? '').toLowerCase();
  if (sameText(v3Signature(secret, stringToSign), signature)) return { ok: true };
  const raw = rawNamesToSign(request, payloadHash);
  const passes = raw !== undefined && sameText(v3Signature(secret, raw), signature);
  return passes ? { ok: true } : mismatch(stringToSign);
}

/** The string to sign of clients that do not encode names, when that differs and cannot stand for another request. */
function rawNamesToSign(request: RpcRequest, payloadHash: string): string | undefined {
  const { query } = request.sent;
  if (query.every(([name]) => encodeRfc3986(name) === name) || !rawNamesAreSafe(query)) return undefined;
  return v3StringToSign(canonicalRequestOf(request, payloadHash, (name) => name));
}

function canonicalRequestOf(request: RpcRequest, payloadHash: string, encodeName = encodeRfc3986): string {
  const { method, path, headers, sent, authorization } = request;
  const { signedHeaders = '', signedNames = [''] } = authorization ?? {};
  return v3CanonicalRequest(
    { method, path, query: sent.query, headers, signedHeaders, signedNames, payloadHash },
    encodeName,
  );
}

function mismatch(stringToSign: string): Verdict {
  return { ok: false, ...signatureDoesNotMatch(stringToSign), stringToSign };
}

function invalidSignatureMethod(): Verdict {
  return { ok: false, code: 'InvalidSignatureMethod', message: 'Specified signature method is not valid.' };
}

/** Tells nothing but the length of what was expected, which the algorithm makes public anyway. */
function sameText(expected: string, presented: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(presented)];
  return a.length === b.length && timingSafeEqual(a, b);
}
