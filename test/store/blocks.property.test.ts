import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Block } from '../../src/core/blocks.ts';
import { formatKey } from '../../src/core/names.ts';
import type { StreamKey } from '../../src/core/names.ts';
import type { Store } from '../../src/core/ports.ts';
import { NONCE_LIFETIME_MS } from '../../src/core/access-keys.ts';
import { caller, T0, testStore } from './support/test-store.ts';

const QUOTA = 3;
const APPS = ['one', 'two'];
const STREAMS = ['a', 'b', 'c'];

type Step =
  | {
      kind: 'forbid';
      who: number;
      app: string;
      stream: string;
      lasts: number | null;
      replace: boolean;
      oneshot: boolean;
      nonce: number;
    }
  | { kind: 'resume'; who: number; app: string | null; stream: string; nonce: number }
  | { kind: 'pass'; ms: number }
  | { kind: 'sweep' };

const who = fc.integer({ min: 0, max: 1 });
const nonce = fc.integer({ min: 0, max: 30 });
const stream = fc.constantFrom(...STREAMS);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('forbid' as const),
      who,
      app: fc.constantFrom(...APPS),
      stream,
      lasts: fc.option(fc.integer({ min: 1, max: 20 })),
      replace: fc.boolean(),
      oneshot: fc.boolean(),
      nonce,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('resume' as const),
      who,
      app: fc.option(fc.constantFrom(...APPS)),
      stream,
      nonce,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.oneof(fc.integer({ min: 1, max: 15 }), fc.constant(NONCE_LIFETIME_MS)),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'sweep' as const }) },
);

/** What the store is to do, in a few lines without SQL. */
class Model {
  readonly blocks = new Map<string, Block>();
  readonly nonces = new Map<string, number>();
  seq: number;
  now: number;

  constructor(seq: number, now: number) {
    this.seq = seq;
    this.now = now;
  }

  useNonce(id: string): boolean {
    if ((this.nonces.get(id) ?? 0) > this.now) return false;
    this.nonces.set(id, this.now + NONCE_LIFETIME_MS);
    return true;
  }

  inForce(block: Block): boolean {
    return block.resumeAt === null || block.resumeAt > this.now;
  }

  forbid(given: Step & { kind: 'forbid' }, accountId: string, key: StreamKey): string {
    if (given.oneshot) return 'done';
    const known = this.blocks.get(formatKey(key));
    const standing = known && this.inForce(known) ? known : undefined;
    if (standing && (standing.accountId !== accountId || !given.replace)) return 'exists';
    const own = [...this.blocks.values()].filter(
      (block) => block.accountId === accountId && this.inForce(block),
    );
    if (!standing && own.length >= QUOTA) return 'quota-exceeded';
    this.seq += 1;
    this.blocks.set(formatKey(key), {
      key,
      accountId,
      version: this.seq,
      resumeAt: given.lasts === null ? null : this.now + given.lasts,
      reason: null,
      actor: accountId,
      createdAt: standing?.createdAt ?? this.now,
      updatedAt: this.now,
    });
    return 'done';
  }

  remove(matches: (block: Block) => boolean): string[] {
    const gone = [...this.blocks].filter(([, block]) => matches(block)).map(([id]) => id);
    for (const id of gone) this.blocks.delete(id);
    this.seq += gone.length;
    return gone.sort();
  }
}

interface Run {
  readonly store: Store;
  readonly model: Model;
  readonly domain: string;
}

function account(run: Run, index: number): string {
  return `${run.domain}-account-${index}`;
}

async function forbid(run: Run, given: Step & { kind: 'forbid' }): Promise<void> {
  const { store, model, domain } = run;
  const accountId = account(run, given.who);
  const id = `${domain}-${given.nonce}`;
  const key = { domain, app: given.app, stream: given.stream };
  const { now } = model;
  const write = {
    caller: caller({ accountId, accessKeyId: accountId, nonce: id }),
    key,
    now,
    resumeAt: given.lasts === null ? null : now + given.lasts,
    reason: null,
    replace: given.replace,
    oneshot: given.oneshot,
    quota: QUOTA,
  };
  const fresh = model.useNonce(`${accountId} ${id}`);
  const expected = fresh ? model.forbid(given, accountId, key) : 'nonce-used';
  const block = model.blocks.get(formatKey(key));
  const outcome = await store.blocks.forbid(write);
  expect(outcome.kind).toBe(expected);
  if (outcome.kind === 'done') expect(outcome.change?.block).toEqual(given.oneshot ? undefined : block);
  if (outcome.kind === 'exists') expect(outcome.block).toEqual(block);
}

async function resume(run: Run, given: Step & { kind: 'resume' }): Promise<void> {
  const { store, model, domain } = run;
  const accountId = account(run, given.who);
  const id = `${domain}-${given.nonce}`;
  const fresh = model.useNonce(`${accountId} ${id}`);
  const gone = fresh
    ? model.remove(
        (block) =>
          block.accountId === accountId &&
          block.key.stream === given.stream &&
          (given.app === null || block.key.app === given.app),
      )
    : [];
  const outcome = await store.blocks.resume({
    caller: caller({ accountId, accessKeyId: accountId, nonce: id }),
    domain,
    app: given.app,
    stream: given.stream,
    now: model.now,
  });
  expect(outcome.kind).toBe(fresh ? 'done' : 'nonce-used');
  if (outcome.kind === 'done') expect(outcome.changes.map(({ key }) => formatKey(key)).sort()).toEqual(gone);
}

async function take(run: Run, given: Step): Promise<void> {
  const { store, model } = run;
  switch (given.kind) {
    case 'forbid':
      return forbid(run, given);
    case 'resume':
      return resume(run, given);
    case 'pass':
      model.now += given.ms;
      return;
    case 'sweep':
      model.remove((block) => !model.inForce(block));
      return store.sweep(model.now);
  }
}

async function check({ store, model, domain }: Run, from: number): Promise<void> {
  const { seq, blocks } = await store.feed.snapshot();
  expect(seq).toBe(model.seq);
  const mine = blocks.filter(({ key }) => key.domain === domain);
  expect(new Map(mine.map((block) => [formatKey(block.key), block]))).toEqual(model.blocks);
  const replayed = new Map<string, Block | null>();
  const { changes, gap } = await store.feed.changesSince(from);
  expect(gap && changes.length === 0 ? model.seq : changes.length).toBe(gap ? model.seq : seq - from);
  for (const change of changes)
    if (change.kind === 'block') replayed.set(formatKey(change.change.key), change.change.block);
  if (!gap) for (const [id, block] of replayed) expect(block).toEqual(model.blocks.get(id) ?? null);
}

it('behaves as the model, one call after another and all at once', async () => {
  const store = await testStore();
  let [run, now] = [0, T0];
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.boolean(), async (steps, together) => {
      run += 1;
      // Far enough that all which an earlier run left has expired.
      now += 1e9;
      await store.sweep(now);
      const { seq } = await store.feed.snapshot();
      const model = new Model(seq, now);
      const context = { store, model, domain: `d${run}.example.com` };
      if (together)
        await Promise.all(steps.filter(({ kind }) => kind !== 'sweep').map((each) => take(context, each)));
      else for (const each of steps) await take(context, each);
      await check(context, seq);
      now = model.now;
    }),
    { numRuns: 150 },
  );
});
