import fc from 'fast-check';
import { expect } from 'vitest';
import { parseAuthorization } from '../../src/wire/rpc/authorization.ts';
import { decodePairs, encodePairs, MAX_PARAMETERS, splitTarget } from '../../src/wire/rpc/parameters.ts';
import { parseRpcRequest, responseFormat } from '../../src/wire/rpc/request.ts';
import type { RawRequest } from '../../src/wire/rpc/request.ts';
import { expectedToSign, verifySignature } from '../../src/wire/rpc/signature.ts';
import type { FuzzTarget } from './fuzz.ts';

/** What parameters are made of; some of it breaks careless readers. */
const WORDS = [
  ...[
    'Action',
    'DescribeLiveStreamState',
    'Version',
    '2016-11-01',
    'Format',
    'JSON',
    'Signature',
    'Timestamp',
  ],
  ...['SignatureNonce', 'SignatureMethod', 'HMAC-SHA1', 'SignatureVersion', 'AccessKeyId', 'SecurityToken'],
  ...[
    'SignatureType',
    'BEARERTOKEN',
    'StreamName',
    '__proto__',
    'constructor',
    'a',
    '=',
    '&',
    '&&',
    '+',
    '%',
    '%2',
  ],
  ...['%00', '%zz', '%ff%fe', '%E4%BD', '%25', ' ', '\0', ';', '{"a":1}', 'ü', '\ud83d\ude00'],
];

const text = (words: readonly string[]): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...words), { maxLength: 12 }).map((parts) => parts.join(''));

/** `a=b&c=d` with names and values that may hold anything. */
export const pairsText = text(WORDS);

const parameters: FuzzTarget = {
  name: 'parameters',
  made: pairsText.map((pairs) => Buffer.from(pairs)),
  runs: 500,
  check(input) {
    const query = input.toString();
    const pairs = decodePairs(query);
    expect(pairs.length).toBeLessThanOrEqual(query.length);
    expect(decodePairs(query, 2)).toEqual(pairs.slice(0, 2));
    // What has no name is no pair when it is written.
    const named = pairs.map(([name, value]) => [`n${name}`, value] as const);
    expect(decodePairs(encodePairs(named))).toEqual(named);
  },
};

const FIELDS = [
  'Credential',
  'SignedHeaders',
  'Signature',
  '=',
  ',',
  ';',
  ' ',
  '\t',
  'host',
  'x-acs-action',
  'a',
];

export const authorizationText = fc
  .tuple(
    fc.constantFrom('ACS3-HMAC-SHA256', 'ACS4-HMAC-SHA256', 'ACS3-', 'Basic', 'Bearer', ''),
    fc.constantFrom(' ', '', '\t', '\n'),
    text(FIELDS),
  )
  .map((parts) => parts.join(''));

const authorization: FuzzTarget = {
  name: 'authorization',
  made: authorizationText.map((header) => Buffer.from(header)),
  runs: 500,
  check(input) {
    const header = input.toString();
    const read = parseAuthorization(header);
    expect(read !== undefined).toBe(/^ACS[34]-/.test(header.trim()));
    if (!read) return;
    const { algorithm, ...fields } = read;
    expect(algorithm).toMatch(/^ACS[34]-\S*$/);
    const parts = {
      Credential: fields.credential,
      SignedHeaders: fields.signedHeaders,
      Signature: fields.signature,
    };
    for (const value of Object.values(parts)) {
      expect(value).not.toContain(',');
      expect(header).toContain(value);
    }
    const again = Object.entries(parts).map(([name, value]) => `${name}=${value}`);
    expect(parseAuthorization(`${algorithm} ${again.join(',')}`)).toEqual(read);
  },
};

/** A request as text: method and target, headers, an empty line, the body. */
const requestText = fc
  .record({
    method: fc.constantFrom('GET', 'POST', 'PUT'),
    target: fc
      .tuple(fc.constantFrom('/?', '/', '*', 'http://a/?', '?'), pairsText)
      .map((parts) => parts.join('')),
    headers: fc.array(
      fc.tuple(
        fc.constantFrom(
          ...[
            'Host',
            'Authorization',
            'Content-Type',
            'content-type',
            'Accept',
            'x-acs-action',
            'X-Acs-Action',
          ],
          ...['x-acs-date', 'x-acs-signature-nonce', 'x-acs-content-sha256', 'x-acs-signature-type'],
        ),
        fc.oneof(
          authorizationText,
          fc.constantFrom(
            'application/x-www-form-urlencoded',
            'multipart/form-data; boundary=b',
            'BEARERTOKEN',
            '',
          ),
          pairsText,
        ),
      ),
      { maxLength: 8 },
    ),
    body: pairsText,
  })
  .map(({ method, target, headers, body }) => {
    const lines = headers.map(([name, value]) => `${name}: ${value.replace(/[\r\n]/g, ' ')}`);
    return [`${method} ${target.replace(/[\r\n ]/g, '_')}`, ...lines, '', body].join('\n');
  });

/** Node reads heads as Latin-1. */
function requestOf(input: Buffer): RawRequest {
  const end = input.indexOf('\n\n');
  const [first = '', ...lines] = input.toString('latin1', 0, end < 0 ? input.length : end).split('\n');
  const [method = '', target = ''] = first.split(' ');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, Math.max(0, colon)), line.slice(colon + 1).trim()];
  });
  return { method, target, headers, body: end < 0 ? Buffer.alloc(0) : input.subarray(end + 2) };
}

const SCHEMES = ['v1', 'v3', 'v4', 'bearer', 'anonymous'];

const request: FuzzTarget = {
  name: 'request',
  made: requestText.map((raw) => Buffer.from(raw)),
  runs: 400,
  check(input) {
    const raw = requestOf(input);
    const read = parseRpcRequest(raw);
    expect(SCHEMES).toContain(read.scheme);
    expect(['json', 'xml']).toContain(responseFormat(read).format);
    expect(splitTarget(raw.target).path).toBe(read.path);
    for (const [name, value] of read.parameters) {
      expect(value).not.toBe('');
      expect(['Action', 'Signature', 'AccessKeyId', 'SecurityToken', 'Timestamp']).not.toContain(name);
    }
    expect(read.sent.query.length + read.sent.form.length).toBeLessThanOrEqual(2 * (MAX_PARAMETERS + 1));
    if (read.scheme !== 'v1' && read.scheme !== 'v3') expect(read.fault).toBeDefined();
    // Nobody knows the secret; and asking twice gives the same string to sign.
    expect(verifySignature(read, 'a secret').ok).toBe(false);
    expect(expectedToSign(parseRpcRequest(raw))).toEqual(expectedToSign(read));
  },
};

export const RPC_TARGETS = [parameters, authorization, request];
