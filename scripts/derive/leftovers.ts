import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { DerivedFile } from './derived-file.ts';

/** Folders that hold nothing but derived files. */
const DERIVED_FOLDERS = ['docs/4-api'];

/** The files of such folders that nothing derives any more, as paths relative to `root`. */
export async function leftovers(root: string, derived: readonly DerivedFile[]): Promise<string[]> {
  const wanted = new Set(derived.map(({ file }) => file));
  const present = await Promise.all(DERIVED_FOLDERS.map((folder) => filesIn(root, folder)));
  return present.flat().filter((file) => !wanted.has(file));
}

async function filesIn(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}
