import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Random } from '../soak/random.ts';
import { startForbidding } from '../store/support/kill-rounds.ts';
import { rowsOf, tempDirectory, testStore } from '../store/support/test-store.ts';
import { program } from '../support/programs.ts';
import { until } from '../support/wait.ts';
import { Disk, FATES } from './disk.ts';
import { straceArguments, systemCallsOf } from './system-calls.ts';
import type { SystemCall } from './system-calls.ts';

const strace = program('strace');

/** Moments at which the power goes, besides those right after an acknowledgement. */
const MOMENTS = 40;

/** Runs a process that forbids until so many are acknowledged or it ends, and kills it; gives its system calls. */
async function record(
  directory: string,
  prefix: string,
  more: readonly string[] = [],
): Promise<SystemCall[]> {
  const log = join(tempDirectory(), 'strace.log');
  const under = [strace.path, ...straceArguments(log), ...more];
  const child = startForbidding(directory, prefix, under);
  await until(() => child.acknowledged().length >= 120 || child.failed(), 'acknowledgements', 60_000);
  await child.kill().catch(() => undefined);
  const text = (): string => readFileSync(log, 'utf8');
  const pid = new RegExp(`^${child.pid} +\\+\\+\\+ `, 'm');
  await until(() => pid.test(text()), 'the end of the log');
  return systemCallsOf(text());
}

/** A store that was left like this has all that was acknowledged, and what else it has is whole. */
async function expectKept(directory: string, acknowledged: readonly string[]): Promise<void> {
  const store = await testStore({ directory, role: 'tool' });
  const names = (await store.feed.snapshot()).blocks.map(({ key }) => key.stream);
  await store.close();
  const known = new Set(names);
  expect(acknowledged.filter((name) => !known.has(name))).toEqual([]);
  const path = join(directory, 'sluice.db');
  expect(await rowsOf(path, 'pragma integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  for (const table of ['control_history', 'changes', 'nonces', 'audit'])
    expect(await rowsOf(path, `select count(*) as n from ${table}`), table).toEqual([{ n: names.length }]);
}

/** Lets the power go at moments of the calls, and looks at what is left each time. */
async function expectPowerLossesSurvived(
  disk: Disk,
  calls: readonly SystemCall[],
  random: Random,
): Promise<void> {
  const chosen = new Set(Array.from({ length: MOMENTS }, () => random.below(calls.length)));
  const acknowledged: string[] = [];
  let losses = 0;
  for (const [index, call] of calls.entries()) {
    disk.apply(call);
    if (call.kind === 'said') acknowledged.push(...call.text.trim().split('\n'));
    if (acknowledged.length === 0 || !(chosen.has(index) || (call.kind === 'said' && random.chance(0.2))))
      continue;
    for (const fate of FATES) {
      const target = join(tempDirectory(), 'lost');
      disk.lose(target, { fate, random });
      await expectKept(target, acknowledged);
      losses += 1;
    }
  }
  expect(losses).toBeGreaterThan(40);
}

strace.it(
  'keeps what was acknowledged when the power goes at any moment, from the first start on',
  async () => {
    const directory = tempDirectory();
    const calls = await record(directory, 'first');
    await expectPowerLossesSurvived(new Disk(directory), calls, new Random(1));
  },
  240_000,
);

strace.it(
  'keeps it when an fsync failed before, and the process was started again',
  async () => {
    const directory = tempDirectory();
    const disk = new Disk(directory);
    for (const call of await record(directory, 'first')) disk.apply(call);
    // The end comes with the failure: the process has no time to make good what it wrote.
    const fail = ['-e', 'inject=fdatasync,fsync:error=EIO:signal=SIGKILL:when=7'];
    const failed = await record(directory, 'failed', fail);
    expect(failed.at(-1)).toMatchObject({ kind: 'sync', path: join(directory, 'sluice.db-wal'), ok: false });
    for (const call of failed) disk.apply(call);
    await expectPowerLossesSurvived(disk, await record(directory, 'after'), new Random(2));
  },
  240_000,
);
