import type { ByteBudget } from '../base/byte-budget.ts';
import type { Clock } from '../base/clock.ts';
import type { Batch, Delivery } from './batch.ts';
import type { Packaging } from './frame.ts';

/** Where the bytes of one player go: a socket, in short. */
export interface ByteSink {
  /** Takes bytes whole; false: wait for `drained` before the next. */
  write(bytes: Buffer): boolean;
}

/** What a player begins with. */
export interface Beginning {
  /** What is known of the stream: its configurations and the frames since its last keyframe. */
  readonly burst: Batch;
  /** The configurations alone. */
  readonly configs: Batch;
  /** Whether frames can simply follow the burst. */
  readonly complete: boolean;
  /** What the bursts may take that players have not taken yet, all together. */
  readonly budget: ByteBudget;
}

/** What a queue needs. */
export interface PlayerQueueOptions {
  readonly sink: ByteSink;
  readonly packaging: Packaging;
  readonly clock: Clock;
  /** Bytes that may wait here; the socket holds some more. */
  readonly maxBytes: number;
  /** See IngestLimits. */
  readonly stallMs: number;
  readonly onWritten: (bytes: number) => void;
  readonly onSkipped: (bytes: number) => void;
  /** The player took nothing for too long. Called from within `deliver`. */
  readonly onStalled: () => void;
}

/** A player that need not skip has so many times longer: it may be at work on the burst that it began with. */
const PATIENCE = 6;

/**
 * The way of the frames to one player. It holds back what the socket does not take; when that is too much it forgets it
 * and goes on at the next keyframe, and when the socket still takes nothing it gives the player up. The buffers are
 * shared with the other players of the stream.
 */
export class PlayerQueue {
  readonly #options: PlayerQueueOptions;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  /** Since when the socket takes nothing; undefined while it does. */
  #blockedSince: number | undefined;
  /** Frames are passed on; otherwise the next keyframe is waited for. */
  #flowing = false;
  #paused = false;
  /** Something was forgotten and the socket has taken nothing since. */
  #overflowed = false;
  /** Gives back what a burst took that the socket still holds. */
  #giveBack: (() => void) | undefined;

  constructor(options: PlayerQueueOptions) {
    this.#options = options;
  }

  /** Begins with the burst, or when too many players have not taken theirs, with the next keyframe. */
  start({ burst, configs, complete, budget }: Beginning): void {
    const { packaging } = this.#options;
    const bytes = burst.bytes(packaging);
    this.#paused = false;
    this.#settle();
    if (!budget.take(bytes.length)) {
      this.#flowing = false;
      this.#put(configs.bytes(packaging));
      return;
    }
    this.#giveBack = () => budget.give(bytes.length);
    this.#flowing = complete;
    this.#put(bytes);
    if (this.#blockedSince === undefined) this.#settle();
  }

  /** Waits for a keyframe: another publisher begins. */
  restart(): void {
    this.#flowing = false;
  }

  /** Passes nothing on until `start`. */
  pause(): void {
    this.#paused = true;
    this.clear();
  }

  /** Passes nothing on any more: the player is going. */
  close(): void {
    this.pause();
    this.#settle();
  }

  deliver(delivery: Delivery): void {
    if (this.#paused) return;
    if (this.#hasStalled()) {
      this.#options.onStalled();
      return;
    }
    const bytes = this.#flowing ? delivery.batch.bytes(this.#options.packaging) : this.#resume(delivery);
    if (bytes) this.#put(bytes);
  }

  /** The socket takes bytes again. */
  drained(): void {
    this.#blockedSince = undefined;
    this.#overflowed = false;
    this.#settle();
    const waiting = this.#waiting;
    this.clear();
    // What the socket does not take comes back here.
    for (const bytes of waiting) this.#put(bytes);
  }

  /** Forgets what was not written. */
  clear(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  #resume(delivery: Delivery): Buffer | undefined {
    const batch = delivery.resumption();
    this.#flowing = batch !== undefined;
    return batch?.bytes(this.#options.packaging);
  }

  #put(bytes: Buffer): void {
    if (bytes.length === 0) return;
    if (this.#blockedSince === undefined) {
      this.#write(bytes);
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > this.#options.maxBytes) this.#overflow();
  }

  #write(bytes: Buffer): void {
    const { sink, clock, onWritten } = this.#options;
    if (!sink.write(bytes)) this.#blockedSince = clock.monotonic();
    onWritten(bytes.length);
  }

  #settle(): void {
    this.#giveBack?.();
    this.#giveBack = undefined;
  }

  #overflow(): void {
    this.#options.onSkipped(this.#waitingBytes);
    this.clear();
    this.#flowing = false;
    this.#overflowed = true;
  }

  #hasStalled(): boolean {
    if (this.#blockedSince === undefined) return false;
    const { clock, stallMs } = this.#options;
    return clock.monotonic() - this.#blockedSince >= (this.#overflowed ? stallMs : PATIENCE * stallMs);
  }
}
