import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '../..');

/**
 * Bundles the service and the store's thread once for the whole run: each of hundreds of stores and processes would load
 * them as TypeScript otherwise, which takes seconds of CPU each time.
 */
export async function setup(): Promise<() => Promise<void>> {
  // Inside of node_modules, so that packages are found, and two folders below package.json, as src and dist are.
  const folder = await mkdtemp(join(root, 'node_modules/.sluice-test-'));
  await build({
    absWorkingDir: root,
    entryPoints: { main: 'src/main.ts', worker: 'src/store/worker.ts' },
    outdir: folder,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
  });
  process.env['SLUICE_TEST_STORE_WORKER'] = join(folder, 'worker.js');
  process.env['SLUICE_TEST_SERVICE'] = join(folder, 'main.js');
  return () => rm(folder, { recursive: true, force: true });
}
