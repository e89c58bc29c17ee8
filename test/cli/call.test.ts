import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli } from '../support/cli.ts';
import type { CliResult } from '../support/cli.ts';
import { startTestService } from '../support/service.ts';
import type { TestService } from '../support/service.ts';
import { until } from '../support/wait.ts';

let sluice: TestService;
beforeAll(async () => (sluice = await startTestService()));
afterAll(() => sluice[Symbol.asyncDispose]());

const STREAM = [
  '--DomainName',
  'live.local',
  '--AppName',
  'live',
  '--StreamName=cam=1 ü',
  '--LiveStreamType',
  'publisher',
];

function call(argv: readonly string[], env: Record<string, string> = {}): Promise<CliResult> {
  return cli(['call', ...argv], {
    env: { SLUICE_ENDPOINT: sluice.endpoint, SLUICE_DATA: sluice.data, ...env },
  });
}

describe('sluice call', () => {
  it('signs with the root key file, prints the answer as JSON and ends with 0', async () => {
    const { code, out, err } = await call(['ForbidLiveStream', ...STREAM, '--Reason', 'two words']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(Object.keys(JSON.parse(out) as object)).toEqual(['RequestId']);
    const blocks = await call(['DescribeLiveStreamBlocks']);
    expect(JSON.parse(blocks.out)).toMatchObject({
      Blocks: { Block: [{ StreamName: 'cam=1 ü', Reason: 'two words', Actor: sluice.key.accessKeyId }] },
    });
  });

  it('prints the error of the API to stderr and ends with 1', async () => {
    const { code, out, err } = await call(['ForbidLiveStream', '--DomainName', 'live.local']);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(JSON.parse(err)).toMatchObject({ Code: 'MissingAppName' });
  });

  it('sends nothing when a parameter is none of the operation, and lets common ones of the vendor pass', async () => {
    const stream = STREAM.map((word) => word.replace('cam=1 ü', 'slip'));
    const { code, out } = await call(['ForbidLiveStream', ...stream, '--Dryrun', 'true']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    const { out: blocks } = await call(['DescribeLiveStreamBlocks', '--RegionId', 'x', '--OwnerId=1']);
    expect(blocks).toContain('"Block"');
    expect(blocks).not.toContain('slip');
  });

  it('suggests the operation that a wrong name means', async () => {
    const { code, err } = await call(['ForbidLivestream']);
    expect(code).toBe(1);
    expect(err).toMatch(/did you mean ForbidLiveStream\?/);
  });

  it('takes the key from the environment, and from a named file before that', async () => {
    const env = { SLUICE_ACCESS_KEY_ID: 'nobody', SLUICE_ACCESS_KEY_SECRET: 'nothing' };
    const wrong = await call(['DescribeLiveStreamBlocks'], env);
    expect(wrong.err).toContain('InvalidAccessKeyId.NotFound');
    const file = join(sluice.data, 'root-key.json');
    expect((await call(['DescribeLiveStreamBlocks', '--key-file', file], env)).code).toBe(0);
    expect((await call(['DescribeLiveStreamBlocks'], { SLUICE_ACCESS_KEY_ID: 'nobody' })).code).toBe(2);
  });

  it('names a key file that is none', async () => {
    const file = join(sluice.data, 'broken.json');
    await writeFile(file, '{}');
    const { code, err } = await call(['DescribeLiveStreamBlocks', '--key-file', file]);
    expect(code).toBe(1);
    expect(err).toMatch(/broken\.json is not a key file/);
  });

  it('says so when nobody, or somebody else, is at the endpoint', async () => {
    const other = createServer((_request, response) => response.end('<html>')).listen(0, '127.0.0.1');
    await until(() => other.listening, 'the other server');
    const endpoint = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const somebody = await call(['DescribeLiveStreamBlocks', '--endpoint', endpoint]);
    expect(somebody.code).toBe(1);
    expect(somebody.err).toMatch(/its answer is not JSON/);
    await new Promise((resolve) => other.close(resolve));
    const nobody = await call(['DescribeLiveStreamBlocks', '--endpoint', endpoint]);
    expect(nobody.code).toBe(1);
    expect(nobody.err).toMatch(/does not answer .*ECONNREFUSED.*sluice serve/);
  });
});
