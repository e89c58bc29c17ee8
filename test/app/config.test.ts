import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/app/config.ts';
import type { ConfigSources } from '../../src/app/config.ts';
import { environmentOf, flagOf, OPTIONS, PLAIN_OPTIONS, SECRET_OPTIONS } from '../../src/app/options.ts';
import { StartError } from '../../src/base/errors.ts';
import { temporaryFolder } from '../support/temporary.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => (folder = await temporaryFolder()));
afterAll(() => folder[Symbol.asyncDispose]());

let files = 0;
async function yaml(text: string): Promise<string> {
  const path = join(folder.path, `${files++}.yaml`);
  await writeFile(path, text);
  return path;
}

function problemOf(sources: ConfigSources): string {
  try {
    loadConfig(sources);
  } catch (error) {
    if (error instanceof StartError) return error.message;
    throw error;
  }
  throw new Error('the configuration was taken');
}

describe('precedence', () => {
  it('is flag, environment, file, default', async () => {
    const file = await yaml('api: { port: 3 }');
    const [env, flags] = [{ SLUICE_API_PORT: '2' }, { 'api.port': '1' }];
    expect(loadConfig({ file, env, flags }).options['api.port']).toBe(1);
    expect(loadConfig({ file, env }).options['api.port']).toBe(2);
    expect(loadConfig({ file }).options['api.port']).toBe(3);
    expect(loadConfig().options['api.port']).toBe(8080);
  });

  it('counts an empty variable as not set', async () => {
    const file = await yaml('api: { port: 3 }');
    expect(loadConfig({ file, env: { SLUICE_API_PORT: '' } }).options['api.port']).toBe(3);
  });

  it('takes the file from SLUICE_CONFIG, and from --config before that', async () => {
    const [one, two] = [await yaml('api: { port: 1 }'), await yaml('api: { port: 2 }')];
    expect(loadConfig({ env: { SLUICE_CONFIG: one } }).options['api.port']).toBe(1);
    expect(loadConfig({ env: { SLUICE_CONFIG: one }, file: two }).options['api.port']).toBe(2);
  });
});

/** A text for flag and environment, what the file has in its place, and what comes out. */
const VALUES: Record<string, [text: string, yaml: string, value: unknown]> = {
  data: ['/var/lib/sluice', '/var/lib/sluice', '/var/lib/sluice'],
  'api.throttle': ['ForbidLiveStream=5', '{ ForbidLiveStream: 5 }', { ForbidLiveStream: 5 }],
  'api.jsonEnvelope': ['wrapped', 'wrapped', 'wrapped'],
  'domains.mappings': [
    'a.example.com=b.example.com',
    '{ a.example.com: b.example.com }',
    { 'a.example.com': 'b.example.com' },
  ],
  'domains.registered': [
    'a.example.com, b.example.com',
    '[a.example.com, b.example.com]',
    ['a.example.com', 'b.example.com'],
  ],
  'ingest.allowUnauthenticated': ['yes', 'true', true],
  'ingest.limits.maxConnections': ['7', '7', 7],
  'forbid.defaultDuration': ['15m', '15m', 900_000],
  trustedProxies: ['10.0.0.0/8,::1', '[10.0.0.0/8, "::1"]', ['10.0.0.0/8', '::1']],
  'log.level': ['trace', 'trace', 'trace'],
};

describe.each(Object.entries(VALUES))('%s', (name, [text, inFile, value]) => {
  const read = (sources: ConfigSources): unknown =>
    loadConfig(sources).options[name as keyof typeof PLAIN_OPTIONS];

  it('is read from flag, environment and file alike', async () => {
    expect(read({ flags: { [name]: text } })).toEqual(value);
    expect(read({ env: { [environmentOf(name)]: text } })).toEqual(value);
    expect(read({ file: await yaml(`${name}: ${inFile}`) })).toEqual(value);
    const nested = name.split('.').reduceRight((inner, part) => `{ ${part}: ${inner} }`, inFile);
    expect(read({ file: await yaml(nested) })).toEqual(value);
  });
});

describe('errors', () => {
  it('name the option, where the value came from, and the value', async () => {
    expect(problemOf({ flags: { 'api.port': 'abc' } })).toBe(
      'option api.port from --api-port: must be a whole number from 0 to 65535, not "abc"',
    );
    expect(problemOf({ env: { SLUICE_LOG_LEVEL: 'loud' } })).toMatch(
      /^option log.level from SLUICE_LOG_LEVEL: must be one of/,
    );
    const file = await yaml('rtmp: { port: -1 }');
    expect(problemOf({ file })).toBe(
      `option rtmp.port from ${file}: must be a whole number from 0 to 65535, not -1`,
    );
  });

  it.each([
    ['api: { prot: 1 }', /unknown option api\.prot, did you mean api\.port\?/],
    ['nonsense: 1', /unknown option nonsense; the file may have data, .*api, rtmp, /],
    ['constructor: 1', /unknown option constructor; the file may have /],
    ['rtmps: { nonsense: 1 }', /unknown option rtmps\.nonsense; rtmps may have port, certificate, key$/],
    ['"": 1', /unknown option ""; the file may have /],
    ['api: 5', /api must be a mapping/],
    ['- 1', /the file must be a mapping/],
  ])('refuse the file %j', async (text, problem) => {
    expect(problemOf({ file: await yaml(text) })).toMatch(problem);
  });

  it('never show a secret', async () => {
    const secret = 'topsecret-value';
    const file = await yaml(`domains: { auth: { live.example.com: { mainKey: '', backupKey: ${secret} } } }`);
    expect(problemOf({ file })).toMatch(/^option domains\.auth from .* \(at live\.example\.com\.mainKey\)/);
    const broken = await yaml(`accessKey: { secret: "${secret}, id: [`);
    const of = (auth: string) => problemOf({ env: { SLUICE_DOMAINS_AUTH: auth } });
    const problems = [
      problemOf({ file: broken }),
      of(`{"a.example.com": {"key": "${secret}"}}`),
      of(`{"a.example.com": {"${secret}": 1}}`),
      of(`{"a.example.com": "${secret}"}`),
      of(`{"a.example.com": {"mainKey": ["${secret}"]}}`),
      of(`{"mainKey": "${secret}"}`),
      of(`["${secret}"]`),
      of(secret),
      problemOf({ env: { SLUICE_MASTER_KEY: secret } }),
    ];
    for (const problem of problems) expect(problem).not.toContain(secret);
  });

  it('only warn of a variable that is no option', () => {
    const env = { SLUICE_API_PROT: '1', SLUICE_BOGUS: '1', SLUICE_TEST_LONG: '1', OTHER: '1' };
    expect(loadConfig({ env }).warnings).toEqual([
      'environment variable SLUICE_API_PROT is not known, did you mean SLUICE_API_PORT?',
      'environment variable SLUICE_BOGUS is not known',
    ]);
  });

  it('do not warn of what the other commands take, nor of what Kubernetes sets for a service called sluice', () => {
    const ours = { SLUICE_ENDPOINT: 'http://127.0.0.1:1', SLUICE_DOMAIN_KEY: 'k', SLUICE_CONFIG: '' };
    const platform = {
      SLUICE_SERVICE_HOST: '10.0.0.1',
      SLUICE_SERVICE_PORT: '8080',
      SLUICE_SERVICE_PORT_HTTP: '8080',
      SLUICE_PORT: 'tcp://10.0.0.1:8080',
      SLUICE_PORT_8080_TCP: 'tcp://10.0.0.1:8080',
      SLUICE_PORT_8080_TCP_ADDR: '10.0.0.1',
    };
    expect(loadConfig({ env: { ...ours, ...platform } }).warnings).toEqual([]);
  });
});

const MASTER_KEY = Buffer.alloc(32, 7).toString('base64');

describe('secrets', () => {
  it('have no flag and are kept apart from what may be logged', () => {
    for (const name of Object.keys(SECRET_OPTIONS)) expect(flagOf(name)).toBeUndefined();
    const auth = { 'live.example.com': { mainKey: 'k1' } };
    const config = loadConfig({
      env: { SLUICE_DOMAINS_AUTH: JSON.stringify(auth), SLUICE_MASTER_KEY: MASTER_KEY },
    });
    expect(config.secrets['domains.auth']).toEqual({
      'live.example.com': { mainKey: 'k1', ttlSeconds: 1800 },
    });
    expect(config.secrets.masterKey).toBe(MASTER_KEY);
    expect(JSON.stringify(config.options)).not.toMatch(/k1|BwcHBw/);
  });
});

describe('the table', () => {
  it('gives every option a variable and a flag of its own', () => {
    const names = Object.keys(OPTIONS);
    expect(new Set(names.map(environmentOf)).size).toBe(names.length);
    const flags = names.map(flagOf).filter((flag) => flag !== undefined);
    expect(new Set(flags).size).toBe(Object.keys(PLAIN_OPTIONS).length);
    expect(flagOf('api.jsonEnvelope')).toBe('api-json-envelope');
    expect(environmentOf('accessKey.id')).toBe('SLUICE_ACCESS_KEY_ID');
    expect(environmentOf('masterKey')).toBe('SLUICE_MASTER_KEY');
  });
});

describe('the sample file', () => {
  const path = join(import.meta.dirname, '../../sluice.sample.yaml');

  it('loads, and means the defaults', () => {
    const { options, secrets, warnings } = loadConfig({ file: path });
    const { options: defaults, secrets: noSecrets } = loadConfig();
    expect({ options, secrets, warnings }).toEqual({ options: defaults, secrets: noSecrets, warnings: [] });
  });

  it('loads with all its examples uncommented, and shows every option', async () => {
    const text = await readFile(path, 'utf8');
    const uncommented = text.replace(/^( *)# ( *)(- |[\w.]+:( |$))/gm, '$1$2$3');
    const file = await yaml(uncommented);
    expect(Object.keys(parse(uncommented) as object)).toContain('trustedProxies');
    const { options, secrets } = loadConfig({ file });
    expect(options['domains.mappings']).toEqual({ 'push.example.com': 'live.example.com' });
    expect(secrets['domains.auth']).toHaveProperty(['live.example.com', 'mainKey']);
    for (const name of Object.keys(OPTIONS))
      expect(uncommented).toMatch(new RegExp(`^ *${name.split('.').at(-1) ?? ''}:`, 'm'));
  });
});
