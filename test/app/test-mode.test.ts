import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import Core from '@alicloud/pop-core';
import { afterEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/app/config.ts';
import type { ConfigSources } from '../../src/app/config.ts';
import { signUrl } from '../../src/app/sign-url.ts';
import { startService } from '../../src/app/service.ts';
import { TEST_ACCOUNT_ID, TEST_KEY } from '../../src/app/test-mode.ts';
import { formatTimestamp } from '../../src/base/timestamp.ts';
import { connectRtmp, RtmpRefusedError } from '../../src/cli/rtmp-client.ts';
import type { RtmpClient } from '../../src/cli/rtmp-client.ts';
import { OPERATIONS } from '../../src/operations/registry.ts';
import { cli } from '../support/cli.ts';
import { exampleCall } from '../support/operation-examples.ts';
import { startTestService } from '../support/service.ts';
import type { TestService, TestServiceOptions } from '../support/service.ts';
import { StubbornEncoder } from '../support/stubborn-encoder.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { until } from '../support/wait.ts';

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

type Fields = Readonly<Record<string, unknown>>;

async function start(options: TestServiceOptions = {}): Promise<TestService> {
  const sluice = await startTestService({ testMode: true, ...options });
  cleanUp.push(async () => sluice[Symbol.asyncDispose]());
  return sluice;
}

/** The vendor's SDK with the documented key. */
function sdkOf({ endpoint }: TestService) {
  const client = new Core({
    accessKeyId: 'test-access-key-id',
    accessKeySecret: 'test-access-key-secret',
    endpoint,
    apiVersion: '2016-11-01',
  });
  return (action: string, parameters: Record<string, unknown> = {}): Promise<Fields> =>
    client.request<Fields>(action, parameters, { method: 'POST' });
}

const STREAM = { DomainName: 'live.local', AppName: 'live', StreamName: 'cam1' };
const FORBID = { ...STREAM, LiveStreamType: 'publisher' };

function encoder({ service }: TestService, stream = 'cam1'): StubbornEncoder {
  const tcUrl = 'rtmp://live.local/live';
  const target = { port: service.rtmpPort, tcUrl, app: 'live', stream };
  const made = new StubbornEncoder(target, { firstMark: 0 });
  cleanUp.push(() => made.stop());
  return made;
}

async function publishing(sluice: TestService, stream?: string): Promise<StubbornEncoder> {
  const made = encoder(sluice, stream);
  await until(() => made.started && made.sent > 0, 'the publish');
  return made;
}

async function refused(sluice: TestService): Promise<boolean> {
  const made = encoder(sluice);
  await until(() => made.started || made.codes.length > 0, 'an answer to publish');
  return !made.started && made.codes[0] === 'NetStream.Publish.Unauthorized';
}

async function tryToPublish({ service }: TestService, stream: string): Promise<RtmpClient> {
  const at = { host: '127.0.0.1', port: service.rtmpPort, app: 'live', tcUrl: 'rtmp://live.local/live' };
  const client = await connectRtmp({ mode: 'publish', ...at, stream });
  cleanUp.push(async () => client.destroy());
  return client;
}

const inAnHour = () => formatTimestamp(Date.now() + 3_600_000);

describe('time', () => {
  it('lets a refused encoder in after AdvanceTestClock, and costs no live stream', async () => {
    const sluice = await start();
    const call = sdkOf(sluice);
    const first = await publishing(sluice);
    const other = await publishing(sluice, 'cam2');

    await call('ForbidLiveStream', { ...FORBID, ResumeTime: inAnHour() });
    await first.ended;
    expect(await refused(sluice)).toBe(true);
    await call('AdvanceTestClock', { Seconds: 3590 });
    expect(await refused(sluice)).toBe(true);

    await call('AdvanceTestClock', { Seconds: 20 });
    await publishing(sluice);
    expect((await call('DescribeLiveStreamState', STREAM))['StreamState']).toBe('online');
    const sent = other.sent;
    await until(() => other.sent > sent + 20, 'the other stream to go on');
    const online = await call('DescribeLiveStreamsOnlineList', { DomainName: 'live.local' });
    expect(online['TotalNum']).toBe(2);
  });

  it('makes a signed URL expire', async () => {
    const config = { domains: { auth: { 'live.local': { mainKey: 'secret', ttlSeconds: 600 } } } };
    const sluice = await start({ config });
    const signed = signUrl(loadConfig(), {
      url: 'rtmp://live.local/live/cam1',
      now: Date.now(),
      rand: 'a'.repeat(32),
      auth: { mainKey: 'secret', ttlSeconds: 600 },
    });
    const stream = `cam1${new URL(signed.url).search}`;
    await (await tryToPublish(sluice, stream)).close();
    await sdkOf(sluice)('AdvanceTestClock', { Seconds: 601 });
    await expect(tryToPublish(sluice, stream)).rejects.toThrow(RtmpRefusedError);
  });
});

describe('faults', () => {
  it('reach the SDK as the real ones do', async () => {
    const sluice = await start();
    const call = sdkOf(sluice);
    const state = () => call('DescribeLiveStreamState', STREAM);
    const inject = (Fault: string, more: object = {}) =>
      call('InjectTestFault', { ActionName: 'DescribeLiveStreamState', Fault, Count: 1, ...more });
    await inject('throttle');
    await expect(state()).rejects.toMatchObject({ code: 'Throttling.User' });
    await inject('error500');
    await expect(state()).rejects.toMatchObject({ code: 'InternalError' });
    await inject('unavailable');
    await expect(state()).rejects.toMatchObject({ code: 'ServiceUnavailable' });
    await inject('delay', { DelayMs: 300 });
    const begun = performance.now();
    await state();
    expect(performance.now() - begun).toBeGreaterThanOrEqual(299);
    expect((await state())['StreamState']).toBe('offline');
  });

  it('do not keep the service from closing', async () => {
    const sluice = await startTestService({ testMode: true });
    const call = sdkOf(sluice);
    await call('InjectTestFault', { ActionName: '*', Fault: 'delay', DelayMs: 60_000 });
    const held = call('DescribeLiveStreamState', STREAM);
    await until(async () => {
      const { Faults } = (await call('DescribeTestState')) as { Faults: { Fault: { Hits: number }[] } };
      return Faults.Fault[0]?.Hits === 1;
    }, 'the call to wait');
    const begun = performance.now();
    await sluice[Symbol.asyncDispose]();
    expect(performance.now() - begun).toBeLessThan(1500);
    expect((await held)['StreamState']).toBe('offline');
  });
});

describe('ResetTestState', () => {
  it('puts the service back as after a start, for encoders and callers alike', async () => {
    const sluice = await start();
    const call = sdkOf(sluice);
    const live = await publishing(sluice);
    await call('ForbidLiveStream', { ...FORBID, StreamName: 'cam2' });
    await call('AdvanceTestClock', { Seconds: 86_400 });
    const UserName = 'alice';
    expect((await sluice.call('CreateUser', { UserName })).status).toBe(200);

    await call('ResetTestState');
    await live.ended;
    const blocks = await call('DescribeLiveStreamBlocks', { DomainName: 'live.local' });
    expect(blocks['TotalNum']).toBe(0);
    const span = {
      StartTime: formatTimestamp(Date.now() - 60_000),
      EndTime: formatTimestamp(Date.now() + 60_000),
    };
    const published = await call('DescribeLiveStreamsPublishList', { DomainName: 'live.local', ...span });
    expect(published['TotalNum']).toBe(0);
    expect((await sluice.call('CreateUser', { UserName })).status).toBe(200);
    expect(await call('DescribeTestState')).toMatchObject({ ShiftSeconds: 0 });
    await publishing(sluice);
  });
});

describe('the key', () => {
  it('is the documented one, of the documented account', async () => {
    const sluice = await start();
    expect(sluice.key).toEqual(TEST_KEY);
    const page = await readFile(join(import.meta.dirname, '../../docs/2-use/test-mode.md'), 'utf8');
    for (const text of [TEST_KEY.accessKeyId, TEST_KEY.accessKeySecret, TEST_ACCOUNT_ID])
      expect(page).toContain(`\`${text}\``);
    const { body } = await sluice.call('GetCallerIdentity', {});
    expect(body).toMatchObject({ AccountId: TEST_ACCOUNT_ID });
  });

  it('and the operations do not exist without test mode', async () => {
    const sluice = await start({ testMode: false });
    const call = sdkOf(sluice);
    await expect(call('DescribeLiveStreamState', STREAM)).rejects.toMatchObject({
      code: 'InvalidAccessKeyId.NotFound',
    });
    const ours = OPERATIONS.filter(({ testMode }) => testMode);
    expect(ours).toHaveLength(5);
    for (const operation of ours) {
      const { status, body } = await sluice.call(operation.name, exampleCall(operation));
      expect({ status, Code: body['Code'] }).toEqual({ status: 404, Code: 'InvalidAction.NotFound' });
    }
    const document = await (await fetch(`${sluice.endpoint}/openapi.json`)).text();
    expect(document).not.toContain('AdvanceTestClock');
  });
});

describe('being for tests only', () => {
  it.each([
    ['api.host', '0.0.0.0'],
    ['api.host', '::'],
    ['rtmp.host', '192.0.2.1'],
    ['internal.host', '0.0.0.0'],
    ['api.host', 'example.com'],
  ])('refuses %s=%s', async (name, host) => {
    const config = loadConfig({ flags: { testMode: 'true', [name]: host } });
    await expect(startService(config)).rejects.toThrow(
      `option ${name} is ${host}, but test mode listens on loopback only`,
    );
  });

  it.each([
    [{ flags: { data: './data' } }, 'data'],
    [{ env: { SLUICE_DATA: '/var/lib/sluice' } }, 'data'],
    [{ env: { SLUICE_ACCESS_KEY_ID: 'mine' } }, 'accessKey.id'],
    [{ env: { SLUICE_MASTER_KEY: Buffer.alloc(32).toString('base64') } }, 'masterKey'],
  ] as [ConfigSources, string][])('refuses %j', async (given, name) => {
    const config = loadConfig({ ...given, flags: { ...given.flags, testMode: 'true' } });
    await expect(startService(config)).rejects.toThrow(`option ${name} does not go with testMode`);
  });

  it('says so on the command line, as an error of the start', async () => {
    const result = await cli(['serve', '--test-mode', '--api-host', '0.0.0.0']);
    expect(result).toMatchObject({ code: 1, out: '' });
    expect(result.err).toContain('because its access key is public');
  });

  const addresses = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
  const outside = addresses.find(({ internal, family }) => !internal && family === 'IPv4')?.address;
  it.runIf(outside !== undefined)('is not reachable from other machines, on any port', async () => {
    const config = { ingest: { allowUnauthenticated: true } };
    const { service } = await start({ config });
    for (const port of [service.httpPort, service.rtmpPort, service.internalPort]) {
      expect(await connects('127.0.0.1', port)).toBe(true);
      expect(await connects(outside!, port)).toBe(false);
    }
  });

  it('keeps to an address of loopback that was chosen', async () => {
    const flags = { testMode: 'true', 'api.host': '127.0.0.2', 'api.port': '0' };
    const others = { 'rtmp.port': '0', 'internal.port': '0', 'log.level': 'silent' };
    await using service = await startService(loadConfig({ flags: { ...flags, ...others } }));
    expect(await connects('127.0.0.2', service.httpPort)).toBe(true);
    expect(await connects('127.0.0.1', service.httpPort)).toBe(false);
  });

  it('tells of it in readiness and status', async () => {
    const sluice = await start();
    const ready = await fetch(`http://127.0.0.1:${sluice.service.internalPort}/readyz`);
    expect(await ready.json()).toMatchObject({ ready: true, testMode: true });
    expect((await sluice.call('DescribeServiceStatus', {})).body['TestMode']).toBe(true);
    const plain = await start({ testMode: false });
    const other = await fetch(`http://127.0.0.1:${plain.service.internalPort}/readyz`);
    expect(await other.json()).not.toHaveProperty('testMode');
  });
});

function connects(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

describe('the process', () => {
  it('says loudly what it is, and writes nothing to any disk', async () => {
    await using folder = await temporaryFolder();
    const [cwd, tmp] = [join(folder.path, 'cwd'), join(folder.path, 'tmp')];
    await mkdir(cwd);
    await mkdir(tmp);
    const root = join(import.meta.dirname, '../..');
    const child = spawn(
      process.execPath,
      ['--import', import.meta.resolve('tsx'), join(root, 'src/main.ts'), 'serve', '--test-mode'],
      {
        cwd,
        env: {
          PATH: process.env['PATH'],
          HOME: cwd,
          TMPDIR: tmp,
          // What is looked at is our program and not its loader.
          TSX_DISABLE_CACHE: '1',
          SLUICE_API_PORT: '0',
          SLUICE_RTMP_PORT: '0',
          SLUICE_INTERNAL_PORT: '0',
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let [out, err] = ['', ''];
    child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()));
    child.stderr.on('data', (bytes: Buffer) => (err += bytes.toString()));
    const ended = new Promise((resolve) => child.once('close', resolve));
    cleanUp.push(async () => {
      child.kill('SIGKILL');
      await ended;
    });
    await until(() => err.includes('test-access-key-secret'), `the banner; ${err}`, 25_000);
    // The log takes its time on its own way.
    await until(() => out.includes('"msg":"ready"') && out.endsWith('\n'), 'the line ready');
    expect(err).toContain('TEST MODE');
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 40, msg: expect.stringContaining('TEST MODE') as string }),
    );
    const ready = lines.find(({ msg }) => msg === 'ready') as { httpPort: number; rtmpPort: number };
    expect(ready).toMatchObject({ testMode: true });
    expect(err).toContain(`http://127.0.0.1:${ready.httpPort}`);

    const call = sdkOf({ endpoint: `http://127.0.0.1:${ready.httpPort}` } as TestService);
    await call('ForbidLiveStream', FORBID);
    await call('ResetTestState');
    await call('ForbidLiveStream', FORBID);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect([await readdir(cwd), await readdir(tmp)]).toEqual([[], []]);
  });
});
