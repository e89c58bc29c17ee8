import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { killRounds, startForbidding } from './support/kill-rounds.ts';
import { caller, forbidding, tempDirectory, threadStore } from './support/test-store.ts';

it('keeps every acknowledged forbid through kill -9', { timeout: 120_000 }, async () => {
  expect(await killRounds(tempDirectory(), 5)).toBeGreaterThan(150);
});

it('shows the changes of another process in order and without gaps', { timeout: 60_000 }, async () => {
  const directory = tempDirectory();
  const store = await threadStore({ directory, role: 'tool' });
  const other = startForbidding(directory, 'other');
  const seen: number[] = [];
  const names = new Set<string>();
  let own = 0;
  while (names.size < 500 && !other.failed()) {
    const { changes, gap } = await store.feed.changesSince(seen.at(-1) ?? 0);
    expect(gap).toBe(false);
    for (const change of changes) {
      seen.push(change.seq);
      if (change.kind === 'block') names.add(change.change.key.stream);
    }
    own += 1;
    // The other one hardly ever lets go of the lock; not to get it in time is no gap.
    const write = forbidding(`own${own}`, { caller: caller({ accountId: '2' }) });
    await store.blocks.forbid(write).catch(() => undefined);
    await sleep(5);
  }
  await other.kill();
  expect(seen).toEqual(Array.from({ length: seen.length }, (_, i) => i + 1));
  expect([...names].some((name) => name.startsWith('own'))).toBe(true);
  expect([...names].some((name) => name.startsWith('other'))).toBe(true);
});
