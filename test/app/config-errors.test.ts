import { execFileSync } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FlagError, loadConfig } from '../../src/app/config.ts';
import type { ConfigSources } from '../../src/app/config.ts';
import { environmentOf, flagOf, OPTIONS } from '../../src/app/options.ts';
import { StartError } from '../../src/base/errors.ts';
import { temporaryFolder } from '../support/temporary.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => (folder = await temporaryFolder()));
afterAll(() => folder[Symbol.asyncDispose]());

let files = 0;
async function yaml(text: string | Buffer, mode = 0o600): Promise<string> {
  const path = join(folder.path, `${files++}.yaml`);
  await writeFile(path, text, { mode });
  return path;
}

function problemOf(sources: ConfigSources): StartError {
  try {
    loadConfig(sources);
  } catch (error) {
    if (error instanceof StartError) return error;
    throw error;
  }
  throw new Error('the configuration was taken');
}

const COUNTS = 'must be names with a whole number above 0 each, once, as in a=1,b=2';
const DOMAINS = 'must be domains with a domain each, once, as in push.example.com=live.example.com';
const OWNERS =
  'must be domains with the 16 digits of an account each, as in live.example.com=1234567890123456';
const RANGES = 'must be a list of addresses or CIDR ranges such as 10.0.0.0/8';
const DURATION = 'must be a duration such as 90s, 15m, 12h or 180d, or none';
const LEVELS = 'trace, debug, info, warn, error, fatal, silent';
const WORDS = `must be names with one of ${LEVELS} each, once, as in app=trace`;
const DOMAIN = 'must be a domain such as live.example.com';
const PORT = 'must be a whole number from 0 to 65535';
const AUTH = 'each domain must have mainKey, and may have backupKey and ttlSeconds, nothing else';

/** A bad text for flag and environment, the same in a file, and what is said of it. */
const BAD: [option: string, text: string, inFile: string, problem: string][] = [
  ['api.port', 'abc', 'abc', `${PORT}, not "abc"`],
  ['api.port', '80.5', '80.5', `${PORT}, not 80.5`],
  ['api.port', '65536', '65536', `${PORT}, not 65536`],
  ['api.port', '0x50', '"0x50"', `${PORT}, not "0x50"`],
  ['ingest.limits.mergeMs', '5000', '5000', 'must be a whole number from 0 to 1000, not 5000'],
  ['ingest.allowUnauthenticated', 'perhaps', 'perhaps', 'must be true or false, not "perhaps"'],
  ['domains.mode', 'closed', 'closed', 'must be one of open, registered, not "closed"'],
  ['log.level', 'loud', 'loud', `must be one of ${LEVELS}, not "loud"`],
  ['forbid.defaultDuration', '5 minutes', '5 minutes', `${DURATION}, not "5 minutes"`],
  ['domains.default', 'not a domain', 'not a domain', `${DOMAIN}, not "not a domain"`],
  [
    'domains.registered',
    'a.b,c d',
    '[a.b, c d]',
    '(at 1): must be a list of domains such as live.example.com, not ["a.b","c d"]',
  ],
  ['domains.mappings', 'a b=c.d', '{ a b: c.d }', `(at a b): ${DOMAINS}, not {"a b":"c.d"}`],
  [
    'domains.owners',
    'a.example.com=12',
    '{ a.example.com: "12" }',
    `(at a.example.com): ${OWNERS}, not {"a.example.com":"12"}`,
  ],
  [
    'trustedProxies',
    '::1,10.0.0.0/99',
    '["::1", 10.0.0.0/99]',
    `(at 1): ${RANGES}, not ["::1","10.0.0.0/99"]`,
  ],
  [
    'api.throttle',
    'ForbidLiveStream=0',
    '{ ForbidLiveStream: 0 }',
    `(at ForbidLiveStream): ${COUNTS}, not {"ForbidLiveStream":0}`,
  ],
  [
    'api.throttle',
    'ForbidLiveStreams=1',
    '{ ForbidLiveStreams: 1 }',
    'ForbidLiveStreams is not known, did you mean ForbidLiveStream?, not {"ForbidLiveStreams":1}',
  ],
  ['log.levels', 'ingest=loud', '{ ingest: loud }', `(at ingest): ${WORDS}, not {"ingest":"loud"}`],
  [
    'log.levels',
    'door=debug',
    '{ door: debug }',
    'door is not known; there are app, core, gateway, ingest, store, not {"door":"debug"}',
  ],
];

const nested = (name: string, value: string): string =>
  name.split('.').reduceRight((inner, part) => `{ ${part}: ${inner} }`, value);

describe.each(BAD.map(([name, text, ...rest]) => ({ name, text, rest })))(
  '$name: $text',
  ({ name, text, rest }) => {
    const [inFile, problem] = rest;
    const said = (origin: string) =>
      `option ${name} from ${origin}${problem.startsWith('(') ? ' ' : ': '}${problem}`;

    it('is refused from a flag, as wrong usage', () => {
      const error = problemOf({ flags: { [name]: text } });
      expect([error.message, error instanceof FlagError]).toEqual([said(`--${flagOf(name) ?? ''}`), true]);
    });

    it('is refused from the environment', () => {
      const variable = environmentOf(name);
      const error = problemOf({ env: { [variable]: text } });
      expect([error.message, error instanceof FlagError]).toEqual([said(variable), false]);
    });

    it('is refused from a file', async () => {
      const file = await yaml(nested(name, inFile));
      expect(problemOf({ file }).message).toBe(said(file));
    });
  },
);

/** What only one of the sources can have wrong. */
describe('of one source only', () => {
  it.each([
    ['api.throttle', 'ForbidLiveStream', COUNTS],
    ['api.throttle', 'ForbidLiveStream=1,ForbidLiveStream=2', COUNTS],
    ['domains.mappings', 'a=b=c', DOMAINS],
    ['log.levels', 'debug', WORDS],
  ])('the text %s=%s', (name, text, problem) => {
    const message = `${problem}, not ${JSON.stringify(text)}`;
    expect(problemOf({ flags: { [name]: text } }).message).toContain(message);
    expect(problemOf({ env: { [environmentOf(name)]: text } }).message).toContain(message);
  });

  it.each([
    ['api.port', '"80"', `${PORT}, not "80"; leave the quotes out`],
    ['api.port', '[80]', `${PORT}, not [80]`],
    ['ingest.allowUnauthenticated', '"true"', 'must be true or false, not "true"; leave the quotes out'],
    ['ingest.allowUnauthenticated', '1', 'must be true or false, not 1'],
    ['forbid.defaultDuration', '90', `${DURATION}, not 90`],
    ['data', '5', 'must be a text that is not empty, not 5'],
    ['data', '""', 'must be a text that is not empty, not ""'],
    ['rtmp.host', '{ a: b }', 'must be a text that is not empty, not {"a":"b"}'],
    ['trustedProxies', '10.0.0.0/8', `${RANGES}, not "10.0.0.0/8"`],
    ['trustedProxies', '[10]', `(at 0): ${RANGES}, not [10]`],
    ['domains.registered', '[5]', '(at 0): must be a list of domains such as live.example.com, not [5]'],
    ['domains.mappings', '{ a.b: 5 }', `(at a.b): ${DOMAINS}, not {"a.b":5}`],
    ['api.throttle', '[ForbidLiveStream]', `${COUNTS}, not ["ForbidLiveStream"]`],
    ['log.levels', 'debug', `${WORDS}, not "debug"`],
  ])('the file with %s: %s', async (name, inFile, problem) => {
    const file = await yaml(nested(name, inFile));
    const { message } = problemOf({ file });
    expect(message.startsWith(`option ${name} from ${file}`)).toBe(true);
    expect(message.endsWith(`${problem.startsWith('(') ? ' ' : ': '}${problem}`)).toBe(true);
  });

  it('a value that is long is cut', () => {
    const { message } = problemOf({ flags: { 'api.port': 'x'.repeat(5000) } });
    expect(message.length).toBeLessThan(250);
  });
});

describe('secrets', () => {
  const auth = 'domains.auth';
  const mainKey = 'mainKey must be a text that is not empty';
  const ttl = 'ttlSeconds must be a whole number from 1 to 31536000';
  it.each([
    [auth, '{"a.example.com": {}}', `(at a.example.com.mainKey): ${mainKey}`],
    [auth, '{"a.example.com": {"mainKey": 12345}}', `(at a.example.com.mainKey): ${mainKey}`],
    [auth, '{"a.example.com": {"mainKey": ""}}', `(at a.example.com.mainKey): ${mainKey}`],
    [
      auth,
      '{"a.example.com": {"mainKey": "k", "backupKey": ""}}',
      '(at a.example.com.backupKey): backupKey must be a text that is not empty',
    ],
    [
      auth,
      '{"a.example.com": {"mainKey": "k", "ttlSeconds": "60"}}',
      `(at a.example.com.ttlSeconds): ${ttl}`,
    ],
    [auth, '{"a.example.com": {"mainKey": "k", "ttlSeconds": 0}}', `(at a.example.com.ttlSeconds): ${ttl}`],
    [
      auth,
      '{"a.example.com": {"mainKey": "k", "backupkey": "x"}}',
      `(at a.example.com): ${AUTH}; did you mean backupKey by backupkey?`,
    ],
    [auth, '{"a.example.com": {"mainKey": "k", "zzz": "x"}}', `(at a.example.com): ${AUTH}`],
    [auth, '{"a.example.com": "k"}', `(at a.example.com): ${AUTH}`],
    [auth, '{"a example": {"mainKey": "k"}}', `(at a example): ${DOMAIN}`],
    [auth, '["k"]', ': must be domains with their keys, such as {"live.example.com": {"mainKey": "..."}}'],
    ['masterKey', '"short"', ': must be 32 bytes in base64 (openssl rand -base64 32)'],
    ['accessKey.id', '5', ': must be a text that is not empty'],
  ])('%s: %s', async (name, json, problem) => {
    const said = (origin: string) =>
      `option ${name} from ${origin}${problem.startsWith(':') ? '' : ' '}${problem}`;
    const file = await yaml(nested(name, json));
    expect(problemOf({ file }).message).toBe(said(file));
    if (name === 'accessKey.id') return;
    const variable = environmentOf(name);
    const env = { [variable]: name === auth ? json : 'short' };
    expect(problemOf({ env }).message).toBe(said(variable));
  });

  it('in the environment must be JSON', () => {
    expect(problemOf({ env: { SLUICE_DOMAINS_AUTH: 'a=b' } }).message).toBe(
      'option domains.auth from SLUICE_DOMAINS_AUTH: must be domains with their keys, such as {"live.example.com": {"mainKey": "..."}}',
    );
  });
});

describe('a file that is no YAML', () => {
  it.each([
    ['data: a\nrtmp:\n  port: 1\n  port: 2\n', 'line 4, column 3: the option is there twice in its section'],
    ['rtmp:\n\tport: 1\n', 'line 2, column 1: a tab as indentation: use spaces'],
    ['rtmp:\n  port: 1\n host: a\n', 'line 3, column 1: wrong indentation'],
    ['api: { port: 1\n', 'line 2, column 1: wrong indentation, or a bracket that is not closed'],
    ['data: "a\n', 'a quote, bracket, colon or comma is missing'],
    ['data: @a\n', 'line 1, column 7: a text that begins with a reserved character: put it into quotes'],
    ['data: a: b\n', 'two options on one line, or a colon in a text'],
    ['data: !secret x\n', 'line 1, column 7: a tag (!name) that is not known'],
    ['data: "a\\q"\n', 'a backslash sequence that double-quoted texts do not have'],
    ['data: *x\n', 'its aliases (*name) are too many or go nowhere'],
    ['data: a\n---\ndata: b\n', 'a second document (---)'],
    ['data: a\nrtmp\napi: {}\n', 'line 2, column 1: a line without a colon'],
  ])('%j', async (text, problem) => {
    const file = await yaml(text);
    const { message } = problemOf({ file });
    expect(message).toContain(`config file ${file} cannot be read: `);
    expect(message).toContain(problem);
    expect(message).not.toContain('\n');
  });

  it('has no problem of the parser without words of ours', async () => {
    for (const text of [
      '&a &b c',
      '? [a]: b\n: c',
      '%YAML 9\n---\na',
      '[a, b',
      '{ a: b, c',
      '- a\nb: c',
      '"\\xZZ"',
      '|2\n a\n b',
      '\u0000',
      'a: |\nb',
      '- !!int x',
      ': :',
      '}{',
      'a: b\n  c: d\n',
      "'a",
    ]) {
      const { message } = problemOf({ file: await yaml(text) });
      expect(message).toMatch(/^config file .*(: |unknown option|mapping of options)/);
      expect(message).not.toContain('\n');
    }
  });

  it('that multiplies its aliases costs nothing', async () => {
    const levels = Array.from(
      { length: 30 },
      (_, level) =>
        `  l${level}: &l${level} [${
          level > 0
            ? Array(10)
                .fill(`*l${level - 1}`)
                .join(', ')
            : 'x'
        }]`,
    );
    const file = await yaml(`domains:\n  registered: &r [a]\nx:\n${levels.join('\n')}\n`);
    expect(problemOf({ file }).message).toContain('its aliases (*name) are too many or go nowhere');
  });
});

describe('a file that cannot be read', () => {
  it('is named with who named it', async () => {
    const none = join(folder.path, 'none.yaml');
    const reason = 'cannot be read: there is no such file';
    expect(problemOf({ file: none }).message).toBe(`config file ${none} (from --config) ${reason}`);
    expect(problemOf({ env: { SLUICE_CONFIG: none } }).message).toBe(
      `config file ${none} (from SLUICE_CONFIG) ${reason}`,
    );
    const directory = join(folder.path, 'directory');
    await mkdir(directory);
    expect(problemOf({ file: directory }).message).toContain('cannot be read: it is a folder, not a file');
    const below = join(await yaml('data: a'), 'x');
    expect(problemOf({ file: below }).message).toContain('a part of its path is a file, not a folder');
    expect(problemOf({ file: '/dev/zero' }).message).toContain('it is larger than 1048576 bytes');
  });

  it.skipIf(process.getuid?.() === 0)('for want of rights says so', async () => {
    expect(problemOf({ file: await yaml('data: a', 0o000) }).message).toContain('this user may not read it');
  });
});

describe('warnings', () => {
  it.each(['', '\n', '# only a comment\n', '---\n'])('of a file that sets nothing: %j', async (text) => {
    const file = await yaml(text);
    expect(loadConfig({ file }).warnings).toEqual([`config file ${file} sets no option`]);
  });

  it('of a file with secrets that other users may open', async () => {
    const warnings = async (text: string, mode: number) => {
      const file = await yaml(text);
      await chmod(file, mode);
      return loadConfig({ file }).warnings.map((line) => line.replace(file, 'F'));
    };
    const secret = 'accessKey: { id: a, secret: b }';
    expect(await warnings(secret, 0o644)).toEqual([
      'F holds secrets and is open to other users (mode 644): chmod 600 it',
    ]);
    expect(await warnings(secret, 0o620)).toHaveLength(1);
    expect(await warnings(secret, 0o600)).toEqual([]);
    expect(await warnings('api: { port: 1 }', 0o644)).toEqual([]);
  });

  it('not of a pipe, which may be the file', () => {
    const script = `import { loadConfig } from './src/app/config.ts'; console.log(JSON.stringify(loadConfig({ file: '/dev/stdin' }).options['api.port']))`;
    const command = 'echo "accessKey: { id: a, secret: b }\napi: { port: 81 }" | "$@"';
    const node = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', script];
    const out = execFileSync('sh', ['-c', command, 'sh', ...node], {
      cwd: join(import.meta.dirname, '../..'),
    });
    expect(out.toString()).toBe('81\n');
  });
});

it('every kind of option is in the table', () => {
  const kindOf = (form = ''): string =>
    form.replace(/\d+ to \d+/, 'number').replace(/^\w+(, \w+)+$/, 'choice');
  const tried = new Set(BAD.map(([name]) => kindOf(OPTIONS[name]?.form)));
  const forms = Object.values(OPTIONS).map(({ form }) => kindOf(form));
  // Texts have nothing wrong in a flag but to be empty; the structures and secrets have a table of their own.
  const others = [
    'text',
    'name=text, ...',
    '32 bytes in base64',
    'domains with mainKey, backupKey, ttlSeconds (JSON in the environment)',
  ];
  expect([...new Set(forms)].filter((form) => !tried.has(form) && !others.includes(form))).toEqual([]);
});
