import { resultOf } from '../core/audit-trail.ts';
import type { AuditLine, AuditResult } from '../core/audit-trail.ts';

/** The results as the API spells them. */
export const AUDIT_RESULTS = {
  Success: 'success',
  Failed: 'failed',
  Denied: 'denied',
  Unknown: 'unknown',
} as const satisfies Record<string, AuditResult>;

/** A result as the API spells it. */
export type AuditResultName = keyof typeof AUDIT_RESULTS;

const NAMES = Object.fromEntries(
  Object.entries(AUDIT_RESULTS).map(([name, result]) => [result, name]),
) as Record<AuditResult, AuditResultName>;

/** A line of the audit trail in the words of the API, but for its time; what is undefined is left out. */
export function auditEntry(line: AuditLine) {
  return {
    CallId: line.requestId,
    Action: line.action,
    Kind: line.kind,
    Actor: line.actor ?? undefined,
    AccessKeyId: line.accessKeyId ?? undefined,
    SourceIp: line.clientAddress,
    Target: line.target ?? undefined,
    Result: NAMES[resultOf(line)],
    HttpStatus: line.status === 0 ? undefined : line.status,
    Code: line.code ?? undefined,
    Effect: line.effect ?? undefined,
  };
}
