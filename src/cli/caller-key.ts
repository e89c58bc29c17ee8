import { join } from 'node:path';
import { StartError } from '../base/errors.ts';
import { readKeyFile, ROOT_KEY_FILE } from '../app/root-key.ts';
import type { CallerKey } from '../app/root-key.ts';
import { UsageError } from './io.ts';

/** Where `sluice call` finds a key. */
export interface KeySource {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `--key-file`; absent: the root key file of the data folder. */
  readonly keyFile: string | undefined;
}

/**
 * The key to sign with: a key file that is named, else the environment, else the root key file of the data folder. The
 * key of a session has its token in the same place.
 * There is no flag for a secret, because command lines are visible to every user of a machine.
 */
export async function callerKey({ env, keyFile }: KeySource): Promise<CallerKey> {
  const accessKeyId = env['SLUICE_ACCESS_KEY_ID'];
  const accessKeySecret = env['SLUICE_ACCESS_KEY_SECRET'];
  const securityToken = env['SLUICE_SECURITY_TOKEN'];
  if (keyFile === undefined && accessKeyId && accessKeySecret)
    return { accessKeyId, accessKeySecret, ...(securityToken && { securityToken }) };
  if (keyFile === undefined && (accessKeyId || accessKeySecret))
    throw new UsageError(
      'SLUICE_ACCESS_KEY_ID and SLUICE_ACCESS_KEY_SECRET go together: one of them is not set',
    );
  const path = keyFile ?? join(env['SLUICE_DATA'] ?? './data', ROOT_KEY_FILE);
  const pair = await readKeyFile(path);
  if (pair) return pair;
  throw new StartError(
    `no access key: ${path} is not there. Set SLUICE_ACCESS_KEY_ID and SLUICE_ACCESS_KEY_SECRET, or name a --key-file`,
  );
}
