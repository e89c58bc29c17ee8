import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockSet } from '../../src/core/blocks.ts';
import type { Block, BlockChange } from '../../src/core/blocks.ts';

const key = { domain: 'a.example', app: 'live', stream: 'cam1' };
const block = (version: number, resumeAt: number | null = null): Block => ({
  key,
  accountId: '1',
  version,
  resumeAt,
  reason: null,
  actor: 'ak',
  createdAt: 0,
  updatedAt: 0,
});

describe('BlockSet', () => {
  it('ends a block in the millisecond of its resume time, without a job', () => {
    const set = new BlockSet();
    set.apply({ key, version: 1, block: block(1, 5000) });
    expect(set.find(key, 4999)).toBeDefined();
    expect(set.find(key, 5000)).toBeUndefined();
  });

  it('comes to the state of the highest version in whatever order changes arrive', () => {
    const changes = fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }).chain((flags) => {
      const all: BlockChange[] = flags.map((on, index) => ({
        key,
        version: index + 1,
        block: on ? block(index + 1) : null,
      }));
      return fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }));
    });
    fc.assert(
      fc.property(changes, ([all, shuffled]) => {
        const set = new BlockSet();
        for (const change of shuffled) set.apply(change);
        expect(set.find(key, 0)).toEqual(all.at(-1)?.block ?? undefined);
      }),
    );
  });

  it('keeps a tombstone until the feed has passed it', () => {
    const set = new BlockSet();
    set.apply({ key, version: 3, block: null });
    expect(set.apply({ key, version: 2, block: block(2) })).toBe(false);
    set.prune(2);
    expect(set.size).toBe(1);
    set.prune(3);
    expect(set.size).toBe(0);
  });

  it('forgets what a snapshot covers and keeps what is newer', () => {
    const set = new BlockSet();
    const other = { ...key, stream: 'cam2' };
    set.apply({ key, version: 3, block: block(3) });
    set.apply({ key: other, version: 7, block: { ...block(7), key: other } });
    set.forgetUpTo(5);
    expect(set.find(key, 0)).toBeUndefined();
    expect(set.find(other, 0)).toBeDefined();
  });
});
