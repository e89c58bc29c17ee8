import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, StartError } from '../base/errors.ts';

/** The two files of a store. */
export interface StoreFiles {
  readonly main: string;
  readonly log: string;
}

/** The paths of a store's files. */
export function storeFiles(directory: string): StoreFiles {
  return { main: join(directory, 'sluice.db'), log: join(directory, 'sluice-log.db') };
}

/** Whether the directory holds a store. */
export function storeExists(directory: string): boolean {
  return existsSync(storeFiles(directory).main);
}

/**
 * Makes the directory (mode 700) and its files (mode 600) unless they are there.
 * @throws StartError when that cannot be, or when only a part of a store is there: an empty store in the place of a lost
 * one would let everybody in.
 */
export function prepareFiles(directory: string, mustExist: boolean): StoreFiles {
  const files = storeFiles(directory);
  if (mustExist && !existsSync(files.main)) {
    throw new StartError(
      `there is no store in ${directory}: name the directory of a store, or start the service once to make one`,
    );
  }
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StartError(`the directory ${directory} cannot be made (${messageOf(error)}): ${advice(error)}`);
  }
  refuseHalf(files);
  return files;
}

function refuseHalf({ main, log }: StoreFiles): void {
  // The second file is made only after the first holds its schema.
  if (!existsSync(log) || (existsSync(main) && statSync(main).size > 0)) return;
  throw new StartError(
    `${main} is missing or empty although ${log} is there: restore it from a backup, or move ${log} away as well to begin with an empty store`,
  );
}

/**
 * Makes one file with mode 600, or narrows the mode of the one that is there.
 * @throws StartError when that cannot be.
 */
export function prepareFile(path: string): void {
  try {
    // An existing file is never opened here: closing it again would drop the locks that SQLite holds in this process.
    if (existsSync(path)) narrow(path);
    else closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return;
    throw new StartError(`${path} cannot be made (${messageOf(error)}): ${advice(error)}`);
  }
}

function narrow(path: string): void {
  const { mode, uid } = statSync(path);
  if ((mode & 0o077) !== 0 && uid === process.getuid?.()) chmodSync(path, 0o600);
}

function advice(error: unknown): string {
  if (hasCode(error, 'ENOSPC', 'EDQUOT')) return 'free some space on its disk';
  if (hasCode(error, 'ENOTDIR', 'EEXIST')) return 'a part of the path is a file; name a directory';
  if (hasCode(error, 'EACCES', 'EPERM', 'EROFS'))
    return 'give this user the right to write there, or name another directory';
  return 'name another directory';
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
