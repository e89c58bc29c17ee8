import type { AuditRecord } from '../core/audit-trail.ts';
import type { Caller } from '../core/ports.ts';
import type { AuditTable } from './schema.ts';

/** Longest text of a peer that is kept, in UTF-16 units. */
const MAX_TEXT = 512;

/** The status of a line whose call was begun and has no answer yet, or never got one. */
export const BEGUN = 0;

/** The columns of a line. */
export const auditColumns = [
  'at',
  'request_id',
  'action',
  'account_id',
  'access_key_id',
  'client_address',
  'status',
  'code',
  'kind',
  'actor',
  'target',
  'effect',
] as const satisfies readonly (keyof AuditTable)[];

/** The line of a call that has its answer. */
export function auditRow(record: AuditRecord, kind: AuditTable['kind']): AuditTable {
  const { at, requestId, action, accountId, accessKeyId, clientAddress, status, code } = record;
  const { actor, target, effect } = record;
  return {
    at,
    request_id: requestId,
    action: clip(action),
    account_id: accountId,
    access_key_id: clipped(accessKeyId),
    client_address: clip(clientAddress),
    status,
    code,
    kind,
    actor: clipped(actor),
    target: clipped(target),
    effect: effect === null ? null : JSON.stringify(effect, (_, value: unknown) => bounded(value)),
  };
}

/** The line of a writing call that is about to change the store. */
export function intentRow(caller: Caller): AuditTable {
  return auditRow({ ...caller, status: BEGUN, code: null, effect: null, kind: 'write' }, 'write');
}

/** Text of a peer, as long as it may be and without what PostgreSQL cannot store. */
export function clip(text: string): string {
  return text.slice(0, MAX_TEXT).replaceAll('\0', '\uFFFD');
}

function clipped(text: string | null): string | null {
  return text === null ? null : clip(text);
}

function bounded(value: unknown): unknown {
  return typeof value === 'string' ? clip(value) : value;
}
