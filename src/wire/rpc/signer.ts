import {
  sha256Hex,
  V3_ALGORITHM,
  v1Signature,
  v1StringToSign,
  v3CanonicalRequest,
  v3Signature,
  v3StringToSign,
  type V1Method,
} from './canonical.ts';
import { readHeaders } from './headers.ts';
import { encodePairs, type Pair } from './parameters.ts';
import type { RawRequest } from './raw-request.ts';

/** A call to sign. Absent lists are empty. */
export interface SignableCall {
  readonly method: 'GET' | 'POST';
  /** As the Host header will be sent, with its port. */
  readonly host: string;
  readonly action: string;
  readonly version: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken?: string;
  readonly nonce: string;
  /** The time of signing, as `formatTimestamp` writes it. */
  readonly date: string;
  readonly query?: Readonly<Record<string, string>> | readonly Pair[];
  /** Sent as a form body. */
  readonly form?: Readonly<Record<string, string>> | readonly Pair[];
}

const FORM_TYPE = 'application/x-www-form-urlencoded';

/** Signs a call with RPC V1: the protocol's own parameters join those of the query. */
export function signV1(call: SignableCall, signatureMethod: V1Method = 'HMAC-SHA1'): RawRequest {
  const query: Pair[] = [
    ...pairsOf(call.query),
    ['Action', call.action],
    ['Version', call.version],
    ['AccessKeyId', call.accessKeyId],
    ['SignatureMethod', signatureMethod],
    ['SignatureVersion', '1.0'],
    ['SignatureNonce', call.nonce],
    ['Timestamp', call.date],
  ];
  if (call.securityToken !== undefined) query.push(['SecurityToken', call.securityToken]);
  const form = pairsOf(call.form);
  const stringToSign = v1StringToSign(call.method, new Map([...query, ...form]));
  query.push(['Signature', v1Signature(signatureMethod, call.accessKeySecret, stringToSign)]);
  const headers: Pair[] = [['host', call.host]];
  if (form.length > 0) headers.push(['content-type', FORM_TYPE]);
  return { method: call.method, target: targetOf(query), headers, body: bodyOf(form) };
}

/** Signs a call with V3 (`ACS3-HMAC-SHA256`), covering every header that it sets. */
export function signV3(call: SignableCall): RawRequest {
  const query = pairsOf(call.query);
  const form = pairsOf(call.form);
  const body = bodyOf(form);
  const payloadHash = sha256Hex(body);
  const headers = v3Headers(call, payloadHash);
  if (form.length > 0) headers.push(['content-type', FORM_TYPE]);
  const signedNames = headers.map(([name]) => name).sort();
  const signedHeaders = signedNames.join(';');
  const canonicalRequest = v3CanonicalRequest({
    method: call.method,
    path: '/',
    query,
    headers: readHeaders(headers),
    signedHeaders,
    signedNames,
    payloadHash,
  });
  const signature = v3Signature(call.accessKeySecret, v3StringToSign(canonicalRequest));
  const fields = `Credential=${call.accessKeyId},SignedHeaders=${signedHeaders},Signature=${signature}`;
  headers.push(['authorization', `${V3_ALGORITHM} ${fields}`]);
  return { method: call.method, target: targetOf(query), headers, body };
}

function v3Headers(call: SignableCall, payloadHash: string): Pair[] {
  const headers: Pair[] = [
    ['host', call.host],
    ['accept', 'application/json'],
    ['x-acs-action', call.action],
    ['x-acs-version', call.version],
    ['x-acs-date', call.date],
    ['x-acs-signature-nonce', call.nonce],
    ['x-acs-content-sha256', payloadHash],
  ];
  if (call.securityToken !== undefined) headers.push(['x-acs-security-token', call.securityToken]);
  return headers;
}

function pairsOf(given: SignableCall['query']): readonly Pair[] {
  if (given === undefined) return [];
  return isList(given) ? given : Object.entries(given);
}

function isList(given: NonNullable<SignableCall['query']>): given is readonly Pair[] {
  return Array.isArray(given);
}

function targetOf(query: readonly Pair[]): string {
  return query.length === 0 ? '/' : `/?${encodePairs(query)}`;
}

function bodyOf(form: readonly Pair[]): Uint8Array {
  return Buffer.from(encodePairs(form), 'utf8');
}
