/**
 * The tables as Kysely sees them. Times are epoch milliseconds, booleans 0 or 1, in every dialect.
 * What each table keeps and for how long: retention.ts.
 */

import type { EntityKind } from '../core/entities.ts';
import type { ControlOutcome } from '../core/ports.ts';

/** A flag of the schema. */
export type Flag = 0 | 1;

export interface MetaTable {
  name: string;
  value: string;
}

export interface CounterTable {
  name: 'feed' | 'history';
  value: number;
}

export interface BlockTable {
  domain: string;
  app: string;
  stream: string;
  account_id: string;
  version: number;
  resume_at: number | null;
  reason: string | null;
  actor: string;
  created_at: number;
  updated_at: number;
}

/** A row names what changed: a block, a key or an entity; what it is now stands in its own table. */
export interface ChangeTable {
  seq: number;
  at: number;
  kind: 'block' | 'key' | 'entity';
  domain: string | null;
  app: string | null;
  stream: string | null;
  access_key_id: string | null;
  entity_kind: EntityKind | null;
  entity_id: string | null;
}

/** An account, or something that an account owns, as one document. */
export interface EntityTable {
  kind: EntityKind;
  id: string;
  account_id: string;
  version: number;
  /** JSON of the entity (core/entities.ts). */
  document: string;
}

export interface ControlHistoryTable {
  id: number;
  at: number;
  action: string;
  account_id: string;
  access_key_id: string;
  client_address: string;
  request_id: string;
  domain: string;
  app: string;
  stream: string;
  reason: string | null;
  outcome: ControlOutcome;
  resume_at: number | null;
  publishers: number | null;
  players: number | null;
}

export interface NonceTable {
  access_key_id: string;
  nonce: string;
  expires_at: number;
}

export interface AccessKeyTable {
  access_key_id: string;
  account_id: string;
  sealed_secret: string;
  status: 'active' | 'disabled';
  note: string | null;
  root: Flag;
  created_at: number;
  version: number;
  user_id: string | null;
}

export interface AuditTable {
  at: number;
  request_id: string;
  action: string;
  account_id: string | null;
  access_key_id: string | null;
  client_address: string;
  /** 0: the call was begun, and the service ended before its answer. */
  status: number;
  code: string | null;
  kind: 'write' | 'denied' | 'read';
  actor: string | null;
  target: string | null;
  /** What the call reached, JSON; null: it says nothing of that. */
  effect: string | null;
}

export interface PublishTable {
  id: string;
  /** The run of the service that accepted the publish. */
  run_id: string;
  domain: string;
  app: string;
  stream: string;
  push_domain: string;
  client_address: string;
  server_address: string;
  started_at: number;
  ended_at: number | null;
  end_reason: string | null;
  bytes: number | null;
}

export interface AnonymousCallTable {
  minute: number;
  source: string;
  calls: number;
}

export interface RefusedPublishTable {
  minute: number;
  source: string;
  target: string;
  problem: string;
  attempts: number;
}

/** `sluice.db`: what must not be lost. */
export interface MainSchema {
  meta: MetaTable;
  counters: CounterTable;
  blocks: BlockTable;
  changes: ChangeTable;
  control_history: ControlHistoryTable;
  nonces: NonceTable;
  access_keys: AccessKeyTable;
  entities: EntityTable;
  audit: AuditTable;
}

/** `sluice-log.db`: what a power cut may take the last seconds of. */
export interface LogSchema {
  meta: MetaTable;
  publishes: PublishTable;
  read_audit: AuditTable;
  anonymous_calls: AnonymousCallTable;
  refused_publishes: RefusedPublishTable;
}
