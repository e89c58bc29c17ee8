import { join } from 'node:path';
import { expect } from 'vitest';
import type { KeyPair } from '../../src/app/root-key.ts';
import { cli } from '../support/cli.ts';
import { RealService } from '../support/real-service.ts';
import { rowsOf } from '../store/support/test-store.ts';
import { publishAtFirstMoment } from './first-moment.ts';
import type { Door, Name } from './first-moment.ts';
import { forbidAtOnce } from './forbid-burst.ts';

/** Of its own, so that no other program's connections can have the port while the service is down. */
const RTMP_HOST = '127.77.0.1';

/** Blocks that one account may have, with room for those that were not acknowledged. */
const BLOCKS_PER_ACCOUNT = 9000;

/** Publishers that hammer at the door while the service starts. */
const SAMPLE = 12;

const PAGE = 100;

/** How often the service is killed, and how many calls are under way each time. */
export interface KillPlan {
  readonly data: string;
  readonly rounds: number;
  readonly calls: number;
}

/** A round's forbids: its own domain under its account, and the RequestId of each that was acknowledged. */
interface Round {
  readonly domain: string;
  readonly key: KeyPair;
  readonly acknowledged: Map<string, string>;
}

/**
 * Kills the real service with so many forbids in flight, again and again on one data folder, each time at another number
 * of answers; looks after each start whether all that was acknowledged holds. Returns the acknowledgements of
 * each round.
 */
export async function killRounds({ data, rounds, calls }: KillPlan): Promise<number[]> {
  const throttle = ['--api-throttle', 'ForbidLiveStream=100000,DescribeLiveStreamsBlockList=1000'];
  const flags = [...throttle, '--api-max-connections-per-address', '5000', '--rtmp-host', RTMP_HOST];
  let service = await RealService.start({ data, flags });
  const door: Door = { host: RTMP_HOST, port: service.ports.rtmpPort };
  flags.push('--rtmp-port', String(door.port));
  const done: Round[] = [];
  try {
    const keys = await accounts(data, Math.ceil((rounds * calls) / BLOCKS_PER_ACCOUNT));
    for (let index = 0; index < rounds; index++) {
      const domain = `round${index}.example.com`;
      const key = keys[Math.floor((index * keys.length) / rounds)]!;
      const round = { domain, key, acknowledged: new Map<string, string>() };
      // Another number of answers in each round, never near the end of the burst.
      await killAmid(service, round, { calls, after: 1 + ((index * 389) % Math.floor(calls * 0.8)) });
      done.push(round);
      const attempts = [...sampleOf(done), { domain, name: 'free' }].map(async (name) => ({
        ...name,
        ...(await publishAtFirstMoment(door, name)),
      }));
      service = await RealService.start({ data, flags });
      await lookAtDoor(await Promise.all(attempts));
      await lookAtAnswers(service, round);
      await lookAtFiles(data, done);
    }
    for (const round of done) await lookAtAnswers(service, round);
  } finally {
    await service.kill();
  }
  return done.map(({ acknowledged }) => acknowledged.size);
}

async function accounts(data: string, count: number): Promise<KeyPair[]> {
  const made: KeyPair[] = [];
  for (let index = 0; index < count; index++) {
    const { out } = await cli(['accounts', 'create', '--name', `account${index}`, '--json', '--data', data]);
    made.push(JSON.parse(out) as KeyPair);
  }
  return made;
}

async function killAmid(
  service: RealService,
  { domain, key, acknowledged }: Round,
  { calls, after }: { calls: number; after: number },
): Promise<void> {
  const names = Array.from({ length: calls }, (_, index) => `s${index}`);
  let answers = 0;
  await forbidAtOnce({
    port: service.ports.httpPort,
    key,
    domain,
    names,
    answered: (name, requestId) => {
      // On a busy machine some wait for longer than a commit may take: they are answered 503.
      if (requestId !== undefined) acknowledged.set(name, requestId);
      if (++answers === after) service.process.child.kill('SIGKILL');
    },
  });
  expect(answers).toBeLessThan(calls);
  expect(await service.process.ended).toBe('SIGKILL');
}

/** Names whose forbid was acknowledged: most of the newest round, some of each before. */
function sampleOf(rounds: readonly Round[]): Name[] {
  const newest = namesOf(rounds.at(-1)!).slice(-SAMPLE);
  const older = rounds.slice(0, -1).flatMap((round) => namesOf(round).slice(0, 1));
  return [...older.slice(-SAMPLE / 2), ...newest].slice(-SAMPLE);
}

function namesOf({ domain, acknowledged }: Round): Name[] {
  return [...acknowledged.keys()].map((name) => ({ domain, name }));
}

type Tried = Name & Awaited<ReturnType<typeof publishAtFirstMoment>>;

/** Nobody whose stream is forbidden got in at any moment; who is not forbidden did; all were there before the port was. */
async function lookAtDoor(tried: readonly Tried[]): Promise<void> {
  expect(tried.filter(({ name, outcome }) => (name === 'free') !== (outcome === 'let in'))).toEqual([]);
  for (const { inVain } of tried) expect(inVain).toBeGreaterThan(0);
}

async function lookAtAnswers(service: RealService, { domain, key, acknowledged }: Round): Promise<void> {
  const listed = new Set<string>();
  for (let page = 1, total = 1; (page - 1) * PAGE < total; page++) {
    const parameters = { DomainName: domain, PageNum: String(page), PageSize: String(PAGE) };
    const { body } = await service.call('DescribeLiveStreamsBlockList', parameters, key);
    const { TotalNum, StreamUrls } = body as { TotalNum: number; StreamUrls: { StreamUrl: string[] } };
    total = TotalNum;
    for (const url of StreamUrls.StreamUrl) listed.add(url);
  }
  expect([...acknowledged.keys()].filter((name) => !listed.has(`${domain}/live/${name}`))).toEqual([]);
}

/**
 * What was acknowledged has its line in the audit trail. What was not is there whole or not at all: as many blocks as
 * calls in the history, changes of the feed and nonces, and of the same calls and names; a call that has a line in the
 * audit trail alone was answered 503 before the end came.
 */
async function lookAtFiles(data: string, rounds: readonly Round[]): Promise<void> {
  const look = (text: string): ReturnType<typeof rowsOf> => rowsOf(join(data, 'sluice.db'), text);
  expect(await look('pragma integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  const lines = await look("select request_id as id, status from audit where action = 'ForbidLiveStream'");
  const statuses = new Map(lines.map(({ id, status }) => [String(id), status]));
  expect(statuses.size).toBe(lines.length);
  const acknowledged = rounds.flatMap((round) => [...round.acknowledged.values()]);
  // 0: begun; the end came before the answer was written down.
  expect(acknowledged.filter((id) => ![0, 200].includes(Number(statuses.get(id) ?? -1)))).toEqual([]);
  const calls = (await look('select request_id as id from control_history')).map(({ id }) => String(id));
  const made = new Set(calls);
  expect(calls.filter((id) => !statuses.has(id))).toEqual([]);
  expect([...statuses].filter(([id, status]) => !made.has(id) && status !== 503)).toEqual([]);
  const sameNames = (table: string): string =>
    `select count(*) as n from blocks join ${table} using (domain, app, stream)`;
  const counts = await Promise.all(
    [
      'select count(*) as n from blocks',
      sameNames('control_history'),
      sameNames('changes'),
      'select count(*) as n from nonces where access_key_id in (select access_key_id from control_history)',
    ].map(async (text) => (await look(text))[0]?.['n']),
  );
  expect(new Set(counts)).toEqual(new Set([made.size]));
}
