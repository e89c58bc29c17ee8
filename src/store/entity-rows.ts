import type { Entity, EntityChange } from '../core/entities.ts';
import type { EntityTable } from './schema.ts';

/** The columns of an entity, for select lists. */
export const entityColumns = [
  'kind',
  'id',
  'account_id',
  'version',
  'document',
] as const satisfies readonly (keyof EntityTable)[];

/** A row as a change of the feed has it. */
export function toEntityChange({ kind, id, version, document }: EntityTable): EntityChange {
  return { kind, id, version, entity: JSON.parse(document) as Entity };
}

/** An entity as a row. */
export function toEntityRow(entity: Entity, version: number): EntityTable {
  const { kind, id, accountId } = entity;
  return { kind, id, account_id: accountId, version, document: JSON.stringify(entity) };
}
