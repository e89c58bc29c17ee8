import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  asciiQuoted,
  doubleQuoted,
  phpQuoted,
  shellQuoted,
} from '../../src/operations/derive/samples/quoting.ts';
import { SAMPLE_LANGUAGES } from '../../src/operations/derive/samples/languages.ts';
import { DEFAULT_ENDPOINT } from '../../src/operations/derive/samples/sample.ts';
import type { SampleCall, SampleLanguage } from '../../src/operations/derive/samples/sample.ts';
import { program } from '../support/programs.ts';
import { startTestService } from '../support/service.ts';
import type { TestService } from '../support/service.ts';

const root = join(import.meta.dirname, '../..');

/** What a naive sample would break on. */
const HOSTILE = [
  `it's "quoted" \`id\` $(id) $HOME \${HOME} #{x} %s %d !history`,
  'back\\slash \\n \\u0041 \\x41 \\',
  'line\nbreak\ttab\r\nend',
  'ä 中文 📺 \u2028 \ufeff \u0085',
  '--endpoint=http://127.0.0.1:1',
  '-h',
  ' spaces ',
  `'''"""</script>*/ //`,
];

const sample = (
  action: string,
  parameters: Record<string, string>,
  more: Partial<SampleCall> = {},
): SampleCall => ({
  action,
  version: '2016-11-01',
  parameters,
  endpoint: DEFAULT_ENDPOINT,
  ...more,
});

const language = (title: string): SampleLanguage => SAMPLE_LANGUAGES.find((one) => one.title === title)!;

describe('quoting', () => {
  it.each(HOSTILE)('of %j survives the shells and the languages that are here', async (text) => {
    const { stdout } = await promisify(execFile)('sh', ['-c', `printf %s ${shellQuoted(text)}`]);
    expect(stdout).toBe(text);
    expect(JSON.parse(doubleQuoted(text))).toBe(text);
    expect(JSON.parse(asciiQuoted(text))).toBe(text);
    expect(asciiQuoted(text)).toMatch(/^[\x20-\x7e]+$/);
    expect(phpQuoted(text)).not.toMatch(/\p{Cc}/u);
  });

  it('knows the escapes of PHP', () => {
    expect(phpQuoted(`it's $x {$y} "z" \\n \\`)).toBe(`'it\\'s $x {$y} "z" \\\\n \\\\'`);
    expect(phpQuoted(`it's $x {$y} "z" \\n\n\0`)).toBe(`"it's \\$x {\\$y} \\"z\\" \\\\n\\u{a}\\u{0}"`);
  });

  it('writes a lone surrogate as U+FFFD, and refuses what no argument can hold', () => {
    expect(doubleQuoted('a\ud800b')).toBe('"a\ufffdb"');
    expect(asciiQuoted('a\ud800b')).toBe('"a\\ufffdb"');
    expect(phpQuoted('a\ud800b')).toBe(`'a\ufffdb'`);
    expect(shellQuoted('a\ud800b')).toBe(`'a\ufffdb'`);
    expect(() => shellQuoted('a\0b')).toThrow(RangeError);
  });
});

describe.each(SAMPLE_LANGUAGES.filter(({ tested }) => !tested))('$title', ({ file, write }) => {
  it('is written as the golden file has it', () => {
    const parameters = { StreamName: 'room1', Reason: HOSTILE.join(' | '), AppName: 'live' };
    const text = write(sample('ForbidLiveStream', parameters, { endpoint: 'https://live.example.com' }));
    const golden = join(root, 'test/fixtures/samples', file);
    if (process.env['SLUICE_TEST_WRITE_GOLDEN'] === '1') writeFileSync(golden, text);
    expect(text).toBe(readFileSync(golden, 'utf8'));
  });
});

const STREAM = { DomainName: 'live.local', AppName: 'live', LiveStreamType: 'publisher' };

describe('the samples that are run', () => {
  let sluice: TestService;
  let folder: string;
  beforeAll(async () => {
    sluice = await startTestService();
    // Where Node finds the packages and no tool looks for sources.
    const cache = join(root, 'node_modules/.cache');
    await mkdir(cache, { recursive: true });
    folder = await mkdtemp(join(cache, 'sluice-samples-'));
    const command = `#!/bin/sh\nexec ${process.execPath} --import ${tsx} ${join(root, 'src/main.ts')} "$@"\n`;
    await writeFile(join(folder, 'sluice'), command);
    await chmod(join(folder, 'sluice'), 0o755);
  });
  afterAll(async () => {
    await sluice[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  type Test = (title: string, test: () => Promise<void>) => void;
  const tsx = import.meta.resolve('tsx');
  const python3 = program('python3');
  const curl = program('curl');
  const openssl = program('openssl');
  const runners: readonly (readonly [title: string, command: string[], test: Test])[] = [
    ['TypeScript', [process.execPath, '--import', tsx], it],
    ['sluice call', ['bash'], it],
    ['Python', [python3.path], (...one) => python3.it(...one)],
    ['curl', ['bash'], (...one) => (curl.path === 'curl' ? curl : openssl).it(...one)],
  ];

  /** Saves a sample and runs it as a reader would. */
  async function run(title: string, call: SampleCall, more: Readonly<Record<string, string>> = {}) {
    const { file, write } = language(title);
    const path = join(folder, file);
    await writeFile(path, write(call));
    const [program = '', ...first] = runners.find(([name]) => name === title)![1];
    const env = {
      PATH: `${folder}:${process.env['PATH'] ?? ''}`,
      HOME: folder,
      SLUICE_ACCESS_KEY_ID: sluice.key.accessKeyId,
      SLUICE_ACCESS_KEY_SECRET: sluice.key.accessKeySecret,
      ...more,
    };
    try {
      const { stdout } = await promisify(execFile)(program, [...first, path], { env, cwd: folder });
      return { ok: true, json: JSON.parse(stdout) as Record<string, unknown>, text: stdout };
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      return { ok: false, json: {}, text: stdout + stderr };
    }
  }

  it('are those that the documents say so of', () => {
    const tested = SAMPLE_LANGUAGES.filter((one) => one.tested).map(({ title }) => title);
    expect(runners.map(([title]) => title).sort()).toEqual(tested.sort());
  });

  describe.each(runners)('%s', (title, _command, test) => {
    test('says any value as it is', async () => {
      for (const [index, Reason] of [HOSTILE.join(' | '), '-h'].entries()) {
        const StreamName = `ströme & ${title} ${index}`;
        const call = sample(
          'ForbidLiveStream',
          { ...STREAM, StreamName, Reason },
          { endpoint: sluice.endpoint },
        );
        expect(await run(title, call)).toHaveProperty('json.RequestId');
        const { body } = await sluice.call('DescribeLiveStreamBlocks', { StreamName });
        expect(body['Blocks']).toMatchObject({ Block: [{ StreamName, Reason }] });
      }
    });

    test('takes the endpoint from the environment, and calls without parameters', async () => {
      const more = { SLUICE_ENDPOINT: sluice.endpoint };
      const { json } = await run(title, sample('DescribeLiveStreamBlocks', {}), more);
      expect(json).toHaveProperty('TotalNum');
    });

    test('fails with the code of the error', async () => {
      const names = { DomainName: 'live.local', AppName: '..', StreamName: 'x' };
      const call = sample('DescribeLiveStreamState', names, { endpoint: sluice.endpoint });
      const { ok, text } = await run(title, call);
      expect([ok, text]).toEqual([false, expect.stringContaining('InvalidAppName.Malformed')]);
    });

    // `sluice call` finds its key in ways of its own.
    if (title === 'sluice call') return;
    test('signs the token of a session', async () => {
      const more = { SLUICE_ENDPOINT: sluice.endpoint, SLUICE_SECURITY_TOKEN: 'none' };
      const { text } = await run(title, sample('DescribeLiveStreamBlocks', {}), more);
      expect(text).toContain('InvalidSecurityToken.Malformed');
    });
  });
});
