import { join } from 'node:path';
import { StartError } from '../base/errors.ts';
import type { Ids } from '../base/ids.ts';
import { readIfPresent, writePrivateFile } from './data-folder.ts';

/** Where the master key is, inside the data folder, unless the configuration gives it. */
export const MASTER_KEY_FILE = 'master.key';

const BYTES = 32;

/** What {@link loadMasterKey} needs. */
export interface MasterKeySource {
  readonly directory: string;
  /** The option `masterKey`, 32 bytes in base64. */
  readonly configured: string | null;
  /** Whether the folder holds a store: then a missing key is not made anew, because it could not open the store. */
  readonly storeExists: boolean;
  readonly ids: Ids;
}

/**
 * The key that seals the secrets of the store: configured, else from its file, which the first start makes.
 * @throws StartError when it is not a key, or missing beside a store.
 */
export async function loadMasterKey(source: MasterKeySource): Promise<Buffer> {
  const { directory, configured, storeExists, ids } = source;
  if (configured !== null) return decode(configured, 'SLUICE_MASTER_KEY');
  const path = join(directory, MASTER_KEY_FILE);
  const text = await readIfPresent(path);
  if (text !== undefined) return decode(text, path);
  if (storeExists)
    throw new StartError(
      `${path} is missing, and without it the store in ${directory} cannot be opened: restore the file or set SLUICE_MASTER_KEY`,
    );
  const key = ids.bytes(BYTES);
  await writePrivateFile(path, `${key.toString('base64')}\n`);
  return key;
}

/** Node skips what is not base64, so only a text that prints as it was written is taken. */
function decode(text: string, origin: string): Buffer {
  const trimmed = text.trim();
  const key = Buffer.from(trimmed, 'base64');
  if (key.length !== BYTES || key.toString('base64') !== trimmed)
    throw new StartError(
      `${origin} is not a master key: it must be ${BYTES} bytes in base64 (openssl rand -base64 32)`,
    );
  return key;
}
