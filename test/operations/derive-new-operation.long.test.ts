import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary.ts';

const root = join(import.meta.dirname, '../..');

describe('npm run new-operation', () => {
  let scratch: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeAll(async () => {
    scratch = await temporaryFolder();
    for (const part of [
      'src',
      'scripts',
      'test/support',
      'package.json',
      'tsconfig.json',
      '.prettierrc.json',
      'vitest.config.ts',
    ])
      await cp(join(root, part), join(scratch.path, part), { recursive: true });
    await mkdir(join(scratch.path, 'test/operations'));
    await symlink(join(root, 'node_modules'), join(scratch.path, 'node_modules'));
  }, 60_000);
  afterAll(() => scratch[Symbol.asyncDispose]());

  async function node(script: string, ...args: string[]) {
    try {
      const { stdout } = await promisify(execFile)(process.execPath, [script, ...args], {
        cwd: scratch.path,
        env: { PATH: process.env['PATH'] },
        maxBuffer: 64 * 1024 * 1024,
      });
      return { code: 0, out: stdout, err: '' };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, out: stdout, err: stderr };
    }
  }
  const newOperation = (...args: string[]) =>
    node('node_modules/tsx/dist/cli.mjs', 'scripts/new-operation.ts', ...args);

  it.each([
    [['ForbidLiveStream'], 'ForbidLiveStream exists already'],
    [['forbidIt'], 'forbidIt is no name'],
    [['A', 'B'], 'name one operation'],
    [['--force', 'MakeIt'], "Unknown option '--force'"],
  ])('refuses %j', async (args, problem) => {
    const { code, err } = await newOperation(...args);
    expect([code, err]).toEqual([2, expect.stringContaining(problem)]);
  });

  it('writes what type-checks, and fails its own test until somebody has written handler and test', async () => {
    const made = ['CreateLiveStreamMonitor', 'AddCasterLayout', 'DescribeCasterLayouts', 'MakeItRain'];
    for (const name of made) {
      const { code, out, err } = await newOperation(name);
      expect([code, err]).toEqual([0, '']);
      expect(out).toContain(`wrote src/operations/${name}.ts`);
      expect(out).toContain('Next:');
    }
    expect((await newOperation('MakeItRain')).err).toContain('MakeItRain exists already');

    const written = made.flatMap((name) => [`src/operations/${name}.ts`, `test/operations/${name}.test.ts`]);
    const own = {
      extends: './tsconfig.json',
      include: [],
      files: ['src/operations/registry.ts', ...written],
    };
    await writeFile(join(scratch.path, 'tsconfig.own.json'), JSON.stringify(own));
    const { out: problems } = await node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.own.json');
    const files = ['src/operations/registry.ts', ...written];
    expect(problems.split('\n').filter((line) => files.some((file) => line.startsWith(file)))).toEqual([]);

    const stubs = await results('MakeItRain');
    expect(stubs).toMatchObject({ 'behaviour answers': 'failed', 'behaviour does what it is for': 'failed' });

    // With a handler the call succeeds; what it is for must still be written down.
    const file = join(scratch.path, 'src/operations/MakeItRain.ts');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(/handle\(\): never \{[^}]*\}/, 'handle: () => ({})'));
    const handled = await results('MakeItRain');
    expect(handled).toMatchObject({
      'behaviour answers': 'passed',
      'behaviour does what it is for': 'failed',
    });
  }, 600_000);

  /** Runs a contract test; how each of its tests ended. */
  async function results(name: string): Promise<Record<string, string>> {
    const report = join(scratch.path, 'report.json');
    const args = ['run', `test/operations/${name}.test.ts`, '--reporter=json', `--outputFile=${report}`];
    const { code } = await node('node_modules/vitest/vitest.mjs', ...args);
    expect(code).toBe(1);
    const { testResults } = JSON.parse(await readFile(report, 'utf8')) as {
      testResults: { assertionResults: { fullName: string; status: string }[] }[];
    };
    const ended = testResults.flatMap(({ assertionResults }) => assertionResults);
    return Object.fromEntries(ended.map(({ fullName, status }) => [fullName, status]));
  }
});
