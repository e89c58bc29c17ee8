import type { Clock } from '../base/clock.ts';
import { parseTimestamp } from '../base/timestamp.ts';
import type { KeyRing } from '../core/access-keys.ts';
import type { Directory } from '../core/directory.ts';
import { principalOfKey, principalOfSession } from '../core/principals.ts';
import type { Principal } from '../core/principals.ts';
import type { SessionVault } from '../core/sessions.ts';
import type { RpcRequest } from '../wire/rpc/request.ts';
import { verifySignature } from '../wire/rpc/signature.ts';
import { commonError } from './errors.ts';
import { boundedNonce } from './nonces.ts';
import type { NonceMemory } from './nonces.ts';

/** Milliseconds that a call's time may be away from ours, either way. */
const CLOCK_TOLERANCE_MS = 15 * 60_000;

/** The message of a mismatch holds the whole string to sign, and so could be several times the body; no SDK needs that. */
const MAX_MESSAGE_CHARS = 65_536;

/** What the key ids of sessions begin with. */
const SESSION_PREFIX = 'STS.';

/** Who calls, proven. */
export interface Identity {
  readonly principal: Principal;
  readonly accountId: string;
  readonly accessKeyId: string;
  /** See {@link boundedNonce}. */
  readonly nonce: string;
}

/** What authentication needs. */
export interface AuthenticateDeps {
  /** The time that sessions end by. */
  readonly clock: Clock;
  /** The time that callers sign with; another one than `clock` only in test mode. */
  readonly signingClock: Pick<Clock, 'now'>;
  readonly keys: Pick<KeyRing, 'find'>;
  readonly directory: Directory;
  readonly sessions: SessionVault;
  readonly nonces: Pick<NonceMemory, 'remember'>;
}

/**
 * Proves who calls. The order of the checks is the vendor's as far as it is known; the nonce comes last, so that only a
 * verified call can use one up.
 * @throws ApiError
 */
export function authenticate(request: RpcRequest, deps: AuthenticateDeps): Identity {
  if (request.fault) throw commonError(request.fault.code, { message: request.fault.message });
  const { accessKeyId, nonce, timestamp } = request;
  if (accessKeyId === undefined) throw commonError('MissingAccessKeyId');
  if (nonce === undefined) throw commonError('MissingSignatureNonce');
  if (timestamp === undefined) throw commonError('MissingTimestamp');
  checkTime(timestamp, deps.signingClock.now());
  const principal = accessKeyId.startsWith(SESSION_PREFIX)
    ? ofSession(request, accessKeyId, deps)
    : ofKey(request, accessKeyId, deps);
  const kept = boundedNonce(nonce);
  if (!deps.nonces.remember(accessKeyId, kept)) throw commonError('SignatureNonceUsed');
  return { principal, accountId: principal.accountId, accessKeyId, nonce: kept };
}

function ofKey(request: RpcRequest, accessKeyId: string, { keys, directory }: AuthenticateDeps): Principal {
  const key = keys.find(accessKeyId);
  if (!key) throw commonError('InvalidAccessKeyId.NotFound');
  if (key.status !== 'active') throw commonError('InvalidAccessKeyId.Inactive');
  checkSignature(request, key.secret);
  // Only the keys of sessions come with a token.
  if (request.securityToken !== undefined) throw commonError('InvalidSecurityToken.Malformed');
  const principal = principalOfKey(key, directory);
  if (!principal) throw commonError('InvalidAccessKeyId.NotFound');
  return principal;
}

function ofSession(request: RpcRequest, accessKeyId: string, deps: AuthenticateDeps): Principal {
  const { sessions, directory, clock } = deps;
  const secret = sessions.secretOf(accessKeyId);
  if (secret === undefined) throw commonError('InvalidAccessKeyId.NotFound');
  checkSignature(request, secret);
  if (request.securityToken === undefined) throw commonError('MissingSecurityToken');
  const claims = sessions.open(request.securityToken);
  if (!claims) throw commonError('InvalidSecurityToken.Malformed');
  if (claims.accessKeyId !== accessKeyId) throw commonError('InvalidSecurityToken.MismatchWithAccessKey');
  if (clock.now() >= claims.expiresAt) throw commonError('InvalidSecurityToken.Expired');
  const principal = principalOfSession(claims, directory);
  if (!principal) throw commonError('InvalidSecurityToken.Expired', { message: ROLE_GONE });
  return principal;
}

const ROLE_GONE = 'Specified SecurityToken is expired: its role does not exist any more.';

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
