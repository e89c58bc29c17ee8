import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pace } from './benchmark.ts';

const ROOT = join(import.meta.dirname, '../..');
const KEY = {
  accessKeyId: 'bench-access-key',
  accessKeySecret: 'bench-secret-of-thirty-characters',
} as const;
const START_MS = 30_000;

/** A server under measurement, in a process of its own. */
export interface ServerProcess extends AsyncDisposable {
  /** The process that does the work. */
  readonly pid: number;
}

/** `sluice serve` as an operator starts it: compiled, with its store on disk, its log in a file. */
export interface SluiceServer extends ServerProcess {
  readonly httpPort: number;
  readonly rtmpPort: number;
  readonly key: { readonly accessKeyId: string; readonly accessKeySecret: string };
  /** Milliseconds from the start of the process to its line `ready`. */
  readonly startMs: number;
}

/** Starts the service on free ports of loopback; `config` is what differs from a fresh installation. */
export async function startSluice(
  config: Readonly<Record<string, unknown>> = {},
  { profiles }: Pick<Pace, 'profiles'> = { profiles: undefined },
): Promise<SluiceServer> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  const file = join(folder, 'sluice.yaml');
  const data = join(folder, 'data');
  const log = join(folder, 'log');
  const ports = { api: { host: '127.0.0.1', port: 0 }, rtmp: { port: 0 }, internal: { port: 0 } };
  await writeFile(file, JSON.stringify(merged({ data, ...ports }, config)));
  const env = {
    PATH: process.env['PATH'],
    SLUICE_ACCESS_KEY_ID: KEY.accessKeyId,
    SLUICE_ACCESS_KEY_SECRET: KEY.accessKeySecret,
  };
  const output = openSync(log, 'w');
  const flags = profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`];
  const argv = [...flags, join(ROOT, 'dist/main.js'), 'serve', '--config', file];
  const startedAt = performance.now();
  const child = spawn(process.execPath, argv, { env, cwd: folder, stdio: ['ignore', output, output] });
  closeSync(output);
  const ready = await lineOf(child, log, '"msg":"ready"');
  const startMs = performance.now() - startedAt;
  const { httpPort, rtmpPort } = JSON.parse(ready) as { httpPort: number; rtmpPort: number };
  return { pid: child.pid ?? 0, httpPort, rtmpPort, key: KEY, startMs, ...ending(child, folder) };
}

function merged(
  base: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const all: Record<string, unknown> = { ...base };
  for (const [name, value] of Object.entries(more)) {
    const known = all[name];
    all[name] = isRecord(known) && isRecord(value) ? { ...known, ...value } : value;
  }
  return all;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function lineOf(child: ChildProcess, log: string, mark: string): Promise<string> {
  const end = performance.now() + START_MS;
  while (performance.now() < end && child.exitCode === null) {
    const line = (await readFile(log, 'utf8')).split('\n').find((one) => one.includes(mark));
    if (line !== undefined) return line;
    await sleep(2);
  }
  child.kill('SIGKILL');
  throw new Error(`the server did not start:\n${await readFile(log, 'utf8')}`);
}

function ending(child: ChildProcess, folder: string): AsyncDisposable {
  const ended = once(child, 'exit');
  return {
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill();
        await ended;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The least that answers a call on Node: `body` to every request. */
export async function startBareHttp(body: string): Promise<ServerProcess & { readonly httpPort: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  const argv = [join(import.meta.dirname, 'bare-http.mjs')];
  const env = { PATH: process.env['PATH'], BODY: body };
  const child = spawn(process.execPath, argv, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return { pid: child.pid ?? 0, httpPort: Number(port.toString()), ...ending(child, folder) };
}

const NGINX_MODULE = '/usr/lib/nginx/modules/ngx_rtmp_module.so';

/** Whether nginx with its RTMP module is here (Debian: `apt-get install nginx libnginx-mod-rtmp`). */
export function hasNginx(): boolean {
  return existsSync(NGINX_MODULE) && existsSync('/usr/sbin/nginx');
}

/** nginx-rtmp with one worker, its control on HTTP. */
export interface NginxServer extends ServerProcess {
  readonly rtmpPort: number;
  readonly httpPort: number;
}

/** Starts it. It cannot choose ports itself, so two free ones are looked for. */
export async function startNginx(): Promise<NginxServer> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  const [rtmpPort, httpPort] = [await freePort(), await freePort()];
  const file = join(folder, 'nginx.conf');
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  await writeFile(
    file,
    `load_module ${NGINX_MODULE};
    daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/log;
    events { worker_connections 4000; }
    rtmp { server { listen 127.0.0.1:${rtmpPort}; chunk_size 60000; application live { live on; } } }
    http {
      access_log off;
      ${temp.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
      server { listen 127.0.0.1:${httpPort}; location /control { rtmp_control all; } }
    }`,
  );
  const child = spawn('/usr/sbin/nginx', ['-p', folder, '-c', file], { stdio: 'ignore' });
  const pid = await workerOf(child);
  return { pid, rtmpPort, httpPort, ...ending(child, folder) };
}

async function workerOf(child: ChildProcess): Promise<number> {
  const end = performance.now() + START_MS;
  while (performance.now() < end && child.exitCode === null) {
    const [worker] = childrenOf(child.pid ?? 0);
    if (worker !== undefined) return worker;
    await sleep(20);
  }
  throw new Error('nginx did not start');
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').flatMap((one) => (one.trim() === '' ? [] : [Number(one)]));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}
