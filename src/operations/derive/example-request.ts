import { encodeRfc3986 } from '../../base/percent-encoding.ts';
import type { Operation } from '../operation.ts';
import { API_VERSIONS } from '../products.ts';
import { fieldsOf } from './describe.ts';

/** The required parameters of an operation at their documented examples. */
export function exampleParameters({ parameters }: Operation): Record<string, string> {
  const required = fieldsOf(parameters.shape).filter((field) => field.required);
  return Object.fromEntries(required.map(({ name, example }) => [name, example]));
}

const HOST = 'live.example.com';
const KEY = 'LTAI5tExample';
const TIME = '2026-01-01T00:00:00Z';

/** SHA-256 of no bytes. */
const EMPTY_HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** A call as V3 sends it, with the parameters in the query; `...` stands for what a client makes anew for every call. */
export function v3Request(operation: Operation): string {
  const headers = {
    host: HOST,
    'x-acs-action': operation.name,
    'x-acs-content-sha256': EMPTY_HASH,
    'x-acs-date': TIME,
    'x-acs-signature-nonce': '...',
    'x-acs-version': API_VERSIONS[operation.product],
  };
  const query = form(exampleParameters(operation));
  return [
    `POST /${query === '' ? '' : `?${query}`} HTTP/1.1`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `authorization: ACS3-HMAC-SHA256 Credential=${KEY},SignedHeaders=${Object.keys(headers).join(';')},Signature=...`,
    'content-length: 0',
  ].join('\n');
}

/** A call as V1 sends it, with the parameters in a form. */
export function v1Request(operation: Operation): string {
  const body = form({
    AccessKeyId: KEY,
    Action: operation.name,
    Format: 'JSON',
    SignatureMethod: 'HMAC-SHA1',
    SignatureNonce: '...',
    SignatureVersion: '1.0',
    Timestamp: TIME,
    Version: API_VERSIONS[operation.product],
    ...exampleParameters(operation),
    Signature: '...',
  });
  return [
    'POST / HTTP/1.1',
    `host: ${HOST}`,
    'content-type: application/x-www-form-urlencoded',
    'content-length: ...',
    '',
    body,
  ].join('\n');
}

function form(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${encodeRfc3986(value)}`)
    .join('&');
}
