import { systemClock } from '../base/clock.ts';
import type { AuditLine, AuditPlace } from '../core/audit-trail.ts';
import type { Config } from './config.ts';
import { withStore } from './with-store.ts';

/** What a list of the newest lines is to give. */
export interface AuditListing {
  readonly accountId: string | undefined;
  readonly kind: AuditLine['kind'] | undefined;
  readonly limit: number;
}

/**
 * The newest lines of the audit trail, the newest first, beside a service that may be running.
 * @throws StartError when there is no store, or it cannot be opened
 */
export function newestAudit(config: Config, { accountId, kind, limit }: AuditListing): Promise<AuditLine[]> {
  return withStore(config, async ({ trail }) => {
    const lines: AuditLine[] = [];
    let after: AuditPlace | null = null;
    do {
      const query = { accountId: accountId ?? null, from: 0, to: systemClock.now(), filter: { kind }, after };
      const page = await trail.list({ ...query, limit: limit - lines.length });
      lines.push(...page.lines);
      after = page.next;
    } while (after !== null && lines.length < limit);
    return lines;
  });
}
