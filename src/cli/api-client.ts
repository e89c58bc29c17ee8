import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text as bodyOf } from 'node:stream/consumers';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Ids } from '../base/ids.ts';
import { formatTimestamp } from '../base/timestamp.ts';
import type { CallerKey } from '../app/root-key.ts';
import { API_VERSIONS } from '../operations/products.ts';
import { findOperation } from '../operations/registry.ts';
import type { RawRequest } from '../wire/rpc/request.ts';
import { signV3 } from '../wire/rpc/signer.ts';

/** Whom to call and as whom. */
export interface ApiClient {
  /** `http://host:port` or `https://...`. */
  readonly endpoint: string;
  readonly key: CallerKey;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** An answer of the API: its HTTP status and its JSON. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The endpoint did not answer, or what answered is not this API. */
export class UnreachableError extends Error {
  override name = 'UnreachableError';
}

const TIMEOUT_MS = 10_000;

/** Makes one call, signed with V3. @throws UnreachableError */
export async function callApi(
  client: ApiClient,
  action: string,
  parameters: Readonly<Record<string, string>>,
): Promise<ApiAnswer> {
  const { endpoint, key, clock, ids } = client;
  const { host } = new URL(endpoint);
  const signed = signV3({
    method: 'POST',
    host,
    action,
    version: API_VERSIONS[findOperation(action)?.product ?? 'live'],
    ...key,
    nonce: ids.uuid(),
    date: formatTimestamp(clock.now()),
    query: parameters,
  });
  try {
    const { status, text } = await exchange(endpoint, signed);
    return { status, body: objectOf(JSON.parse(text)) };
  } catch (error) {
    const why = error instanceof SyntaxError ? 'its answer is not JSON' : messageOf(error);
    throw new UnreachableError(
      `${endpoint} does not answer as the API does (${why}): start sluice serve there, or name another --endpoint`,
    );
  }
}

/** Sends what was signed, byte for byte. Not by fetch, which refuses some ports and makes the Host header itself. */
function exchange(endpoint: string, signed: RawRequest): Promise<{ status: number; text: string }> {
  const send = endpoint.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send(new URL(signed.target, endpoint), {
      method: signed.method,
      headers: Object.fromEntries(signed.headers),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    request.on('error', reject);
    request.on('response', (response) => {
      bodyOf(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject);
    });
    request.end(signed.body);
  });
}

function objectOf(json: unknown): Record<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new Error('not a JSON object');
  return json as Record<string, unknown>;
}
