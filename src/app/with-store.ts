import { systemClock } from '../base/clock.ts';
import { StartError } from '../base/errors.ts';
import { systemIds } from '../base/ids.ts';
import { createLogger } from '../base/logger.ts';
import type { Store } from '../core/ports.ts';
import { storeExists } from '../store/files.ts';
import { openStore } from '../store/store.ts';
import type { Config } from './config.ts';
import { loadMasterKey } from './master-key.ts';

/** @throws StartError when the data folder holds no store */
export function requireStore(directory: string): void {
  if (!storeExists(directory))
    throw new StartError(
      `there is no store in ${directory}: name its folder with --data, or start the service once`,
    );
}

/**
 * Opens the store of the data folder beside a service that may be running, and closes it after `work`.
 * @throws StartError when there is no store, or it cannot be opened
 */
export async function withStore<T>(config: Config, work: (store: Store) => Promise<T>): Promise<T> {
  const directory = config.options.data;
  requireStore(directory);
  const masterKey = await loadMasterKey({
    directory,
    configured: config.secrets.masterKey,
    storeExists: true,
    ids: systemIds,
  });
  await using store = await openStore({
    directory,
    masterKey,
    clock: systemClock,
    log: createLogger('warn', 2),
    role: 'tool',
    mustExist: true,
  });
  return await work(store);
}
