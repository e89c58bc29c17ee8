import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** What a store consists of on the disk; the index of the log (`-shm`) is memory and is not there after a power cut. */
const FILES = ['sluice.db', 'sluice.db-wal', 'sluice-log.db', 'sluice-log.db-wal'] as const;

/** Copies the files of a store as they are at this moment: what `kill -9` would leave now. */
export function imageOf(directory: string, target: string): string {
  mkdirSync(target, { recursive: true });
  for (const file of FILES)
    if (existsSync(join(directory, file))) copyFileSync(join(directory, file), join(target, file));
  return target;
}
