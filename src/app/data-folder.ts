import { constants } from 'node:fs';
import { access, mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { messageOf, StartError } from '../base/errors.ts';

/**
 * Makes the data folder, for its owner only, when it is not there.
 * @throws StartError when it cannot be made, read or written.
 */
export async function prepareDataFolder(directory: string): Promise<void> {
  try {
    await makeFolders(resolve(directory));
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new StartError(`the data folder ${directory} cannot be used: ${messageOf(error)}`);
  }
}

/**
 * Makes a folder and those above it. One by one: Node's own way tries for ever where a folder that is there takes none
 * (`/proc`).
 */
async function makeFolders(directory: string): Promise<void> {
  if (await isFolder(directory)) return;
  const parent = dirname(directory);
  await makeFolders(parent);
  await mkdir(directory, { mode: 0o700 }).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') throw new Error(`no folder can be made in ${parent}`);
    // Somebody else made it meanwhile; whether it will do is found out next.
    if (code !== 'EEXIST') throw error;
  });
  await syncFolder(parent);
}

/** Makes the names in a folder outlive a power cut. A folder that may be written and not read cannot be synced. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'EACCES') return undefined;
    throw error;
  });
  try {
    await folder?.sync();
  } finally {
    await folder?.close();
  }
}

/** False when there is nothing. @throws Error when it is something else, or cannot be looked at. */
async function isFolder(path: string): Promise<boolean> {
  try {
    const facts = await stat(path);
    if (!facts.isDirectory()) throw new Error(`${path} is not a folder`);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

/**
 * Writes a file that only its owner can read; readers see the old content or the new one, nothing in between, also after
 * a power cut.
 */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.chmod(0o600);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  await syncFolder(dirname(path));
}

/** The text of a file, or undefined when there is none. @throws StartError when it cannot be read. */
export async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new StartError(`${path} cannot be read: ${messageOf(error)}`);
  }
}
