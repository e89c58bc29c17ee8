import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPTIONS } from '../../src/app/options.ts';
import type { KeyPair } from '../../src/app/root-key.ts';
import { parseCallArguments } from '../../src/cli/call-arguments.ts';
import { OPERATIONS } from '../../src/operations/registry.ts';
import { cli } from '../support/cli.ts';
import { wordsOf, writeNamedFiles } from '../support/doc-commands.ts';
import { allowing, trusting } from '../support/roles.ts';
import { startTestService } from '../support/service.ts';
import type { TestService } from '../support/service.ts';

const ROOT = join(import.meta.dirname, '../..');
const SKIPPED = new Set(['node_modules', 'dist', 'coverage', '.git', 'tmp', 'data', 'test']);

async function markdownFiles(folder = ROOT): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (SKIPPED.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...(await markdownFiles(path)));
    else if (entry.name.endsWith('.md')) found.push(path);
  }
  return found;
}

const files = await markdownFiles();
const textOf = (path: string): string => readFileSync(path, 'utf8');
const pages = files.map((path) => [relative(ROOT, path), textOf(path)] as const);

/** The fenced blocks of a language. */
function blocksOf(text: string, language: string): string[] {
  return [...text.matchAll(/^ *```(\S*)\n([^]*?)^ *```$/gm)].flatMap(([, name, body = '']) =>
    name === language ? [body] : [],
  );
}

/** Anchors as Markdown renderers make them of headings. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe.each(pages)('%s', (file, text) => {
  it('links only to what is there', () => {
    const prose = text.replace(/^ *```[^]*?^ *```$/gm, '');
    for (const [, target = ''] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path = '', anchor] = target.split('#');
      const linked = path === '' ? join(ROOT, file) : join(ROOT, dirname(file), path);
      expect(existsSync(linked), `${target} is not there`).toBe(true);
      if (anchor !== undefined)
        expect(anchorsOf(textOf(linked)), `#${anchor} is not in ${path}`).toContain(anchor);
    }
  });

  it('names only files that are there', () => {
    for (const [, path = ''] of text.matchAll(/`((?:src|test|docs|scripts|assets)\/[\w./-]+)`/g))
      expect(existsSync(join(ROOT, path)), `${path} is not there`).toBe(true);
  });

  it('shows only commands, parameters and npm scripts that exist', async () => {
    const { scripts } = JSON.parse(textOf(join(ROOT, 'package.json'))) as { scripts: Record<string, string> };
    const folder = await mkdtemp(join(tmpdir(), 'sluice-docs-'));
    writeNamedFiles(text, folder);
    const shell = blocksOf(text, 'sh').join('\n').replaceAll('\\\n', ' ');
    for (const [, script = ''] of shell.matchAll(/npm run ([\w:-]+)/g))
      expect(scripts).toHaveProperty([script]);
    for (const line of shell.split('\n').map((one) => one.replace(/\s+#.*$/, ''))) {
      const [, command = '', rest = ''] = /(?:sluice|node dist\/main\.js) ([\w-]+)(.*)/.exec(line) ?? [];
      if (command !== '') expect((await cli([command, '--help'])).code, line).toBe(0);
      if (command === 'call') checkCall(wordsOf(`sluice ${rest}`, folder));
    }
    await rm(folder, { recursive: true });
  });
});

/** The call names an operation, and parameters of it, whose values it takes. */
function checkCall(words: readonly string[]): void {
  const own = ['--key-file', '--endpoint'];
  const [action = '', ...rest] = words.filter(
    (word, at) => !own.includes(word) && !own.includes(words[at - 1] ?? ''),
  );
  const operation = OPERATIONS.find(({ name }) => name === action);
  if (!operation) throw new Error(`there is no operation ${action}`);
  const { parameters, help } = parseCallArguments(rest);
  for (const name of Object.keys(parameters)) expect(Object.keys(operation.parameters.shape)).toContain(name);
  if (!help) operation.prepare(new Map(Object.entries(parameters)));
}

describe('the documentation', () => {
  it('has every page in its index, and every decision in its list', () => {
    const index = textOf(join(ROOT, 'docs/README.md'));
    const decisions = textOf(join(ROOT, 'docs/6-decisions/README.md'));
    for (const [file] of pages.filter(([name]) => /^docs\/[12356]/.test(name))) {
      const list = file.startsWith('docs/6') ? decisions : index;
      expect(list, file).toContain(
        `(${file.replace(/^docs\/(6-decisions\/)?/, '')})`.replace('(README.md)', ''),
      );
    }
  });

  it('names only options that exist', () => {
    const families = new Set(Object.keys(OPTIONS).map((name) => name.split('.')[0]));
    for (const [file, text] of pages)
      for (const [, name = ''] of text.matchAll(/`([a-z]+\.[a-z][\w.]+)(?:: [^`]+)?`/g)) {
        if (!families.has(name.split('.')[0])) continue;
        const known = Object.keys(OPTIONS).some((option) => option === name || option.startsWith(`${name}.`));
        expect(known, `${file} names ${name}`).toBe(true);
      }
  });

  it('opens with the two commands of a new machine', () => {
    const [demo, test] = blocksOf(textOf(join(ROOT, 'README.md')), 'sh');
    expect([demo, test]).toEqual(['npm ci && npm run demo\n', 'npm ci && npm test\n']);
  });
});

describe('the SDK examples', () => {
  let sluice: TestService;
  let folder: string;
  let user: KeyPair;
  let roleArn: string;
  beforeAll(async () => {
    sluice = await startTestService();
    ({ user, roleArn } = await makeUserWithRole(sluice));
    // Where the examples find the packages and no tool looks for sources.
    const cache = join(ROOT, 'node_modules/.cache');
    await mkdir(cache, { recursive: true });
    folder = await mkdtemp(join(cache, 'sluice-docs-'));
  });
  afterAll(async () => {
    await sluice[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const examples = ['README.md', 'docs/2-use/sdk.md'].flatMap((file) =>
    blocksOf(textOf(join(ROOT, file)), 'js').map((code, index) => [file, index + 1, code] as const),
  );

  it('are there', () => expect(examples).toHaveLength(4));

  it.each(examples)('of %s, number %i, runs', async (_file, index, code) => {
    const path = join(folder, `${index}.mjs`);
    await writeFile(path, code);
    const key = code.includes('ROLE_ARN') ? user : sluice.key;
    const env = {
      PATH: process.env['PATH'],
      SLUICE_ENDPOINT: sluice.endpoint,
      SLUICE_ACCESS_KEY_ID: key.accessKeyId,
      SLUICE_ACCESS_KEY_SECRET: key.accessKeySecret,
      ROLE_ARN: roleArn,
    };
    const { stdout } = await promisify(execFile)(process.execPath, [path], { env });
    expect(stdout).toBe('forbidden\n');
  });
});

/** A user who may take on a role that may do everything. */
async function makeUserWithRole(sluice: TestService): Promise<{ user: KeyPair; roleArn: string }> {
  const call = async (
    action: string,
    parameters: Record<string, string>,
  ): Promise<Record<string, unknown>> => {
    const { status, body } = await sluice.call(action, parameters);
    expect(status, action).toBe(200);
    return body;
  };
  const { AccountId } = await call('GetCallerIdentity', {});
  const trust = trusting([`acs:ram::${String(AccountId)}:root`]);
  await call('CreateUser', { UserName: 'alice' });
  await call('CreateRole', { RoleName: 'operator', AssumeRolePolicyDocument: trust });
  await call('CreatePolicy', { PolicyName: 'assume', PolicyDocument: allowing('sts:AssumeRole') });
  await call('AttachPolicyToUser', { UserName: 'alice', PolicyType: 'Custom', PolicyName: 'assume' });
  const full = { PolicyType: 'System', PolicyName: 'AliyunLiveFullAccess' };
  await call('AttachPolicyToRole', { RoleName: 'operator', ...full });
  const { AccessKey } = await call('CreateAccessKey', { UserName: 'alice' });
  const { AccessKeyId, AccessKeySecret } = AccessKey as Record<string, string>;
  const user = { accessKeyId: AccessKeyId!, accessKeySecret: AccessKeySecret! };
  return { user, roleArn: `acs:ram::${String(AccountId)}:role/operator` };
}
