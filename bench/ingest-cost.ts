/**
 * What the media server costs: processor time of its process per second of wall time (10 ms/s is 1 % of a core), for
 * publishers and players of 1 Mbit/s each on loopback. When nginx with its RTMP module is installed, the same load runs
 * against it too.
 *
 *   npx tsx bench/ingest-cost.ts [SECONDS]
 */
import { fork, spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectRtmp } from '../src/cli/rtmp-client.ts';
import type { RtmpClient } from '../src/cli/rtmp-client.ts';
import { audioConfig, audioFrame, videoConfig, videoFrame } from '../test/support/frames.ts';
import { startMediaServer } from '../test/support/ingest-harness.ts';

interface Load {
  readonly publishers: number;
  readonly players: number;
}

interface Server {
  readonly port: number;
  readonly pid: number;
  stop(): void;
}

const LOADS: readonly Load[] = [
  { publishers: 1, players: 0 },
  { publishers: 20, players: 0 },
  { publishers: 100, players: 0 },
  { publishers: 1, players: 50 },
  { publishers: 1, players: 200 },
];
const WARM_UP_MS = 3000;
const NGINX_MODULE = '/usr/lib/nginx/modules/ngx_rtmp_module.so';

if (process.argv[2] === 'server') await serve();
else await measureAll(Number(process.argv[2] ?? 10));

/** The media server alone in its process. */
async function serve(): Promise<void> {
  const limits = { maxConnectionsPerAddress: 1000 };
  const server = await startMediaServer({ limits });
  process.send?.(server.ingest.rtmpPort);
}

async function startOurs(): Promise<Server> {
  const child = fork(fileURLToPath(import.meta.url), ['server'], { execArgv: ['--import', 'tsx'] });
  const port = await new Promise<number>((resolve) =>
    child.once('message', (message) => resolve(message as number)),
  );
  return { port, pid: child.pid ?? 0, stop: () => child.kill() };
}

async function startNginx(): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const port = 19_350;
  const config = `load_module ${NGINX_MODULE};
    daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/log;
    events { worker_connections 2000; }
    rtmp { server { listen 127.0.0.1:${port}; chunk_size 60000; application live { live on; } } }`;
  writeFileSync(join(folder, 'nginx.conf'), config);
  const child: ChildProcess = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], {
    stdio: 'ignore',
  });
  await sleep(1000);
  const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8');
  const stop = (): void => {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  return { port, pid: Number(children.trim().split(' ')[0]), stop };
}

/** Processor time of a process, milliseconds; the kernel counts in hundredths of a second. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function rssMb(pid: number): number {
  const [, pages] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
  return Math.round((Number(pages) * 4096) / 1e6);
}

/** 25 pictures and 43 sounds a second, 1 Mbit/s, a keyframe every two seconds. */
function publishFrames(clients: readonly RtmpClient[]): NodeJS.Timeout {
  const startedAt = performance.now();
  let pictures = 0;
  let sounds = 0;
  for (const client of clients) for (const media of [videoConfig(), audioConfig()]) client.send(media);
  return setInterval(() => {
    const now = performance.now() - startedAt;
    for (; pictures * 40 <= now; pictures++) {
      const media = videoFrame(pictures * 40, pictures, { key: pictures % 50 === 0, size: 4520 });
      for (const client of clients) client.send(media);
    }
    for (; sounds * 23.2 <= now; sounds++)
      for (const client of clients) client.send(audioFrame(Math.round(sounds * 23.2), 279));
  }, 10);
}

async function measure(server: Server, load: Load, seconds: number): Promise<string> {
  const connect = (mode: 'publish' | 'play', i: number): Promise<RtmpClient> =>
    connectRtmp({ host: '127.0.0.1', port: server.port, app: 'live', mode, stream: `cam${i}` });
  const publishers: RtmpClient[] = [];
  for (let i = 0; i < load.publishers; i++) publishers.push(await connect('publish', i));
  const timer = publishFrames(publishers);
  const players: RtmpClient[] = [];
  for (let i = 0; i < load.players; i++) players.push(await connect('play', 0));
  await sleep(WARM_UP_MS);
  const before = cpuMs(server.pid);
  await sleep(seconds * 1000);
  const cost = (cpuMs(server.pid) - before) / seconds;
  const rss = rssMb(server.pid);
  clearInterval(timer);
  for (const client of [...players, ...publishers]) client.destroy();
  await sleep(500);
  return `${cost.toFixed(1)} ms/s, ${rss} MB`;
}

async function measureAll(seconds: number): Promise<void> {
  const hasNginx = existsSync(NGINX_MODULE) && spawnSync('nginx', ['-v']).status === 0;
  if (!hasNginx)
    console.log('nginx with its RTMP module is not installed (Debian: libnginx-mod-rtmp): ours only');
  const servers = { ours: await startOurs(), ...(hasNginx && { nginx: await startNginx() }) };
  for (const load of LOADS) {
    const parts = [`${load.publishers} publishers, ${load.players} players:`];
    for (const [name, server] of Object.entries(servers))
      parts.push(`${name} ${await measure(server, load, seconds)}`);
    console.log(parts.join('  '));
  }
  for (const server of Object.values(servers)) server.stop();
}
