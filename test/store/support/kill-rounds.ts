import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { caller, forbidding, rowsOf, testStore } from './test-store.ts';

/** A process that forbids streams in the store of a directory; `under`: a program that runs it. */
export function startForbidding(directory: string, prefix: string, under: readonly string[] = []) {
  const script = join(import.meta.dirname, 'forbid-forever.ts');
  const own = [process.execPath, '--import', 'tsx', script, directory, prefix];
  const [program = '', ...rest] = [...under, ...own];
  const child = spawn(program, rest);
  let [text, errors] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const acknowledged = (): string[] => text.split('\n').slice(0, -1);
  const kill = async (): Promise<string[]> => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
    expect(errors.replace(/^\(.*$/gm, '').trim(), 'warnings of Node aside').toBe('');
    return acknowledged();
  };
  return {
    pid: child.pid ?? 0,
    acknowledged,
    kill,
    failed: () => child.exitCode !== null || child.signalCode !== null,
  };
}

/** Kills a process that forbids, again and again, and looks whether what it was told holds. Returns the number told. */
export async function killRounds(directory: string, rounds: number): Promise<number> {
  const all = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    const child = startForbidding(directory, `round${round}`);
    while (child.acknowledged().length < 30 && !child.failed()) await sleep(5);
    await sleep((round * 37) % 200);
    for (const name of await child.kill()) all.add(name);
    await look(directory, all);
  }
  return all.size;
}

async function look(directory: string, acknowledged: ReadonlySet<string>): Promise<void> {
  const [check] = await rowsOf(join(directory, 'sluice.db'), 'pragma integrity_check');
  expect(check).toEqual({ integrity_check: 'ok' });
  await lookAtAudit(directory, acknowledged);
  const store = await testStore({ directory, role: 'tool' });
  const { seq, blocks } = await store.feed.snapshot();
  const stored = new Set(blocks.map(({ key }) => key.stream));
  expect([...acknowledged].filter((name) => !stored.has(name))).toEqual([]);
  expect(blocks.map(({ version }) => version).sort((a, b) => a - b)).toEqual(
    Array.from({ length: seq }, (_, i) => i + 1),
  );
  const replay = caller({ nonce: [...acknowledged].at(-1)! });
  expect(await store.blocks.forbid(forbidding('replayed', { caller: replay, now: Date.now() }))).toEqual({
    kind: 'nonce-used',
  });
  await store.close();
}

/** Every acknowledged call has its one line: with its answer, or begun when the end came before that was written. */
async function lookAtAudit(directory: string, acknowledged: ReadonlySet<string>): Promise<void> {
  const lines = await rowsOf(
    join(directory, 'sluice.db'),
    'select request_id as id, status, effect from audit',
  );
  const known = lines.map(({ id }) => id as string);
  expect(new Set(known).size).toBe(known.length);
  expect([...acknowledged].filter((name) => !known.includes(name))).toEqual([]);
  for (const { status, effect } of lines)
    expect({ status, effect }).toEqual(
      status === 0 ? { status: 0, effect: null } : { status: 200, effect: '{"Publishers":0}' },
    );
}
