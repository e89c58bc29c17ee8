import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from '../base/errors.ts';
import { connect, SQLITE, sqliteCode } from './sqlite.ts';

/**
 * Takes the directory for the one service that may use it, for as long as the process lives or until the function that
 * this resolves with is called. The lock is one of SQLite's on a file of its own, so that the system releases it however
 * the process ends.
 * @throws StartError when another service has it
 */
export async function lockForService(directory: string): Promise<() => void> {
  const path = join(directory, 'service.lock');
  const connection = await connect(path);
  try {
    connection.exec('pragma busy_timeout = 0');
    connection.exec('begin exclusive');
    chmodSync(path, 0o600);
  } catch (error) {
    connection.close();
    if (sqliteCode(error) !== SQLITE.BUSY) throw error;
    throw new StartError(
      `another sluice serve uses the data folder ${directory}: stop it, or name another folder with --data`,
      { cause: error },
    );
  }
  return () => {
    if (connection.isTransaction) connection.exec('rollback');
    connection.close();
  };
}
