import { describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../src/operations/registry.ts';
import { cli } from '../support/cli.ts';

describe('help', () => {
  it.each([
    ['--help'],
    ['serve --help'],
    ['demo --help'],
    ['call --help'],
    ['call -h'],
    ['keys --help'],
    ['sign-url --help'],
    ['migrate --help'],
    ['help keys'],
  ])('sluice %s prints usage and examples to stdout', async (line) => {
    const { code, out, err } = await cli(line.split(' '));
    expect(code).toBe(0);
    expect(err).toBe('');
    expect(out).toMatch(/^Usage: sluice/);
    expect(out).toMatch(/Examples:\n {2}\$ /);
  });

  it.each(OPERATIONS.map(({ name }) => [name]))(
    'sluice call %s --help tells its parameters',
    async (name) => {
      const { code, out } = await cli(['call', name, '--help']);
      expect(code).toBe(0);
      const [operation] = OPERATIONS.filter((one) => one.name === name);
      for (const parameter of Object.keys(operation?.parameters.shape ?? {}))
        expect(out).toContain(`--${parameter} `);
      expect(out).toContain(`$ sluice call ${name}`);
    },
  );

  it('names every option of serve with its flag and variable', async () => {
    const { out } = await cli(['serve', '--help']);
    expect(out).toMatch(/--api-port <value> .*\(SLUICE_API_PORT; default 8080\)/);
    expect(out).not.toMatch(/master-key|access-key|domains-auth/);
    for (const name of ['MASTER_KEY', 'ACCESS_KEY_ID', 'ACCESS_KEY_SECRET', 'DOMAINS_AUTH'])
      expect(out).toContain(`SLUICE_${name}`);
    expect(out.trimEnd()).toMatch(/docs\/3-operate\/configuration\.md$/);
  });
});

describe('wrong usage', () => {
  it.each([
    ['srve', /unknown command 'srve'[^]*Did you mean serve/],
    ['serve --api-prot 1', /unknown option '--api-prot'[^]*Did you mean --api-port/],
    ['serve --api-port abc', /^sluice: option api\.port from --api-port/],
    ['serve extra', /too many arguments/],
    ['keys disable', /missing required argument 'AccessKeyId'/],
    ['keys frobnicate', /unknown command 'frobnicate'/],
    ['sign-url', /missing required argument 'url'/],
    ['call', /call needs an action/],
    ['call --bogus', /unknown option --bogus/],
    ['call ForbidLiveStream --DomainName', /--DomainName has no value/],
    ['call ForbidLiveStream --domain-name x', /--domain-name is not a parameter/],
    ['call ForbidLiveStream --AppName a --AppName b', /--AppName is given twice/],
    [
      'call ForbidLiveStream --Dryrun true',
      /^sluice: ForbidLiveStream has no parameter Dryrun, did you mean DryRun\?$/m,
    ],
    ['call ForbidLiveStream --ResumTime x', /no parameter ResumTime, did you mean ResumeTime\?/],
    ['call ForbidLiveStream --Bogus x', /no parameter Bogus; sluice call ForbidLiveStream --help lists them/],
    ['call ForbidLiveStream x', /x is not a parameter/],
    ['call ForbidLiveStreem --help', /no operation ForbidLiveStreem, did you mean ForbidLiveStream/],
    ['call ForbidLiveStream --endpoint 127.0.0.1:8080', /the endpoint must be of the form/],
    ['call ForbidLiveStream --endpoint http://127.0.0.1/path', /the endpoint must be of the form/],
    ['sign-url rtmp://a.example.com/b/c --ttl 1h', /--ttl must be a whole number/],
    ['sign-url rtmp://a.example.com/b/c --ttl 60', /--ttl goes with SLUICE_DOMAIN_KEY only/],
    ['sign-url rtmp://a.example.com/b/c --expires tomorrow', /--expires must be of the form/],
  ])('sluice %s ends with 2 and says why on stderr', async (line, problem) => {
    const { code, out, err } = await cli(line.split(' '));
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(problem);
  });
});

describe('failures', () => {
  it('of a value from the environment end with 1', async () => {
    const { code, err } = await cli(['serve'], { env: { SLUICE_API_PORT: 'abc' } });
    expect(code).toBe(1);
    expect(err).toMatch(/^sluice: option api\.port from SLUICE_API_PORT/);
  });

  it.each([
    ['serve --config /none.yaml', /^sluice: config file \/none\.yaml \(from --config\) cannot be read/],
    ['keys list --data /none', /^sluice: there is no store in \/none/],
    ['migrate --data /none', /^sluice: there is no store in \/none/],
    ['sign-url rtmp://a.example.com/b/c', /^sluice: a\.example\.com has no URL authentication/],
    ['call ForbidLiveStream --key-file /none.json', /^sluice: no access key: \/none\.json is not there/],
  ])('sluice %s ends with 1 and one line on stderr', async (line, problem) => {
    const { code, out, err } = await cli(line.split(' '));
    expect(code).toBe(1);
    expect(out).toBe('');
    expect(err).toMatch(problem);
    expect(err.trimEnd()).not.toContain('\n');
  });
});

describe('sign-url', () => {
  it('prints the URL to stdout and its end to stderr, with the key from the environment', async () => {
    const env = { SLUICE_DOMAIN_KEY: 'k1' };
    const line = 'sign-url rtmp://a.example.com/live/cam1 --expires 2099-01-01T00:00:00Z';
    const { code, out, err } = await cli(line.split(' '), { env });
    expect(code).toBe(0);
    expect(out).toMatch(
      /^rtmp:\/\/a\.example\.com\/live\/cam1\?auth_key=\d+-[A-Za-z0-9]{32}-0-[0-9a-f]{32}\n$/,
    );
    expect(err).toBe('expires 2099-01-01T00:00:00Z\n');
  });

  it('takes the ttl of the key from --ttl', async () => {
    const signed = async (...more: string[]): Promise<number> => {
      const line = ['sign-url', 'rtmp://a.example.com/live/cam1', ...more];
      const { out, err } = await cli(line, { env: { SLUICE_DOMAIN_KEY: 'k1' } });
      const [, expires = ''] = /^expires (\S+)$/m.exec(err) ?? [];
      expect(out).toContain('auth_key=');
      return Date.parse(expires) - Date.now();
    };
    expect(await signed('--ttl', '60')).toBeLessThanOrEqual(60_000);
    expect(await signed()).toBeGreaterThan(1_700_000);
  });
});
