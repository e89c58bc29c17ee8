import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { KeyRing } from '../core/access-keys.ts';
import { actorOf } from '../core/principals.ts';
import type { AuditLog, AuditRecord } from '../core/audit-trail.ts';
import type { Exchange, Outcome } from './exchange.ts';

/** Counts calls. */
export interface CallMeter {
  /** `action` is the name of an operation or `unknown`; `code` is null for success. */
  call(call: { action: string; status: number; code: string | null; seconds: number }): void;
  /** A nonce went out of memory before its time. */
  nonceEvicted(): void;
}

/** What recording needs. */
export interface RecordDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly audit: Pick<AuditLog, 'call'>;
  readonly meter: CallMeter;
  readonly keys: Pick<KeyRing, 'find'>;
}

/** Leaves the marks of a call: an audit line, a count, one log line, and the cause of a fault. */
export function record(exchange: Exchange, outcome: Outcome, deps: RecordDeps): void {
  const { clock, log, audit, meter } = deps;
  const { requestId, at, startedAt, operation, identity, input } = exchange;
  const { clientAddress } = input;
  const action = operation?.name ?? 'unknown';
  const accessKeyId = identity?.accessKeyId ?? null;
  const accountId = identity?.accountId ?? null;
  const status = outcome.ok ? 200 : outcome.error.status;
  const code = outcome.ok ? null : outcome.error.code;
  const kind = kindOf(exchange, code);
  const actor = identity ? actorOf(identity.principal) : null;
  const { target = null, effect = null } = exchange;
  const ms = clock.monotonic() - startedAt;
  const who = { accountId, actor, accessKeyId, clientAddress };
  audit.call({ at, requestId, action, ...who, target, effect, status, code, kind });
  meter.call({ action, status, code, seconds: ms / 1000 });
  const claimed = accessKeyId ?? claimedKey(exchange, code, deps);
  const line = {
    requestId,
    action,
    status,
    code,
    ms: Math.round(ms * 10) / 10,
    clientAddress,
    accessKeyId: claimed,
  };
  if (!outcome.ok && outcome.cause !== undefined) log.error({ ...line, err: outcome.cause }, 'call failed');
  // Whoever has no key can make as many such calls as the network carries; the sums in the audit trail tell of them.
  else if (claimed === null) log.debug(line, 'call');
  else log.info(line, 'call');
}

/**
 * The key that an unproven call names, if there is such a key: its owner wants to know why the calls fail. What an
 * address fails beyond its limit is left out, so that nobody fills the log.
 */
function claimedKey({ request }: Exchange, code: string | null, { keys }: RecordDeps): string | null {
  if (request.accessKeyId === undefined || code === 'Throttling') return null;
  return keys.find(request.accessKeyId)?.accessKeyId ?? null;
}

/** A throttled call changed nothing and would flood the durable trail: it is kept like a reading one. */
function kindOf({ operation, identity }: Exchange, code: string | null): AuditRecord['kind'] {
  if (!identity || !operation) return 'anonymous';
  if (code === 'NoPermission') return 'denied';
  return code === 'Throttling.User' || code === 'Throttling' ? 'read' : operation.kind;
}
