import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Ids } from '../base/ids.ts';
import { formatTimestamp } from '../base/timestamp.ts';
import type { KeyPair } from '../app/root-key.ts';
import { API_VERSION } from '../operations/registry.ts';
import { signV3 } from '../wire/rpc/signer.ts';

/** Whom to call and as whom. */
export interface ApiClient {
  /** `http://host:port` or `https://...`. */
  readonly endpoint: string;
  readonly key: KeyPair;
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
  const base = new URL(endpoint);
  const request = signV3({
    method: 'POST',
    host: base.host,
    action,
    version: API_VERSION,
    ...key,
    nonce: ids.uuid(),
    date: formatTimestamp(clock.now()),
    query: parameters,
  });
  // fetch makes the Host header itself, from the same URL.
  const headers = Object.fromEntries(request.headers.filter(([name]) => name !== 'host'));
  const url = new URL(request.target, base);
  try {
    const response = await fetch(url, {
      method: request.method,
      headers,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, body: objectOf(await response.json()) };
  } catch (error) {
    throw new UnreachableError(`${endpoint} does not answer as Sluice's API does: ${reasonOf(error)}`);
  }
}

function objectOf(json: unknown): Record<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new Error('not a JSON object');
  return json as Record<string, unknown>;
}

/** fetch hides the reason of a failed connection in `cause`. */
function reasonOf(error: unknown): string {
  if (error instanceof SyntaxError) return 'its answer is not JSON';
  if (!(error instanceof Error) || !(error.cause instanceof Error)) return messageOf(error);
  return 'code' in error.cause ? String(error.cause.code) : error.cause.message;
}
