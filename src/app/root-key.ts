import { timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import { StartError } from '../base/errors.ts';
import type { Ids } from '../base/ids.ts';
import type { AccessKey } from '../core/access-keys.ts';
import type { KeyStore } from '../core/ports.ts';
import { makeKeyPair } from '../core/ram/access-keys.ts';
import type { KeyPair } from '../core/ram/access-keys.ts';
import type { Secrets } from './options.ts';
import { readIfPresent, writePrivateFile } from './data-folder.ts';

// The command line may not look into core.
export type { KeyPair } from '../core/ram/access-keys.ts';

/** Where the root key is written, inside the data folder. */
export const ROOT_KEY_FILE = 'root-key.json';

/** A key as `sluice call` signs with it. */
export interface CallerKey extends KeyPair {
  /** Only with the key of a session. */
  readonly securityToken?: string;
}

const part = z.string().min(1);
const keyFile = z.object({
  accessKeyId: part,
  accessKeySecret: part,
  securityToken: part.exactOptional(),
});

/** Writes a pair where `sluice call` looks for it, readable by the owner only. */
async function writeKeyFile(path: string, pair: KeyPair): Promise<void> {
  await writePrivateFile(path, `${JSON.stringify(pair, null, 2)}\n`);
}

/** The key of a key file, or undefined when there is no file. @throws StartError when it is not one. */
export async function readKeyFile(path: string): Promise<CallerKey | undefined> {
  const text = await readIfPresent(path);
  if (text === undefined) return undefined;
  try {
    return keyFile.parse(JSON.parse(text));
  } catch {
    throw new StartError(`${path} is not a key file: it must be JSON with accessKeyId and accessKeySecret`);
  }
}

/** The pair of the configuration. @throws StartError when only one half is set. */
export function configuredPair(secrets: Secrets): KeyPair | undefined {
  const accessKeyId = secrets['accessKey.id'];
  const accessKeySecret = secrets['accessKey.secret'];
  if (accessKeyId === null && accessKeySecret === null) return undefined;
  if (accessKeyId === null || accessKeySecret === null)
    throw new StartError(
      'SLUICE_ACCESS_KEY_ID and SLUICE_ACCESS_KEY_SECRET go together: one of them is not set',
    );
  return { accessKeyId, accessKeySecret };
}

/** What {@link ensureRootKey} needs. */
export interface RootKeyDeps {
  readonly keys: KeyStore;
  readonly directory: string;
  readonly clock: Clock;
  readonly ids: Ids;
  /** See {@link configuredPair}. */
  readonly configured: KeyPair | undefined;
}

/** The active root key, if any is left, and whether it was made just now. */
export interface RootKey {
  readonly key: KeyPair | undefined;
  readonly created: boolean;
}

/**
 * Makes the root key at the first start; later checks that the configured key, if there is one, is a key of the store.
 * @throws StartError when it is not.
 */
export async function ensureRootKey(deps: RootKeyDeps): Promise<RootKey> {
  const known = await deps.keys.listKeys();
  if (known.length === 0) return { key: await createRootKey(deps, deps.configured), created: true };
  if (deps.configured) requireAgreement(deps.configured, known);
  const active = known.find((key) => key.root && key.status === 'active');
  return { key: active && pairOf(active), created: false };
}

/**
 * Stores a new root key and writes its file. The file comes first: after a crash in between the next start overwrites
 * it, whereas a stored key without a file would leave nobody able to call.
 */
export async function createRootKey(
  deps: Omit<RootKeyDeps, 'configured'>,
  given: KeyPair | undefined,
): Promise<KeyPair> {
  const { keys, directory, clock, ids } = deps;
  const pair = given ?? makeKeyPair(ids);
  await writeKeyFile(join(directory, ROOT_KEY_FILE), pair);
  await keys.createKey({
    accessKeyId: pair.accessKeyId,
    secret: pair.accessKeySecret,
    accountId: await keys.rootAccountId(),
    userId: null,
    note: 'root key',
    root: true,
    createdAt: clock.now(),
  });
  return pair;
}

function pairOf(key: AccessKey): KeyPair {
  return { accessKeyId: key.accessKeyId, accessKeySecret: key.secret };
}

function requireAgreement(configured: KeyPair, known: readonly AccessKey[]): void {
  const { accessKeyId } = configured;
  const stored = known.find((key) => key.accessKeyId === accessKeyId);
  const advice = 'unset SLUICE_ACCESS_KEY_ID and SLUICE_ACCESS_KEY_SECRET, or give the key of the store';
  if (!stored)
    throw new StartError(`SLUICE_ACCESS_KEY_ID is ${accessKeyId}, which the store does not know: ${advice}`);
  if (!equal(stored.secret, configured.accessKeySecret))
    throw new StartError(
      `SLUICE_ACCESS_KEY_SECRET is not the secret of ${accessKeyId} in the store: ${advice}`,
    );
}

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
