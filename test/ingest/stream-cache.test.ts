import { describe, expect, it } from 'vitest';
import { readMedia } from '../../src/ingest/frame.ts';
import type { Frame } from '../../src/ingest/frame.ts';
import { ByteBudget } from '../../src/base/byte-budget.ts';
import { StreamCache } from '../../src/ingest/stream-cache.ts';
import { audioConfig, audioFrame, metadata, videoConfig, videoFrame } from '../support/frames.ts';
import type { TestMedia } from '../support/frames.ts';

const frame = (media: TestMedia): Frame => ({
  ...readMedia({ ...media, streamId: 1, chunkStreamId: 6 })!,
  outTimestamp: media.timestamp,
});

describe('StreamCache', () => {
  /** Multitrack (packet type 6), one track, hvc1, sequence start: a slot for each track. */
  const trackConfig = (track: number, size: number): Frame => {
    const payload = Buffer.alloc(size, 1);
    payload.set([0x96, 0x00, 0x68, 0x76, 0x63, 0x31, track]);
    return frame({ type: 9, timestamp: 0, payload });
  };
  const cacheOf = (maxBytes: number, budget = new ByteBudget(1e9)): StreamCache =>
    new StreamCache({ maxBytes, budget });

  it('is bounded by bytes, also of frames that have none', () => {
    const cache = cacheOf(100_000);
    cache.add(frame(videoFrame(0, 0, { key: true })));
    for (let i = 0; i < 10_000; i++) cache.add(frame(audioFrame(i, 2)));
    expect(cache.frames).toHaveLength(0);
    cache.add(frame(videoFrame(0, 1, { key: true })));
    expect(cache.frames).toHaveLength(1);
  });

  it('shares a budget, and gives back what it took', () => {
    const budget = new ByteBudget(10_000);
    const [one, two] = [cacheOf(1e9, budget), cacheOf(1e9, budget)];
    one.add(frame(videoFrame(0, 0, { key: true, size: 9000 })));
    two.add(frame(videoFrame(0, 0, { key: true, size: 9000 })));
    expect([one.frames.length, two.frames.length]).toEqual([1, 0]);
    one.clear();
    two.add(frame(videoFrame(0, 0, { key: true, size: 9000 })));
    expect(two.frames).toHaveLength(1);
    two.clear();
    expect(budget.take(10_000)).toBe(true);
    expect(budget.take(1)).toBe(false);
  });

  it('takes large configurations out of the budget, and gives them back', () => {
    const budget = new ByteBudget(150_000);
    const cache = cacheOf(1e9, budget);
    for (let track = 0; track < 16; track++) cache.add(trackConfig(track, 60_000));
    expect(cache.configs).toHaveLength(2);
    // Smaller ones in their places, and one that finds no room in the place of one that had.
    cache.add(trackConfig(0, 9000));
    expect([cache.configs.length, budget.take(60_000)]).toEqual([2, true]);
    cache.add(trackConfig(0, 60_000));
    expect(cache.configs.map(({ payload }) => payload[6])).toEqual([1]);
    cache.add(frame(videoFrame(0, 0, { key: true, size: 20_000 })));
    cache.clear();
    budget.give(60_000);
    expect([budget.take(150_000), budget.take(1)]).toEqual([true, false]);
  });

  it('keeps the configurations of an ordinary stream though there is no budget', () => {
    const budget = new ByteBudget(0);
    const cache = cacheOf(1e9, budget);
    for (const version of [1, 2])
      for (const media of [metadata(), videoConfig(version), audioConfig()]) cache.add(frame(media));
    expect(cache.configs.map(({ type }) => type)).toEqual([18, 9, 8]);
    expect(cache.configs[1]!.payload).toEqual(videoConfig(2).payload);
    cache.clear();
    cache.add(frame(videoConfig()));
    expect([cache.configs.length, budget.take(1)]).toEqual([1, false]);
  });

  it('names a track by the end of its head, however long that is', () => {
    // ModEx (packet type 7) with 40,000 bytes before the multitrack byte.
    const modEx = Buffer.concat([Buffer.from([0x97, 0xff, 0x9c, 0x3f]), Buffer.alloc(40_000), Buffer.of(6)]);
    const track = Buffer.from([0x00, 0x68, 0x76, 0x63, 0x31, 5, 1, 2, 3]);
    const { role, slot } = frame({ type: 9, timestamp: 0, payload: Buffer.concat([modEx, track]) });
    expect([role, slot.length < 50]).toEqual(['config', true]);
  });

  it('keeps the frames when the same configuration is sent again', () => {
    const cache = cacheOf(1e9);
    for (const media of [videoConfig(), audioConfig(), videoFrame(0, 0, { key: true }), videoConfig()])
      cache.add(frame(media));
    expect([cache.configs.length, cache.frames.length]).toEqual([2, 1]);
  });

  it('keeps a bounded number of configurations', () => {
    const cache = cacheOf(1e9);
    for (let track = 0; track < 200; track++) cache.add(trackConfig(track, 10));
    expect(cache.configs).toHaveLength(16);
    cache.add(frame({ type: 8, timestamp: 0, payload: Buffer.alloc(1_000_000, 0xaf).fill(0, 1) }));
    expect(cache.configs).toHaveLength(16);
  });
});
