/** The short, slow and independent implementation of both signatures that `make-vectors.ts` signs with. */
import { createHash, createHmac } from 'node:crypto';

export type Pairs = readonly (readonly [name: string, value: string])[];

export interface Request {
  readonly method: string;
  readonly target: string;
  readonly headers: Pairs;
  readonly body: string;
}

export interface Draft {
  readonly request: Request;
  readonly scheme: string;
  readonly stringToSign?: string;
  readonly canonicalRequest?: string;
}

export const KEY = { accessKeyId: 'testid', accessKeySecret: 'testsecret' };
export const SESSION = { ...KEY, accessKeyId: 'STS.testid', securityToken: 'fake+token/for==tests~*!' };
export const ACTION = 'ForbidLiveStream';
export const VERSION = '2016-11-01';
const NONCE = 'nonce-of-the-decisions';
const TIME = '2026-01-01T00:00:00Z';
export const FORM: Pairs[number] = ['Content-Type', 'application/x-www-form-urlencoded'];
export const STREAM: Pairs = [
  ['DomainName', 'push.example.com'],
  ['AppName', 'liveApp'],
  ['StreamName', 'stream one'],
];

export function encode(text: string): string {
  const bytes = [...Buffer.from(text, 'utf8')];
  const keep = (byte: number) => /[A-Za-z0-9\-_.~]/.test(String.fromCharCode(byte));
  const escape = (byte: number) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return bytes.map((byte) => (keep(byte) ? String.fromCharCode(byte) : escape(byte))).join('');
}

export function write(pairs: Pairs): string {
  return pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
}

function sorted(pairs: Pairs): Pairs {
  return [...pairs].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

export function hex(data: string): string {
  return createHash('sha256').update(data).digest('hex');
}

interface V1 {
  readonly method?: string;
  /** Replace or join the usual parameters; `undefined` removes one. */
  readonly change?: Readonly<Record<string, string | undefined>>;
  readonly digest?: 'sha1' | 'sha256';
  readonly key?: string;
  readonly encoding?: 'base64' | 'hex';
}

/** Signs the usual call; returns the parameters, the signature, and a request that sends all of them in the query. */
export function v1({
  method = 'POST',
  change = {},
  digest = 'sha1',
  key = 'testsecret&',
  encoding = 'base64',
}: V1 = {}) {
  const usual: Record<string, string | undefined> = {
    AccessKeyId: KEY.accessKeyId,
    Action: ACTION,
    Format: 'JSON',
    SignatureMethod: 'HMAC-SHA1',
    SignatureNonce: NONCE,
    SignatureVersion: '1.0',
    Timestamp: TIME,
    Version: VERSION,
    ...Object.fromEntries(STREAM),
    ...change,
  };
  const pairs = Object.entries(usual).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const stringToSign = `${method}&%2F&${encode(write(sorted(pairs)))}`;
  const signature = createHmac(digest, key).update(stringToSign).digest(encoding);
  const query = `${write(pairs)}&Signature=${encode(signature)}`;
  const draft = (request: Partial<Request>): Draft => ({
    request: { method, target: `/?${query}`, headers: [['Host', '127.0.0.1:8080']], body: '', ...request },
    scheme: `RPC-1.0-${digest === 'sha1' ? 'HMAC-SHA1' : 'HMAC-SHA256'}`,
    stringToSign,
  });
  return { pairs, query, signature, draft };
}

export function v1Headers(...more: Pairs): Pairs {
  return [['Host', '127.0.0.1:8080'], ...more];
}

interface V3 {
  readonly method?: string;
  readonly query?: Pairs;
  /** The query as the client signs it, when it is not `query` in canonical form. */
  readonly signedQuery?: string;
  readonly body?: string;
  /** Replace or join the usual headers; `undefined` removes one. */
  readonly change?: Readonly<Record<string, string | undefined>>;
  readonly unsigned?: readonly string[];
  readonly key?: string;
  readonly algorithm?: string;
}

export function v3(options: V3 = {}) {
  const {
    method = 'POST',
    query = STREAM,
    body = '',
    change = {},
    unsigned = [],
    key = 'testsecret',
  } = options;
  const usual: Record<string, string | undefined> = {
    host: '127.0.0.1:8080',
    'x-acs-action': ACTION,
    'x-acs-content-sha256': hex(body),
    'x-acs-date': TIME,
    'x-acs-signature-nonce': NONCE,
    'x-acs-version': VERSION,
    ...change,
  };
  const headers = Object.entries(usual).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const signed = sorted(headers.filter(([name]) => !unsigned.includes(name)));
  const names = signed.map(([name]) => name).join(';');
  const lines = signed.map(([name, value]) => `${name}:${value.trim()}\n`).join('');
  const canonicalQuery = options.signedQuery ?? write(sorted(query));
  const canonicalRequest = `${method}\n/\n${canonicalQuery}\n${lines}\n${names}\n${hex(body)}`;
  const algorithm = options.algorithm ?? 'ACS3-HMAC-SHA256';
  const stringToSign = `${algorithm}\n${hex(canonicalRequest)}`;
  const signature = createHmac('sha256', key).update(stringToSign).digest('hex');
  const authorization = `${algorithm} Credential=testid,SignedHeaders=${names},Signature=${signature}`;
  const target = query.length === 0 ? '/' : `/?${write(query)}`;
  const withAuthorization = (value: string): Pairs => [...headers, ['Authorization', value]];
  const draft = (request: Partial<Request> = {}): Draft => ({
    request: { method, target, headers: withAuthorization(authorization), body, ...request },
    scheme: algorithm,
    stringToSign,
    canonicalRequest,
  });
  return { headers, names, signature, authorization, withAuthorization, draft };
}

type Credentials = typeof KEY & { readonly securityToken?: string };

export function accept(name: string, draft: Draft, credentials: Credentials = KEY) {
  return {
    name,
    source: 'made here',
    credentials,
    ...draft,
    action: ACTION,
    version: VERSION,
    expect: 'accept',
  };
}

/** What the client signed is not what the server signs, so that neither string is part of the vector. */
export function reject(
  name: string,
  rejectReason: string,
  draft: Draft & { readonly credentials?: Credentials },
) {
  const { request, scheme, credentials = KEY } = draft;
  return { name, source: 'made here', credentials, request, scheme, expect: 'reject', rejectReason };
}

export function classified(expect: 'bearer' | 'anonymous', name: string, request: Partial<Request>) {
  const whole = { method: 'POST', target: '/', headers: v1Headers(), body: '', ...request };
  const scheme = expect === 'bearer' ? 'BEARERTOKEN' : 'none';
  return { name, source: 'made here', credentials: KEY, request: whole, scheme, expect };
}
