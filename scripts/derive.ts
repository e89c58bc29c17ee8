import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { apiFiles } from './derive/api.ts';
import { configurationFiles } from './derive/configuration.ts';
import type { DerivedFile } from './derive/derived-file.ts';
import { leftovers } from './derive/leftovers.ts';
import { metricsFiles } from './derive/metrics.ts';
import { retentionFiles } from './derive/retention.ts';

/** Everything that is derived. A producer is a function that returns its files. */
const PRODUCERS: (() => readonly DerivedFile[] | Promise<readonly DerivedFile[]>)[] = [
  configurationFiles,
  apiFiles,
  metricsFiles,
  retentionFiles,
];

const root = join(import.meta.dirname, '..');
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

let stale = 0;
const produced = (await Promise.all(PRODUCERS.map(async (produce) => produce()))).flat();
for (const { file, text } of produced) {
  const path = join(root, file);
  const wanted = await format(text, { ...(await resolveConfig(path)), filepath: path });
  const present = await readFile(path, 'utf8').catch(() => undefined);
  if (present === wanted) continue;
  stale++;
  if (values.check) {
    console.error(`${file} is stale: run npm run derive`);
  } else {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, wanted);
    console.log(`wrote ${file}`);
  }
}
for (const file of await leftovers(root, produced)) {
  stale++;
  if (values.check) {
    console.error(`${file} derives from nothing: run npm run derive`);
  } else {
    await rm(join(root, file));
    console.log(`removed ${file}`);
  }
}
if (values.check && stale > 0) process.exitCode = 1;
