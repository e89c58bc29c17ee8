import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/base/clock.ts';
import { silentLogger } from '../src/base/logger.ts';
import type { Store } from '../src/core/ports.ts';
import { openStore } from '../src/store/store.ts';

/**
 * How much group commit gains: the same forbids by 50 callers at a time and by one, in one run on one disk. Only the
 * ratio says something; the figures themselves are those of this machine and moment. `npx tsx bench/store-commit.ts`
 */
const CALLERS = 50;
const CALLS = 2000;
const ROUNDS = 3;

let next = 0;

function forbid(store: Store): Promise<unknown> {
  next += 1;
  const name = `s${next}`;
  return store.blocks.forbid({
    caller: {
      accountId: '1000000000000001',
      accessKeyId: 'AK',
      requestId: name,
      at: 0,
      actor: 'root',
      target: null,
      action: 'ForbidLiveStream',
      clientAddress: '192.0.2.1',
      nonce: name,
    },
    key: { domain: 'live.example.com', app: 'app', stream: name },
    now: systemClock.now(),
    resumeAt: null,
    reason: null,
    replace: false,
    oneshot: true,
    quota: 10_000,
  });
}

/** Calls per second, and the median and 99th percentile of a call in milliseconds. */
async function measure(store: Store, callers: number) {
  const took: number[] = [];
  const begin = systemClock.monotonic();
  const call = async (): Promise<void> => {
    for (let done = 0; done < CALLS / callers; done++) {
      const from = systemClock.monotonic();
      await forbid(store);
      took.push(systemClock.monotonic() - from);
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  const perSecond = CALLS / ((systemClock.monotonic() - begin) / 1000);
  const sorted = took.sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0;
  return { perSecond, p50: at(0.5), p99: at(0.99) };
}

const directory = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
const store = await openStore({
  directory,
  masterKey: Buffer.alloc(32),
  clock: systemClock,
  log: silentLogger,
});
try {
  await measure(store, CALLERS);
  for (let round = 0; round < ROUNDS; round++) {
    const one = await measure(store, 1);
    const many = await measure(store, CALLERS);
    for (const [name, { perSecond, p50, p99 }] of Object.entries({ one, many }))
      console.log(
        `${name.padEnd(5)} ${perSecond.toFixed(0).padStart(6)}/s  p50 ${p50.toFixed(2)} ms  p99 ${p99.toFixed(2)} ms`,
      );
    console.log(`ratio ${(many.perSecond / one.perSecond).toFixed(1)}`);
  }
} finally {
  await store.close();
  rmSync(directory, { recursive: true });
}
