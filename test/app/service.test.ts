import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/app/config.ts';
import { startService } from '../../src/app/service.ts';
import type { Service } from '../../src/app/service.ts';
import { StartError } from '../../src/base/errors.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { connectRtmp } from '../../src/cli/rtmp-client.ts';
import { recordingLogger } from '../support/log-lines.ts';
import { activeResources, untilNothingMore } from '../support/resources.ts';
import { startTestService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { until } from '../support/wait.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let data: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  data = join(folder.path, 'data');
});
afterEach(() => folder[Symbol.asyncDispose]());

/** Starts on free ports with this environment on top. */
function start(env: Record<string, string> = {}, flags: Record<string, string> = {}): Promise<Service> {
  const ports = { 'api.port': '0', 'rtmp.port': '0', 'rtmps.port': '0', 'internal.port': '0' };
  const local = { data, 'api.host': '127.0.0.1', ...ports, ...flags };
  return startService(loadConfig({ env, flags: local }), { log: silentLogger });
}

async function problemOf(starting: Promise<Service>): Promise<string> {
  const error = await starting.then(
    async (service) => {
      await service.close();
      return undefined;
    },
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof StartError)) throw new Error(`expected a StartError, got ${String(error)}`);
  expect(error.message).not.toContain('\n');
  return error.message;
}

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

describe('the first start', () => {
  it('makes folder, master key and root key for the owner only', async () => {
    await using service = await start();
    expect(service.firstStart).toBe(true);
    expect(await modeOf(data)).toBe(0o700);
    for (const file of ['master.key', 'root-key.json', 'sluice.db'])
      expect(await modeOf(join(data, file))).toBe(0o600);
    const written: unknown = JSON.parse(await readFile(join(data, 'root-key.json'), 'utf8'));
    expect(written).toEqual(service.rootKey);
    expect(service.rootKey?.accessKeyId).toMatch(/^SLUICE[A-Za-z0-9]{18}$/);
    expect(service.rootKey?.accessKeySecret).toMatch(/^[A-Za-z0-9]{32}$/);
  });

  it('logs where the root key is and never what it is, and only then', async () => {
    const { log, lines } = recordingLogger();
    const first = await startTestService({ data, log });
    await Promise.all([first.service.close(), first.service.close()]);
    await using _again = await startTestService({ data, log });
    const made = lines.filter((line) => line.includes('root access key made'));
    expect(made).toHaveLength(1);
    expect(JSON.parse(made[0]!)).toMatchObject({ level: 30, file: join(data, 'root-key.json') });
    expect(lines.join('')).not.toContain(first.key.accessKeySecret);
    const messages = lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect(messages.filter((message) => message.startsWith('stop'))).toEqual(['stopping', 'stopped']);
  });

  it('takes the root key of the configuration', async () => {
    const env = { SLUICE_ACCESS_KEY_ID: 'mine', SLUICE_ACCESS_KEY_SECRET: 'my-secret' };
    await using service = await start(env);
    expect(service.rootKey).toEqual({ accessKeyId: 'mine', accessKeySecret: 'my-secret' });
  });

  it('needs both halves of that key', async () => {
    expect(await problemOf(start({ SLUICE_ACCESS_KEY_ID: 'mine' }))).toMatch(/go together/);
    expect(await readdir(folder.path)).toEqual([]);
  });
});

describe('a later start', () => {
  it('has the same root key, and leaves its file alone', async () => {
    const first = await start();
    await first.close();
    await rm(join(data, 'root-key.json'));
    await using second = await start();
    expect(second.firstStart).toBe(false);
    expect(second.rootKey).toEqual(first.rootKey);
    expect(await readdir(data)).not.toContain('root-key.json');
  });

  it('takes a configured key that agrees with the store and refuses one that does not', async () => {
    const first = await start();
    await first.close();
    const [id, secret] = [first.rootKey?.accessKeyId ?? '', first.rootKey?.accessKeySecret ?? ''];
    await (await start({ SLUICE_ACCESS_KEY_ID: id, SLUICE_ACCESS_KEY_SECRET: secret })).close();
    const wrongSecret = { SLUICE_ACCESS_KEY_ID: id, SLUICE_ACCESS_KEY_SECRET: 'another-secret' };
    const problem = await problemOf(start(wrongSecret));
    expect(problem).toMatch(/SLUICE_ACCESS_KEY_SECRET is not the secret/);
    expect(problem).not.toContain('another-secret');
    expect(problem).not.toContain(secret);
    const unknown = { SLUICE_ACCESS_KEY_ID: 'other', SLUICE_ACCESS_KEY_SECRET: secret };
    expect(await problemOf(start(unknown))).toMatch(
      /SLUICE_ACCESS_KEY_ID is other, which the store does not know/,
    );
  });

  it('refuses another master key, and a lost one, without making a new one', async () => {
    await (await start()).close();
    const other = Buffer.alloc(32, 7).toString('base64');
    const wrong = await problemOf(start({ SLUICE_MASTER_KEY: other }));
    expect(wrong).toMatch(/master key does not match/);
    expect(wrong).not.toContain(other);
    await rm(join(data, 'master.key'));
    expect(await problemOf(start())).toMatch(/master\.key is missing/);
    expect(await readdir(data)).not.toContain('master.key');
  });

  it('works with the master key in the environment only', async () => {
    const key = Buffer.alloc(32, 7).toString('base64');
    await (await start({ SLUICE_MASTER_KEY: key })).close();
    expect(await readdir(data)).not.toContain('master.key');
    await (await start({ SLUICE_MASTER_KEY: key })).close();
  });
});

describe('a start that fails', () => {
  it.each(['', 'short', Buffer.alloc(31).toString('base64'), `${Buffer.alloc(32).toString('base64')}!`])(
    'names a master key file that holds %j',
    async (text) => {
      await mkdir(data);
      await writeFile(join(data, 'master.key'), text);
      expect(await problemOf(start())).toMatch(/master\.key is not a master key/);
    },
  );

  it('names a data folder that is a file, below one, or where no folder can be made', async () => {
    await writeFile(data, '');
    expect(await problemOf(start())).toBe(`the data folder ${data} cannot be used: ${data} is not a folder`);
    const below = join(data, 'x', 'y');
    expect(await problemOf(start({}, { data: below }))).toMatch(/the data folder .* cannot be used: ENOTDIR/);
    expect(await problemOf(start({}, { data: '/proc/x/y' }))).toMatch(
      /^the data folder \/proc\/x\/y cannot be used: (no folder can be made in \/proc|EACCES)/,
    );
  });

  it('makes the folders above the data folder, and takes a link to one', async () => {
    const deep = join(folder.path, 'a', 'b', 'c');
    await (await start({}, { data: deep })).close();
    expect(await modeOf(join(folder.path, 'a'))).toBe(0o700);
    await symlink(deep, data);
    await using again = await start();
    expect(again.firstStart).toBe(false);
  });

  it('warns of files with secrets that other users may read', async () => {
    await (await start()).close();
    await chmod(join(data, 'master.key'), 0o644);
    const { log, lines } = recordingLogger();
    await using _service = await startTestService({ data, log });
    const warnings = lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ level }) => level === 40);
    expect(warnings.map(({ msg }) => msg)).toEqual([
      `${join(data, 'master.key')} holds secrets and is open to other users (mode 644): chmod 600 it`,
    ]);
  });

  it.skipIf(process.getuid?.() === 0)('names a data folder that cannot be written', async () => {
    await mkdir(data);
    await chmod(data, 0o500);
    expect(await problemOf(start())).toMatch(/the data folder .* cannot be used/);
  });

  it.each(['api', 'rtmp', 'internal'] as const)(
    'names the port of %s in use, and leaves nothing open',
    async (which) => {
      const taken = createServer().listen(0, '127.0.0.1');
      await until(() => taken.listening, 'the other program');
      const { port } = taken.address() as AddressInfo;
      const before = activeResources();
      const problem = await problemOf(start({}, { [`${which}.port`]: String(port) }));
      expect(problem).toBe(
        `port ${port} is in use (${which}.host 127.0.0.1, ${which}.port ${port}): ` +
          'stop what uses it or choose another port',
      );
      await untilNothingMore(before);
      taken.close();
    },
  );

  it.each([
    [
      { SLUICE_DOMAINS_MAPPINGS: 'a.example.com=b.example.com,b.example.com=c.example.com' },
      /domains options are wrong: domain mapping "a\.example\.com": "b\.example\.com" is itself an alias/,
    ],
    [{ SLUICE_RTMPS_CERTIFICATE: '/none.pem' }, /go together: rtmps\.key is not set/],
    [{ SLUICE_API_KEY: '/none.pem' }, /go together: api\.certificate is not set/],
    [
      { SLUICE_RTMPS_CERTIFICATE: '/none.pem', SLUICE_RTMPS_KEY: '/none.key' },
      /option rtmps\.certificate: \/none\.pem cannot be read: there is no such file/,
    ],
    [{ SLUICE_RTMP_HOST: '0.0.0.0' }, /no domain has URL authentication/],
  ])('names the option: %j', async (env, problem) => {
    expect(await problemOf(start(env))).toMatch(problem);
  });
});

describe('a running service', () => {
  it('tells its health, its readiness and its figures on the internal port', async () => {
    await using sluice = await startTestService();
    const get = (path: string): Promise<Response> =>
      fetch(`http://127.0.0.1:${sluice.service.internalPort}${path}`);
    expect(await (await get('/healthz')).json()).toEqual({ status: 'ok' });
    const ready = await get('/readyz');
    expect(ready.status).toBe(200);
    expect(await ready.json()).toEqual({ ready: true, checks: { store: 'ok', feed: 'ok', ingest: 'ok' } });
    await sluice.call('DescribeLiveStreamCount', { DomainName: 'live.local' });
    await sluice.call('Nonsense', {});
    expect((await get('/metrics')).headers.get('content-type')).toMatch(/^text\/plain/);
    expect(await sluice.metric('sluice_api_calls_total{action="DescribeLiveStreamCount",code="OK"}')).toBe(1);
    expect(
      await sluice.metric('sluice_api_calls_total{action="unknown",code="InvalidAction.NotFound"}'),
    ).toBe(1);
    expect(await sluice.metric('sluice_feed_staleness_seconds')).toBeLessThan(5);
    expect((await get('/nothing')).status).toBe(404);
  });

  it('counts streams, players and refusals', async () => {
    await using sluice = await startTestService();
    const target = { host: '127.0.0.1', port: sluice.service.rtmpPort, app: 'live', stream: 'cam1' };
    const publisher = await connectRtmp({ mode: 'publish', ...target });
    const player = await connectRtmp({ mode: 'play', ...target });
    await expect(connectRtmp({ mode: 'publish', ...target })).rejects.toThrow();
    expect(await sluice.metric('sluice_streams_live')).toBe(1);
    expect(await sluice.metric('sluice_players')).toBe(1);
    expect(await sluice.metric('sluice_connections_opened_total{protocol="rtmp"}')).toBe(3);
    await Promise.all([publisher.close(), player.close()]);
    await until(
      async () => (await sluice.metric('sluice_connections{protocol="rtmp"}')) === 0,
      'no connections',
    );
    expect(await sluice.metric('sluice_streams_live')).toBe(0);
  });

  it('leaves nothing behind when it is closed, also under load, and starts again on its data', async () => {
    const before = activeResources();
    const service = await start();
    const target = { host: '127.0.0.1', port: service.rtmpPort, app: 'live', stream: 'cam1' };
    const publisher = await connectRtmp({ mode: 'publish', ...target });
    const player = await connectRtmp({ mode: 'play', ...target });
    const flv = await fetch(`http://127.0.0.1:${service.httpPort}/live/cam1.flv`);
    expect(flv.status).toBe(200);
    await Promise.all([service.close(), service.close()]);
    await Promise.all([publisher.ended, player.ended, flv.arrayBuffer().catch(() => undefined)]);
    await expect(fetch(`http://127.0.0.1:${service.httpPort}/`)).rejects.toThrow();
    await untilNothingMore(before);
    await (await start()).close();
  });
});
