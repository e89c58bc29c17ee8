import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { AuditLog, AuditRecord } from '../core/ports.ts';
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
}

/** Leaves the marks of a call: an audit line, a count, one log line, and the cause of a fault. */
export function record(exchange: Exchange, outcome: Outcome, { clock, log, audit, meter }: RecordDeps): void {
  const { requestId, at, startedAt, operation, identity, input } = exchange;
  const { clientAddress } = input;
  const action = operation?.name ?? 'unknown';
  const accessKeyId = identity?.key.accessKeyId ?? null;
  const accountId = identity?.key.accountId ?? null;
  const status = outcome.ok ? 200 : outcome.error.status;
  const code = outcome.ok ? null : outcome.error.code;
  const kind = kindOf(exchange, code);
  const ms = clock.monotonic() - startedAt;
  audit.call({ at, requestId, action, accountId, accessKeyId, clientAddress, status, code, kind });
  meter.call({ action, status, code, seconds: ms / 1000 });
  const line = { requestId, action, status, code, ms: Math.round(ms * 10) / 10, clientAddress, accessKeyId };
  if (!outcome.ok && outcome.cause !== undefined) log.error({ ...line, err: outcome.cause }, 'call failed');
  // Whoever has no key can make as many such calls as the network carries; the sums in the audit trail tell of them.
  else if (kind === 'anonymous') log.debug(line, 'call');
  else log.info(line, 'call');
}

/** A throttled call changed nothing and would flood the durable trail: it is kept like a reading one. */
function kindOf({ operation, identity }: Exchange, code: string | null): AuditRecord['kind'] {
  if (!identity || !operation) return 'anonymous';
  if (code === 'NoPermission') return 'denied';
  return code === 'Throttling.User' || code === 'Throttling' ? 'read' : operation.kind;
}
