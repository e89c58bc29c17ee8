import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '../..');

/**
 * Bundles the store's thread once for the whole run: each of hundreds of stores would load it as TypeScript otherwise,
 * which takes a second and a half of CPU each time.
 */
export async function setup(): Promise<() => Promise<void>> {
  // Inside of node_modules, so that the packages that it does not hold are found.
  const cache = join(root, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'sluice-worker-'));
  const outfile = join(folder, 'worker.mjs');
  await build({
    entryPoints: [join(root, 'src/store/worker.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // Native code, and what finds it, stays where npm put it.
    external: ['@photostructure/sqlite'],
    logLevel: 'warning',
  });
  process.env['SLUICE_TEST_STORE_WORKER'] = outfile;
  return () => rm(folder, { recursive: true, force: true });
}
