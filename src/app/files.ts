import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { messageOf } from '../base/errors.ts';

/** The largest configuration or PEM file that is read, in bytes. */
const MAX_BYTES = 1024 * 1024;

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  EISDIR: 'it is a folder, not a file',
  ENOTDIR: 'a part of its path is a file, not a folder',
  ELOOP: 'its symbolic links go round in a circle',
};

/** Why a file cannot be read, in words. */
export function fileProblem(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return PROBLEMS[code] ?? messageOf(error);
}

const tooLarge = (): Error => new Error(`it is larger than ${MAX_BYTES} bytes`);

/** The text of a small file, which may be a pipe. @throws Error when it cannot be read or has more than 1 MiB. */
export function readTextFile(path: string): string {
  const descriptor = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(MAX_BYTES + 1);
    let size = 0;
    for (let read = -1; read !== 0 && size <= MAX_BYTES; size += read)
      read = readSync(descriptor, bytes, size, bytes.length - size, null);
    if (size > MAX_BYTES) throw tooLarge();
    return bytes.toString('utf8', 0, size);
  } finally {
    closeSync(descriptor);
  }
}

/** The bytes of a small regular file. @throws Error when it is none, cannot be read or has more than 1 MiB. */
export async function readSmallFile(path: string): Promise<Buffer> {
  // A pipe or a device is told apart before it is opened, which may wait for ever.
  const facts = await stat(path);
  if (!facts.isFile() && !facts.isDirectory()) throw new Error('it is not a regular file');
  if (facts.size > MAX_BYTES) throw tooLarge();
  return await readFile(path);
}

/**
 * What to tell the operator of a file with secrets that other users may open; undefined when all is well, there is no
 * such file, or it is a pipe.
 */
export function exposureOf(path: string): string | undefined {
  const facts = statSync(path, { throwIfNoEntry: false });
  // On Windows the mode says nothing.
  if (!facts?.isFile() || process.platform === 'win32' || (facts.mode & 0o077) === 0) return undefined;
  const shown = (facts.mode & 0o777).toString(8).padStart(3, '0');
  return `${path} holds secrets and is open to other users (mode ${shown}): chmod 600 it`;
}
