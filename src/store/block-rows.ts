import type { Selectable } from 'kysely';
import type { Block } from '../core/blocks.ts';
import type { BlockTable } from './schema.ts';

/** The columns of a block, for select lists. */
export const blockColumns = [
  'blocks.domain',
  'blocks.app',
  'blocks.stream',
  'blocks.account_id',
  'blocks.version',
  'blocks.resume_at',
  'blocks.reason',
  'blocks.actor',
  'blocks.created_at',
  'blocks.updated_at',
] as const;

/** A row as core sees it. */
export function toBlock(row: Selectable<BlockTable>): Block {
  return {
    key: { domain: row.domain, app: row.app, stream: row.stream },
    accountId: row.account_id,
    version: row.version,
    resumeAt: row.resume_at,
    reason: row.reason,
    actor: row.actor,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** A block as a row. */
export function toBlockRow(block: Block): BlockTable {
  return {
    ...block.key,
    account_id: block.accountId,
    version: block.version,
    resume_at: block.resumeAt,
    reason: block.reason,
    actor: block.actor,
    created_at: block.createdAt,
    updated_at: block.updatedAt,
  };
}
