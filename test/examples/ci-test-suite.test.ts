import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const SUITE = join(ROOT, 'examples/ci-test-suite');
const manifest = JSON.parse(readFileSync(join(SUITE, 'package.json'), 'utf8')) as {
  scripts: { test: string };
  devDependencies: Record<string, string>;
};

/** Runs the suite as its package says, against the command; what it printed, and whether it passed. */
async function run(command: string): Promise<{ passed: boolean; out: string }> {
  const files = (await readdir(join(SUITE, 'test'))).map((file) => `test/${file}`);
  expect(manifest.scripts.test).toBe('node --import tsx --test test/*.test.ts');
  const env = { PATH: process.env['PATH'], SLUICE_COMMAND: command };
  const args = ['--import', 'tsx', '--test', ...files];
  return promisify(execFile)(process.execPath, args, { cwd: SUITE, env }).then(
    ({ stdout }) => ({ passed: true, out: stdout }),
    (error: unknown) => ({ passed: false, out: String((error as { stdout?: string }).stdout) }),
  );
}

const countOf = (out: string, what: string): number =>
  Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(out)?.[1]);

describe('the example suite for CI', () => {
  it('passes against the service of these sources', { timeout: 60_000 }, async () => {
    const tsx = new URL(import.meta.resolve('tsx')).href;
    const { passed, out } = await run(`${process.execPath} --import ${tsx} ${join(ROOT, 'src/main.ts')}`);
    expect(passed, out).toBe(true);
    expect(countOf(out, 'pass')).toBe(8);
    expect([countOf(out, 'fail'), countOf(out, 'cancelled'), countOf(out, 'skipped')]).toEqual([0, 0, 0]);
  });

  it('fails without a service in test mode', { timeout: 60_000 }, async () => {
    expect((await run('false')).passed).toBe(false);
  });

  // The vendor's come with its SDKs for RAM and STS.
  it('names the versions of packages that it is run with here', () => {
    for (const [name, version] of Object.entries(manifest.devDependencies)) {
      const found = JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')) as {
        version: string;
      };
      expect(found.version, name).toBe(version);
    }
  });
});
