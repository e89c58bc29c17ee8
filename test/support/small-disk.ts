import { execFileSync } from 'node:child_process';
import type { TestContext } from 'vitest';

/**
 * Mounts a disk of so many MiB over a folder; gives what unmounts it. Who is not root cannot: the test is skipped and
 * says so. Root that cannot either fails where no test may be skipped (`SLUICE_TEST_REQUIRE_PROGRAMS=1`).
 */
export function mountSmallDisk(folder: string, mib: number, context: TestContext): () => void {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mib}m`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch (error) {
    if (process.env['SLUICE_TEST_REQUIRE_PROGRAMS'] === '1' && process.getuid?.() === 0) throw error;
    context.skip('needs the right to mount a small tmpfs (run as root)');
  }
  return () => void execFileSync('umount', ['--lazy', folder]);
}
