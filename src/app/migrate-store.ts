import type { SchemaStatus } from '../store/schema-status.ts';
import type { Config } from './config.ts';
import { requireStore, withStore } from './with-store.ts';

/**
 * Brings the store of the data folder to the newest schema; with `check` only looks. Gives where each file was before.
 * @throws StartError when there is no store, or it cannot be opened or is of a newer version
 */
export async function migrateStore(config: Config, { check }: { check: boolean }): Promise<SchemaStatus[]> {
  const directory = config.options.data;
  requireStore(directory);
  // Only here: the migrations bring the query builder, which costs every other command a quarter of its start.
  const { schemaStatus } = await import('../store/schema-status.ts');
  const before = await schemaStatus(directory);
  // Opening a store migrates it.
  if (!check) await withStore(config, () => Promise.resolve());
  return before;
}
