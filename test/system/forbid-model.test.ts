import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import type { Clock } from '../../src/base/clock.ts';
import { systemIds } from '../../src/base/ids.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { createCore } from '../../src/core/core.ts';
import type { Core, CoreSettings } from '../../src/core/core.ts';
import type { StreamKey } from '../../src/core/names.ts';
import type { Store } from '../../src/core/ports.ts';
import type { Publisher } from '../../src/core/streams.ts';
import { openStore } from '../../src/store/store.ts';
import { until } from '../support/wait.ts';

const SETTINGS: CoreSettings = {
  domains: { defaultDomain: 'live.local', mode: 'open', mappings: {}, auth: {}, registered: [], owners: {} },
  allowUnauthenticated: false,
  duplicatePublish: 'refuse',
  forbidDefaultDurationMs: null,
};

/** One step of a run; all steps overlap, each begins some turns of the event loop after the one before. */
type Step = { turns: number } & (
  | { op: 'forbid'; seconds: number | null; replace: boolean }
  | { op: 'oneshot' }
  | { op: 'resume' }
  | { op: 'publish' }
  | { op: 'pass'; ms: number }
);

const turns = fc.integer({ min: 0, max: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant('forbid' as const),
      turns,
      seconds: fc.option(fc.integer({ min: 1, max: 3 })),
      replace: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      op: fc.constantFrom('oneshot' as const, 'resume' as const, 'publish' as const, 'publish' as const),
      turns,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant('pass' as const), turns, ms: fc.integer({ min: 1, max: 1500 }) }),
  },
);

const directoryOf = { path: '' };
/** The wall clock is the test's; deadlines and polls run in real time, so that passing time is no slow store. */
let passedMs = 0;
const clock: Clock = { ...systemClock, now: () => Date.UTC(2026, 0, 1) + passedMs };
let store: Store;
let core: Core;
let room = 0;
let nonce = 0;

beforeAll(async () => {
  directoryOf.path = await mkdtemp(join(tmpdir(), 'sluice-model-'));
  store = await openStore({
    directory: directoryOf.path,
    masterKey: randomBytes(32),
    clock,
    log: silentLogger,
  });
  core = createCore(SETTINGS, {
    clock,
    ids: systemIds,
    log: silentLogger,
    store,
    rootAccountId: '1000000000000001',
  });
  await core.feed.start();
});

afterAll(async () => {
  await core.feed.stop();
  await store.close();
  await rm(directoryOf.path, { recursive: true, force: true });
});

/** What a run has seen; it fails at the first step whose answer no order of the steps can explain. */
class Run {
  readonly key: StreamKey = { domain: 'live.local', app: 'live', stream: `room${++room}` };
  /** Resumes that were begun so far. */
  #resumes = 0;
  #resumesUnderWay = 0;
  /** Acknowledged blocks: how long each lasts, and the resumes begun before its call. */
  #acknowledged: { until: number; resumes: number }[] = [];

  async take(one: Step): Promise<void> {
    if (one.op === 'forbid') await this.#forbid(one);
    else if (one.op === 'oneshot') await this.#oneshot();
    else if (one.op === 'resume') await this.#resume();
    else if (one.op === 'publish') this.#publish();
    else passedMs += one.ms;
  }

  async #forbid({ seconds, replace }: Extract<Step, { op: 'forbid' }>): Promise<void> {
    const resumeAt = seconds === null ? null : clock.now() + seconds * 1000;
    const resumes = this.#resumes - this.#resumesUnderWay;
    const result = await core.control.forbid({
      ...this.#call(),
      resumeAt,
      reason: null,
      oneshot: false,
      replace,
    });
    expect(['done', 'exists']).toContain(result.kind);
    expect(core.streams.live(this.key)).toBeUndefined();
    if (result.kind === 'done') this.#acknowledged.push({ until: resumeAt ?? Infinity, resumes });
  }

  async #oneshot(): Promise<void> {
    const result = await core.control.forbid({
      ...this.#call(),
      resumeAt: null,
      reason: null,
      oneshot: true,
      replace: false,
    });
    expect(result.kind).toBe('done');
    expect(core.streams.live(this.key)).toBeUndefined();
  }

  async #resume(): Promise<void> {
    this.#resumes += 1;
    this.#resumesUnderWay += 1;
    expect(await core.control.resume({ ...this.#call(), ...this.key })).not.toBe('nonce-used');
    this.#resumesUnderWay -= 1;
  }

  /** A block may be gone by a resume or a replacement; with neither since its call, nobody gets in before its end. */
  #publish(): void {
    const last = this.#acknowledged.at(-1);
    const replaced = this.#acknowledged.length > 1;
    const attached = core.streams.attachPublisher(this.key, publisher());
    if (last && !replaced && last.resumes === this.#resumes && clock.now() < last.until)
      expect(attached).toBe('blocked');
  }

  #call() {
    const caller = {
      accountId: '1',
      accessKeyId: 'ak',
      requestId: 'R',
      at: 0,
      actor: 'root',
      target: null,
      action: 'ForbidLiveStream',
      clientAddress: '::1',
      nonce: `n${++nonce}`,
    };
    return { caller, key: this.key };
  }
}

function publisher(): Publisher {
  const stats = {
    bytes: 0,
    videoKbps: 0,
    audioKbps: 0,
    fps: 0,
    keyframeIntervalSec: null,
    video: null,
    audio: null,
  };
  return {
    id: systemIds.uuid(),
    protocol: 'rtmp',
    clientAddress: '::1',
    serverAddress: '::1',
    pushDomain: 'live.local',
    cut: () => undefined,
    stats: () => stats,
  };
}

describe('forbid, resume and publish at once on one key', () => {
  it('agree with the model, and memory agrees with the store when all is quiet', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 25 }), async (steps) => {
        const run = new Run();
        const running: Promise<void>[] = [];
        for (const one of steps) {
          for (let turn = 0; turn < one.turns; turn++) await new Promise((resolve) => setImmediate(resolve));
          running.push(run.take(one));
        }
        await Promise.all(running);
        const stored = (await store.feed.snapshot()).blocks.find(({ key }) => key.stream === run.key.stream);
        const holds = stored !== undefined && (stored.resumeAt === null || clock.now() < stored.resumeAt);
        const { alreadyBlocked } = core.control.preview(run.key);
        expect(alreadyBlocked).toBe(holds);
        if (holds) expect(core.streams.live(run.key)).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it('come to the same state on a node that only follows the feed', async () => {
    const follower = createCore(SETTINGS, {
      clock,
      ids: systemIds,
      log: silentLogger,
      store,
      rootAccountId: '1000000000000001',
    });
    await follower.feed.start();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 12 }), async (steps) => {
        const run = new Run();
        await Promise.all(steps.map((one) => run.take(one)));
        const expected = core.control.preview(run.key).alreadyBlocked;
        await until(
          () => follower.control.preview(run.key).alreadyBlocked === expected,
          `the follower to see ${expected ? 'the block' : 'no block'}`,
        );
      }),
      { numRuns: 20 },
    );
    await follower.feed.stop();
  }, 60_000);
});
