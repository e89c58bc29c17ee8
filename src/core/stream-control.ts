import type { Clock } from '../base/clock.ts';
import { withDeadline } from '../base/deadline.ts';
import { messageOf, StoreUnavailableError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { formatTimestamp } from '../base/timestamp.ts';
import type { Block, BlockChange, BlockSet } from './blocks.ts';
import { formatKey } from './names.ts';
import type { StreamKey } from './names.ts';
import type { BlockStore, Caller, ForbidOutcome } from './ports.ts';
import type { CutEffect, StreamRegistry } from './streams.ts';

/** The most unexpired blocks of one account (vendor's limit). */
export const BLOCK_QUOTA = 10_000;

/** Milliseconds that the commit of a forbid may take before the stream is cut without it. */
export const COMMIT_DEADLINE_MS = 1500;

/** What stream control needs. */
export interface StreamControlDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly blocks: BlockSet;
  readonly streams: StreamRegistry;
  readonly store: BlockStore;
  /** Milliseconds that a block without a resume time lasts; null: until a resume. */
  readonly defaultDurationMs: number | null;
  /** See {@link BLOCK_QUOTA}. */
  readonly quota?: number;
}

/** A forbid as it is asked for. */
export interface Forbid {
  readonly caller: Caller;
  readonly key: StreamKey;
  /** Epoch milliseconds; null: the default duration. */
  readonly resumeAt: number | null;
  readonly reason: string | null;
  readonly oneshot: boolean;
  readonly replace: boolean;
}

/**
 * What became of a forbid; in all but `quota-exceeded` and `nonce-used` the stream was cut. `replaced`: the block took
 * the place of another.
 */
export type ForbidResult =
  | {
      readonly kind: 'done' | 'exists' | 'unpersisted';
      readonly effect: CutEffect;
      readonly replaced?: true;
    }
  | { readonly kind: 'quota-exceeded' | 'nonce-used' };

/** An outcome after which the stream is cut. */
type Stored = Extract<ForbidOutcome, { readonly intentId: number }>;

/** What a forbid would reach and whether a block is in force. */
export interface ForbidPreview extends CutEffect {
  readonly alreadyBlocked: boolean;
}

/** A resume as it is asked for; `app` null means every app of the domain. */
export interface Resume {
  readonly caller: Caller;
  readonly domain: string;
  readonly app: string | null;
  readonly stream: string;
}

/**
 * Forbid and resume: first durable, then in the set that admission looks at, then on the wire. A store that fails or
 * hangs does not save the publisher: it is cut once all the same, and the caller learns that the block did not hold.
 */
export class StreamControl {
  readonly #deps: StreamControlDeps;

  constructor(deps: StreamControlDeps) {
    this.#deps = deps;
  }

  /** Cuts a stream and, unless `oneshot`, keeps it out. Never rejects for a store that is unavailable. */
  async forbid(forbid: Forbid): Promise<ForbidResult> {
    const { blocks, store } = this.#deps;
    const committing = this.#commit(forbid);
    let outcome: ForbidOutcome;
    try {
      outcome = await this.#inTime(committing);
    } catch (error) {
      return { kind: 'unpersisted', effect: this.#cutUnpersisted(forbid, { committing, error }) };
    }
    if (!('intentId' in outcome)) return outcome;
    const change = outcome.kind === 'done' ? outcome.change : standing(outcome.block);
    if (change) blocks.apply(change);
    const effect = this.#cut(forbid, outcome);
    // The answer does not wait for this row: after a crash in between the effect reads `unknown`.
    store.recordEffect(outcome.intentId, effect);
    const isReplaced = outcome.kind === 'done' && outcome.replaced === true;
    return { kind: outcome.kind, effect, ...(isReplaced && { replaced: true }) };
  }

  /** What {@link forbid} would do now; changes nothing. */
  preview(key: StreamKey): ForbidPreview {
    const { blocks, clock, streams } = this.#deps;
    return { ...streams.audience(key), alreadyBlocked: blocks.find(key, clock.now()) !== undefined };
  }

  /**
   * Lets a stream in again; what was not blocked stays so. Gives the number of blocks that were lifted.
   * @throws StoreUnavailableError when the resume could not be made durable in time.
   */
  async resume(resume: Resume): Promise<number | 'nonce-used'> {
    const { store, blocks, clock } = this.#deps;
    const outcome = await this.#inTime(store.resume({ ...resume, now: clock.now() }));
    if (outcome.kind === 'nonce-used') return 'nonce-used';
    for (const change of outcome.changes) blocks.apply(change);
    return outcome.changes.length;
  }

  /** Applies a block that another way brought (the feed: another process, a commit that came after its deadline). */
  applyBlock(change: BlockChange): void {
    const { blocks, clock, streams, log } = this.#deps;
    if (!blocks.apply(change) || !blocks.find(change.key, clock.now())) return;
    const effect = streams.cut(change.key, 'forbidden');
    // Every block comes this way when the service starts; only those that reached somebody are news.
    if (effect.publishers + effect.players === 0) return;
    log.info({ stream: formatKey(change.key), ...effect }, 'forbidden by a change of the feed');
  }

  #commit(forbid: Forbid): Promise<ForbidOutcome> {
    const { store, clock, defaultDurationMs, quota = BLOCK_QUOTA } = this.#deps;
    const now = clock.now();
    const byDefault = defaultDurationMs === null ? null : now + defaultDurationMs;
    const resumeAt = forbid.oneshot ? null : (forbid.resumeAt ?? byDefault);
    return store.forbid({ ...forbid, now, resumeAt, quota });
  }

  /** Cuts all the same; a commit that comes late still learns what was reached, and the feed brings its block. */
  #cutUnpersisted(
    forbid: Forbid,
    { committing, error }: { committing: Promise<ForbidOutcome>; error: unknown },
  ): CutEffect {
    const { log, store } = this.#deps;
    log.error(
      { stream: formatKey(forbid.key), error: messageOf(error) },
      'a forbid could not be stored: cut, not persisted',
    );
    const effect = this.#cut(forbid, null);
    committing.then(
      (late) => 'intentId' in late && store.recordEffect(late.intentId, effect),
      () => undefined,
    );
    return effect;
  }

  #inTime<T>(work: Promise<T>): Promise<T> {
    const expired = (): Error =>
      new StoreUnavailableError(`the store did not commit within ${COMMIT_DEADLINE_MS} ms`);
    return withDeadline(work, { clock: this.#deps.clock, ms: COMMIT_DEADLINE_MS, expired });
  }

  #cut(forbid: Forbid, outcome: Stored | null): CutEffect {
    const effect = this.#deps.streams.cut(forbid.key, forbid.oneshot ? 'forbidden once' : 'forbidden');
    const { requestId, accessKeyId } = forbid.caller;
    this.#deps.log.info(
      { stream: formatKey(forbid.key), requestId, accessKeyId, ...endOf(outcome), ...effect },
      newsOf(forbid, outcome),
    );
    return effect;
  }
}

/** The log's text for a cut; null: the store did not confirm in time. */
function newsOf({ oneshot }: Forbid, outcome: Stored | null): string {
  if (oneshot) return 'stream cut once';
  if (outcome === null) return 'stream cut without a block';
  return outcome.kind === 'exists' ? 'stream was forbidden already: cut again' : 'stream forbidden';
}

/** When the block ends that was made or found, for the log; nothing for a block without an end. */
function endOf(outcome: Stored | null): { resumeTime?: string } {
  const block = outcome?.kind === 'exists' ? outcome.block : outcome?.change?.block;
  const resumeAt = block?.resumeAt ?? null;
  return resumeAt === null ? {} : { resumeTime: formatTimestamp(resumeAt) };
}

/** A block that was found in force, as a change: this node may not have heard of it yet. */
function standing(block: Block): BlockChange {
  return { key: block.key, version: block.version, block };
}
