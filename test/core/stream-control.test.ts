import { describe, expect, it } from 'vitest';
import { StoreUnavailableError } from '../../src/base/errors.ts';
import { systemIds } from '../../src/base/ids.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { BlockSet } from '../../src/core/blocks.ts';
import type { Block } from '../../src/core/blocks.ts';
import { formatKey } from '../../src/core/names.ts';
import type { BlockStore, ForbidOutcome, ForbidWrite } from '../../src/core/ports.ts';
import { COMMIT_DEADLINE_MS, StreamControl } from '../../src/core/stream-control.ts';
import { StreamRegistry } from '../../src/core/streams.ts';
import { ManualClock } from '../support/manual-clock.ts';

const key = { domain: 'a.example', app: 'live', stream: 'cam1' };
const caller = {
  accountId: '1',
  accessKeyId: 'ak',
  requestId: 'R',
  at: 0,
  actor: 'root',
  target: null,
  action: 'ForbidLiveStream',
  clientAddress: '127.0.0.1',
  nonce: 'n',
};
const forbid = { caller, key, resumeAt: null, reason: null, oneshot: false, replace: false };
const stats = {
  bytes: 0,
  videoKbps: 0,
  audioKbps: 0,
  fps: 0,
  keyframeIntervalSec: null,
  video: null,
  audio: null,
};

/** A live stream, and a store whose answer to a forbid each test decides. */
function setUp(
  answer: (write: ForbidWrite) => Promise<ForbidOutcome>,
  defaultDurationMs: number | null = null,
) {
  const clock = new ManualClock();
  const blocks = new BlockSet();
  const cuts: string[] = [];
  const effects: unknown[] = [];
  const store: BlockStore = {
    forbid: answer,
    resume: () => new Promise(() => undefined),
    recordEffect: (intentId, effect) => void effects.push([intentId, effect]),
    listBlocks: async () => ({ total: 0, items: [] }),
    listControlHistory: async () => [],
  };
  const streams = new StreamRegistry({
    clock,
    ids: systemIds,
    log: silentLogger,
    blocks,
    publishLog: { started: () => undefined, ended: () => undefined },
    duplicatePublish: 'refuse',
  });
  const publish = () =>
    streams.attachPublisher(key, {
      id: 'p',
      protocol: 'rtmp',
      clientAddress: '127.0.0.1',
      serverAddress: '127.0.0.1',
      pushDomain: 'a.example',
      cut: (reason) => cuts.push(reason),
      stats: () => stats,
    });
  publish();
  const logged: unknown[] = [];
  const info = (fields: unknown, text?: unknown) => logged.push([text, fields]);
  const control = new StreamControl({
    clock,
    log: { ...silentLogger, info },
    blocks,
    streams,
    store,
    defaultDurationMs,
  });
  return { clock, blocks, cuts, effects, logged, control, publish };
}

const blockOf = (write: ForbidWrite, version = 1): Block => ({
  key: write.key,
  accountId: '1',
  version,
  resumeAt: write.resumeAt,
  reason: write.reason,
  actor: 'ak',
  createdAt: write.now,
  updatedAt: write.now,
});
const done = async (write: ForbidWrite): Promise<ForbidOutcome> => ({
  kind: 'done',
  intentId: 7,
  change: write.oneshot ? null : { key: write.key, version: 1, block: blockOf(write) },
});

describe('StreamControl.forbid', () => {
  it('keeps the publisher until the commit, then blocks, cuts and records the effect', async () => {
    let commit: () => void = () => undefined;
    const committed = new Promise<void>((resolve) => (commit = resolve));
    const { control, cuts, effects, publish } = setUp(async (write) => {
      await committed;
      return done(write);
    });
    const result = control.forbid(forbid);
    expect(cuts).toEqual([]);
    commit();
    expect(await result).toEqual({ kind: 'done', effect: { publishers: 1, players: 0 } });
    expect(cuts).toEqual(['forbidden']);
    expect(effects).toEqual([[7, { publishers: 1, players: 0 }]]);
    expect(publish()).toBe('blocked');
  });

  it('cuts once and leaves no block when asked for one shot', async () => {
    const { control, cuts, publish } = setUp(done);
    expect(await control.forbid({ ...forbid, oneshot: true })).toMatchObject({ kind: 'done' });
    expect(cuts).toEqual(['forbidden once']);
    expect(publish()).toMatchObject({ key });
  });

  it('cuts a publisher that is live although the block exists, and keeps it out from then on', async () => {
    const { control, cuts, publish } = setUp(async (write) => ({
      kind: 'exists',
      intentId: 8,
      block: blockOf(write),
    }));
    expect(await control.forbid(forbid)).toMatchObject({ kind: 'exists', effect: { publishers: 1 } });
    expect(cuts).toEqual(['forbidden']);
    expect(publish()).toBe('blocked');
  });

  it('logs what became of the cut, and when the block ends', async () => {
    const exists = async (write: ForbidWrite): Promise<ForbidOutcome> => {
      return { kind: 'exists', intentId: 8, block: { ...blockOf(write), resumeAt: 5000 } };
    };
    const failing = () => Promise.reject(new StoreUnavailableError('disk full'));
    const resumeTime = '1970-01-01T00:00:01Z';
    for (const [answer, change, text, fields] of [
      [done, {}, 'stream forbidden', {}],
      [done, { resumeAt: 1000 }, 'stream forbidden', { resumeTime }],
      [done, { oneshot: true }, 'stream cut once', {}],
      [exists, {}, 'stream was forbidden already: cut again', { resumeTime: '1970-01-01T00:00:05Z' }],
      [failing, {}, 'stream cut without a block', {}],
      [failing, { oneshot: true }, 'stream cut once', {}],
    ] as const) {
      const { control, logged } = setUp(answer);
      await control.forbid({ ...forbid, ...change });
      const marks = { stream: formatKey(key), requestId: caller.requestId, accessKeyId: caller.accessKeyId };
      expect(logged).toEqual([[text, { ...marks, ...fields, publishers: 1, players: 0 }]]);
    }
  });

  it('does not touch the stream over the quota or for a replayed call', async () => {
    for (const kind of ['quota-exceeded', 'nonce-used'] as const) {
      const { control, cuts } = setUp(async () => ({ kind }));
      expect(await control.forbid(forbid)).toEqual({ kind });
      expect(cuts).toEqual([]);
    }
  });

  it('cuts without a block when the commit fails', async () => {
    const { control, cuts, publish } = setUp(async () => {
      throw new StoreUnavailableError('disk full');
    });
    expect(await control.forbid(forbid)).toEqual({
      kind: 'unpersisted',
      effect: { publishers: 1, players: 0 },
    });
    expect(cuts).toEqual(['forbidden']);
    expect(publish()).toMatchObject({ key });
  });

  it('cuts at the deadline when the commit hangs, not before; a late commit learns the effect', async () => {
    let commit: (outcome: ForbidOutcome) => void = () => undefined;
    const { control, cuts, clock, effects } = setUp(() => new Promise((resolve) => (commit = resolve)));
    const result = control.forbid(forbid);
    clock.advance(COMMIT_DEADLINE_MS - 1);
    await Promise.resolve();
    expect(cuts).toEqual([]);
    clock.advance(1);
    expect(await result).toMatchObject({ kind: 'unpersisted' });
    expect(cuts).toEqual(['forbidden']);
    expect(effects).toEqual([]);
    commit({ kind: 'done', intentId: 9, change: null });
    await Promise.resolve();
    expect(effects).toEqual([[9, { publishers: 1, players: 0 }]]);
  });

  it('applies the default duration to a block without a resume time only', async () => {
    const writes: ForbidWrite[] = [];
    const { control, clock } = setUp((write) => {
      writes.push(write);
      return done(write);
    }, 60_000);
    await control.forbid(forbid);
    await control.forbid({ ...forbid, resumeAt: clock.now() + 5 });
    await control.forbid({ ...forbid, oneshot: true, resumeAt: clock.now() + 5 });
    expect(writes.map((write) => write.resumeAt)).toEqual([clock.now() + 60_000, clock.now() + 5, null]);
  });
});

describe('StreamControl, other ways', () => {
  it('previews without changing anything', async () => {
    const { control, cuts } = setUp(done);
    expect(control.preview(key)).toEqual({ publishers: 1, players: 0, alreadyBlocked: false });
    expect(cuts).toEqual([]);
    await control.forbid(forbid);
    expect(control.preview(key)).toEqual({ publishers: 0, players: 0, alreadyBlocked: true });
  });

  it('cuts for a block that the feed brings, once, and never for an older state', () => {
    const { control, cuts, publish } = setUp(done);
    const block = blockOf({ ...forbid, now: 0, quota: 1 }, 5);
    control.applyBlock({ key, version: 6, block: null });
    control.applyBlock({ key, version: 5, block });
    expect(cuts).toEqual([]);
    control.applyBlock({ key, version: 7, block: { ...block, version: 7 } });
    expect(cuts).toEqual(['forbidden']);
    expect(publish()).toBe('blocked');
  });

  it('says so when a resume could not be made durable in time', async () => {
    const { control, clock } = setUp(done);
    const result = control.resume({ caller, domain: 'a.example', app: 'live', stream: 'cam1' });
    clock.advance(COMMIT_DEADLINE_MS);
    await expect(result).rejects.toBeInstanceOf(StoreUnavailableError);
  });
});
