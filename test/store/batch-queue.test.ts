import { describe, expect, it, vi } from 'vitest';
import { StoreUnavailableError } from '../../src/base/errors.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { BatchQueue } from '../../src/store/batch-queue.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { until } from '../support/wait.ts';

function queue(send: (items: number[]) => Promise<unknown>) {
  const clock = new ManualClock();
  const error = vi.fn();
  const log = { ...silentLogger, error } as never;
  return { clock, error, queue: new BatchQueue<number>({ what: 'numbers', clock, log, send }) };
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('batch queue', () => {
  it('sends at once what comes first, and in batches what comes meanwhile, in order', async () => {
    const sent: number[][] = [];
    const { queue: it } = queue(async (items) => sent.push(items));
    for (const number of numbers(500)) it.add(number);
    await it.flush();
    expect(sent.map((batch) => batch.length)).toEqual([1, 200, 200, 99]);
    expect(sent.flat()).toEqual(numbers(500));
  });

  it('flushes what is there, however much comes meanwhile', async () => {
    let sent = 0;
    const { queue: it } = queue(async (items) => {
      await Promise.resolve();
      sent += items.length;
      // As many again, for ever: whoever waited for an empty queue would never see it.
      if (sent < 100_000) for (const number of numbers(items.length)) it.add(number);
    });
    for (const number of numbers(300)) it.add(number);
    await it.flush();
    expect(sent).toBeGreaterThanOrEqual(300);
    expect(sent).toBeLessThan(1000);
    await it.close();
    expect(sent).toBeGreaterThanOrEqual(100_000);
  });

  it('forgets nothing that comes as a sending ends', async () => {
    const sent: number[] = [];
    const { queue: it } = queue(async (items) => {
      sent.push(...items);
      if (sent.length === 1)
        for (let turn = 0; turn < 10; turn++) void Promise.resolve().then(() => it.add(turn));
    });
    it.add(-1);
    await until(() => sent.length === 11, 'all items');
  });

  it('tries again, in order, when the store was away', async () => {
    const sent: number[] = [];
    let away = true;
    const {
      queue: it,
      clock,
      error,
    } = queue(async (items) => {
      if (away) throw new StoreUnavailableError('away');
      sent.push(...items);
    });
    for (const number of numbers(3)) it.add(number);
    await it.flush();
    it.add(3);
    expect(clock.pending).toBe(1);
    away = false;
    clock.advance(1000);
    await until(() => sent.length === 4, 'the retry');
    expect(sent).toEqual(numbers(4));
    expect(error).not.toHaveBeenCalled();
    expect(clock.pending).toBe(0);
  });

  it('is bounded, and says once a minute how many were lost', async () => {
    let away = true;
    const sent: number[] = [];
    const {
      queue: it,
      clock,
      error,
    } = queue(async (items) => {
      if (away) throw new StoreUnavailableError('away');
      sent.push(...items);
    });
    for (const number of numbers(10_300)) it.add(number);
    await it.flush();
    expect(error.mock.calls).toHaveLength(1);
    away = false;
    clock.advance(60_000);
    await it.close();
    const lost = error.mock.calls.reduce((sum, [line]) => sum + (line as { lost: number }).lost, 0);
    expect(sent.length + lost).toBe(10_300);
    expect(lost).toBeGreaterThan(0);
    expect(lost).toBeLessThanOrEqual(300);
  });

  it('drops what the store refuses, and goes on', async () => {
    const sent: number[] = [];
    const { queue: it, error } = queue(async (items) => {
      if (items.includes(0)) throw new Error('cannot be stored');
      sent.push(...items);
    });
    it.add(0);
    it.add(1);
    await it.flush();
    expect(sent).toEqual([1]);
    expect(error).toHaveBeenCalledOnce();
  });

  it('closes without the store, and counts what is lost', async () => {
    const {
      queue: it,
      clock,
      error,
    } = queue(async () => {
      throw new StoreUnavailableError('away');
    });
    for (const number of numbers(5)) it.add(number);
    await it.close();
    expect(error.mock.lastCall?.[0]).toEqual({ lost: 5 });
    expect(clock.pending).toBe(0);
    it.add(1);
    expect(clock.pending).toBe(0);
  });
});
