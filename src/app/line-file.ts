import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { messageOf, StartError } from '../base/errors.ts';
import type { LineSink } from './audit-export.ts';

const NEWLINE = 10;

/**
 * Makes a file of lines, for its owner only, or with `append` goes on in the one that is there. What it is given is in
 * the file whole or not at all: it never ends in the middle of a line.
 * @throws StartError when it is there without `append`, ends in the middle of a line, or cannot be opened or written
 */
export async function openLineFile(path: string, { append }: { append: boolean }): Promise<LineSink> {
  const file = await openPrivate(path, append);
  try {
    let size = await sizeOfWhole(file, path);
    return {
      async write(text) {
        const bytes = Buffer.from(text);
        try {
          await file.writeFile(bytes);
          size += bytes.length;
        } catch (error) {
          await file.truncate(size).catch(() => undefined);
          throw new StartError(`${path} cannot be written: ${messageOf(error)}`, { cause: error });
        }
      },
      async [Symbol.asyncDispose]() {
        await file.sync().catch(() => undefined);
        await file.close();
      },
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function openPrivate(path: string, append: boolean): Promise<FileHandle> {
  const { O_RDWR, O_CREAT, O_APPEND, O_EXCL } = constants;
  try {
    const file = await open(path, O_RDWR | O_CREAT | O_APPEND | (append ? 0 : O_EXCL), 0o600);
    if (append) await file.chmod(0o600);
    return file;
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    throw new StartError(
      exists
        ? `${path} is there already: name another file, or go on in it with --after`
        : `${path} cannot be opened: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

/** The size of the file. @throws StartError when something was killed while it wrote a line */
async function sizeOfWhole(file: FileHandle, path: string): Promise<number> {
  const { size } = await file.stat();
  if (size === 0) return 0;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  if (buffer[0] === NEWLINE) return size;
  throw new StartError(`${path} ends in the middle of a line: name another file`);
}
