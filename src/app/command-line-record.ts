import { hostname } from 'node:os';
import { systemClock } from '../base/clock.ts';
import { systemIds } from '../base/ids.ts';
import type { Store } from '../core/ports.ts';
import type { AuditRecord } from '../core/audit-trail.ts';

/** What a command did on the machine of the store. */
export type CommandDone = Pick<AuditRecord, 'action' | 'target'> &
  Partial<Pick<AuditRecord, 'effect'>> & { readonly accountId: string };

/**
 * Leaves the line of a command that changed the store, for the account that it concerns. Its address is the name of the
 * machine; it is written when the store closes, at the latest.
 */
export function recordCommand({ audit }: Pick<Store, 'audit'>, done: CommandDone): void {
  const { accountId, action, target, effect = null } = done;
  const made = { at: systemClock.now(), requestId: systemIds.requestId() };
  const who = { actor: 'command line', accessKeyId: null, clientAddress: hostname() || '-' };
  const answer = { status: 200, code: null, kind: 'write' as const };
  audit.call({ ...made, ...who, ...answer, accountId, action, target, effect });
}
