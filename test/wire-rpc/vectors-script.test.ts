import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const given = join(root, 'test/vectors/signatures.json');
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-vectors-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function run(...files: string[]) {
  const script = join(root, 'scripts/vectors.ts');
  return spawnSync(process.execPath, ['--import', 'tsx', script, ...files], { cwd: root, encoding: 'utf8' });
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('npm run vectors', () => {
  test('is content with the vectors of the project', () => {
    const { status, stdout } = run(given, join(root, 'test/vectors/decisions.json'));
    expect(stdout).toContain('285 vectors, 285 right, 0 wrong');
    expect(stdout).toMatch(/decisions\.json: (\d+) vectors, \1 right, 0 wrong/);
    expect(status).toBe(0);
  });

  test('names each wrong verdict and its reason, and fails', () => {
    const content = JSON.parse(readFileSync(given, 'utf8')) as { vectors: Record<string, unknown>[] };
    content.vectors[1] = { ...content.vectors[1], expect: 'reject' };
    content.vectors[2] = {
      ...content.vectors[2],
      credentials: { accessKeyId: 'YourAccessKeyId', accessKeySecret: 'x' },
    };
    const { status, stdout } = run(file('wrong.json', JSON.stringify(content)));
    expect(stdout).toContain('WRONG published-v1-describe-dedicated-hosts\n  expected reject, got accept\n');
    expect(stdout).toContain(
      'WRONG published-v3-run-instances\n  expected accept, got reject\n  SignatureDoesNotMatch',
    );
    expect(stdout).toContain('285 vectors, 283 right, 2 wrong');
    expect(status).toBe(1);
  });

  test.each([
    ['a file that is not there', () => join(folder, 'none.json'), /ENOENT/],
    ['a folder', () => folder, /EISDIR/],
    ['text that is not JSON', () => file('text.json', '{'), /not JSON/],
    ['JSON of another form', () => file('form.json', '{"vectors":[{"name":1}]}'), /vectors\[0\]\.request/],
    ['no vectors', () => file('empty.json', '{"vectors":[]}'), /not a file of signature vectors/],
  ])('says what is wrong with %s', (_what, path, message) => {
    const { status, stderr } = run(path());
    expect(stderr).toContain(path());
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('    at ');
    expect(status).toBe(2);
  });

  test('explains itself', () => {
    expect(run('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('Usage') as string });
    expect(run()).toMatchObject({ status: 2, stderr: expect.stringContaining('Usage') as string });
    expect(run('--nonsense')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--nonsense') as string,
    });
  });
});
