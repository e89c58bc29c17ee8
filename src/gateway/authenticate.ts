import type { Clock } from '../base/clock.ts';
import { parseTimestamp } from '../base/timestamp.ts';
import type { AccessKey, KeyRing } from '../core/access-keys.ts';
import type { RpcRequest } from '../wire/rpc/request.ts';
import { verifySignature } from '../wire/rpc/signature.ts';
import { commonError } from './errors.ts';
import { boundedNonce } from './nonces.ts';
import type { NonceMemory } from './nonces.ts';

/** Milliseconds that a call's time may be away from ours, either way. */
const CLOCK_TOLERANCE_MS = 15 * 60_000;

/** The message of a mismatch holds the whole string to sign, and so could be several times the body; no SDK needs that. */
const MAX_MESSAGE_CHARS = 65_536;

/** Who calls, proven. */
export interface Identity {
  readonly key: AccessKey;
  /** See {@link boundedNonce}. */
  readonly nonce: string;
}

/** What authentication needs. */
export interface AuthenticateDeps {
  readonly clock: Clock;
  readonly keys: Pick<KeyRing, 'find'>;
  readonly nonces: Pick<NonceMemory, 'remember'>;
}

/**
 * Proves who calls. The order of the checks is the vendor's as far as it is known; the nonce comes last, so that only a
 * verified call can use one up.
 * @throws ApiError
 */
export function authenticate(request: RpcRequest, { clock, keys, nonces }: AuthenticateDeps): Identity {
  if (request.fault) throw commonError(request.fault.code, { message: request.fault.message });
  const { accessKeyId, nonce, timestamp } = request;
  if (accessKeyId === undefined) throw commonError('MissingAccessKeyId');
  if (nonce === undefined) throw commonError('MissingSignatureNonce');
  if (timestamp === undefined) throw commonError('MissingTimestamp');
  checkTime(timestamp, clock.now());
  const key = keys.find(accessKeyId);
  if (!key) throw commonError('InvalidAccessKeyId.NotFound');
  if (key.status !== 'active') throw commonError('InvalidAccessKeyId.Inactive');
  checkSignature(request, key.secret);
  // Only the keys of sessions come with a token, and there are no sessions: every key here is permanent.
  if (request.securityToken !== undefined) throw commonError('InvalidSecurityToken.Malformed');
  const kept = boundedNonce(nonce);
  if (!nonces.remember(accessKeyId, kept)) throw commonError('SignatureNonceUsed');
  return { key, nonce: kept };
}

function checkTime(timestamp: string, now: number): void {
  const at = parseTimestamp(timestamp);
  if (at === undefined) throw commonError('InvalidTimeStamp.Format');
  if (Math.abs(now - at) > CLOCK_TOLERANCE_MS) throw commonError('InvalidTimeStamp.Expired');
}

function checkSignature(request: RpcRequest, secret: string): void {
  const verdict = verifySignature(request, secret);
  if (verdict.ok) return;
  throw commonError(verdict.code, { message: verdict.message.slice(0, MAX_MESSAGE_CHARS) });
}
