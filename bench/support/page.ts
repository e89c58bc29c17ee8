import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format as prettify, resolveConfig } from 'prettier';

/** The page that the tables are written into, from the root of the repository. */
export const PAGE = 'docs/5-internals/performance.md';

const FILE = join(import.meta.dirname, '../..', PAGE);

/** Puts a benchmark's section between its markers on the page; what people wrote around them stays. */
export async function writeBlock(name: string, section: string): Promise<void> {
  const page = await readFile(FILE, 'utf8');
  const [begin, end] = [`<!-- bench ${name} -->`, '<!-- /bench -->'];
  const from = page.indexOf(begin);
  if (from === -1) throw new Error(`${PAGE} has no line "${begin}"`);
  const to = page.indexOf(end, from);
  if (to === -1) throw new Error(`${PAGE} has no line "${end}" after "${begin}"`);
  const whole = `${page.slice(0, from)}${begin}\n\n${section}\n\n${page.slice(to)}`;
  const config = await resolveConfig(FILE);
  await writeFile(FILE, await prettify(whole, { ...config, filepath: FILE }));
}
