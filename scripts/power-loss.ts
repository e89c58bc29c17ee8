import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../src/base/clock.ts';
import { systemIds } from '../src/base/ids.ts';
import { callApi } from '../src/cli/api-client.ts';
import type { ApiClient } from '../src/cli/api-client.ts';
import { SluiceProcess } from '../test/support/sluice-process.ts';

const HELP = `Usage: tsx scripts/power-loss.ts --yes [ROUNDS]

Takes the power from a file system on which a service stores forbids, at a random moment, ROUNDS times (10), and looks
whether every acknowledged forbid is there after the journal was replayed.

Needs root, a free loop device, mkfs.ext4, mount and perl. Makes a file of 256 MiB in the folder for temporary files,
an ext4 in it, and mounts that; nothing else of the machine is touched, and all of it is removed at the end. The power
is taken with EXT4_IOC_SHUTDOWN: from then on nothing more reaches the device, and what was not written there is lost.
`;

const IMAGE_BYTES = 256 * 1024 * 1024;
/** Forbids under way at the same time. */
const LANES = 50;

/** EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH. */
const SHUTDOWN =
  'open(my $f, "<", $ARGV[0]) or die; my $flag = pack("L", 2); ioctl($f, 0x8004587d, $flag) or die "ioctl: $!"';

/** An ext4 in a file. */
class SmallDisk implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'sluice-power-loss-'));
  readonly #image = join(this.#folder, 'image');
  readonly path = join(this.#folder, 'mounted');
  #mounted = false;

  constructor() {
    closeSync(openSync(this.#image, 'w'));
    truncateSync(this.#image, IMAGE_BYTES);
    mkdirSync(this.path);
    execFileSync('mkfs.ext4', ['-q', this.#image]);
    this.mount();
  }

  mount(): void {
    execFileSync('mount', ['-o', 'loop', this.#image, this.path]);
    this.#mounted = true;
  }

  losePower(): void {
    execFileSync('perl', ['-e', SHUTDOWN, this.path]);
  }

  unmount(): void {
    if (this.#mounted) execFileSync('umount', [this.path]);
    this.#mounted = false;
  }

  [Symbol.dispose](): void {
    this.unmount();
    rmSync(this.#folder, { recursive: true });
  }
}

const named = (StreamName: string) => ({
  DomainName: 'live.local',
  AppName: 'live',
  StreamName,
  LiveStreamType: 'publisher',
});

async function serving(data: string): Promise<{ service: SluiceProcess; client: ApiClient }> {
  const service = SluiceProcess.serve(data, '--api-throttle', 'ForbidLiveStream=100000');
  const { httpPort } = await service.ready();
  const key = JSON.parse(readFileSync(join(data, 'root-key.json'), 'utf8')) as ApiClient['key'];
  return {
    service,
    client: { endpoint: `http://127.0.0.1:${httpPort}`, key, clock: systemClock, ids: systemIds },
  };
}

/** Forbids until the power goes; gives the names that were acknowledged. */
async function forbidUntilLoss(disk: SmallDisk, data: string, round: number): Promise<string[]> {
  const { service, client } = await serving(data);
  await using _ended = service;
  const acknowledged: string[] = [];
  let next = 0;
  let isOver = false;
  const lane = async (): Promise<void> => {
    while (!isOver) {
      const name = `r${round}-${next++}`;
      const answer = await callApi(client, 'ForbidLiveStream', named(name)).catch(() => undefined);
      if (answer?.status === 200) acknowledged.push(name);
    }
  };
  const lanes = Array.from({ length: LANES }, lane);
  await sleep(200 + (systemIds.bytes(2).readUInt16BE() % 800));
  disk.losePower();
  // What is acknowledged from now on cannot be true.
  await sleep(100);
  isOver = true;
  service.child.kill('SIGKILL');
  await Promise.all(lanes);
  return acknowledged;
}

async function missing(data: string, acknowledged: readonly string[]): Promise<string[]> {
  const { service, client } = await serving(data);
  await using _ended = service;
  const blocked = new Set<string>();
  for (let page = 1, pages = 1; page <= pages; page++) {
    const parameters = { PageNum: String(page), PageSize: '3000' };
    const { body } = await callApi(client, 'DescribeLiveStreamBlocks', parameters);
    pages = body['TotalPage'] as number;
    for (const { StreamName } of (body['Blocks'] as { Block: { StreamName: string }[] }).Block)
      blocked.add(StreamName);
  }
  return acknowledged.filter((name) => !blocked.has(name));
}

async function round(number: number): Promise<boolean> {
  using disk = new SmallDisk();
  const data = join(disk.path, 'data');
  const acknowledged = await forbidUntilLoss(disk, data, number);
  disk.unmount();
  disk.mount();
  const lost = await missing(data, acknowledged);
  console.log(
    `round ${number}: ${acknowledged.length} acknowledged, ${lost.length} lost`,
    ...lost.slice(0, 5),
  );
  return lost.length === 0 && acknowledged.length > 0;
}

const [consent, rounds = '10'] = process.argv.slice(2);
if (consent !== '--yes' || process.getuid?.() !== 0) {
  console.log(HELP + (consent === '--yes' ? '\nYou are not root.' : ''));
  process.exitCode = 2;
} else {
  // An interrupt ends the round under way as a failure does, so that its disk is removed.
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  for (let number = 1; number <= Number(rounds) && !stop.signal.aborted; number++)
    if (!(await round(number))) process.exitCode = 1;
}
