import type { Clock, Timer } from '../base/clock.ts';
import { FlvReader, TagType } from '../wire/flv/tag.ts';
import type { FlvTag } from '../wire/flv/tag.ts';

/** All tags of an FLV file. @throws FlvError when it is not one */
export function readFlv(file: Buffer): FlvTag[] {
  const reader = new FlvReader();
  reader.push(file);
  const tags: FlvTag[] = [];
  for (let tag = reader.next(); tag; tag = reader.next()) tags.push(tag);
  return tags;
}

/** What {@link FlvLoop} needs. */
export interface FlvLoopOptions {
  readonly tags: readonly FlvTag[];
  readonly clock: Clock;
  readonly send: (tag: FlvTag) => void;
}

const TICK_MS = 10;

/** Sends the tags of a file in real time, over and over, with timestamps that rise all along, as an encoder does. */
export class FlvLoop {
  readonly #options: FlvLoopOptions;
  readonly #lengthMs: number;
  readonly #startedAt: number;
  #timer: Timer | undefined;
  #next = 0;
  #offsetMs = 0;

  constructor(options: FlvLoopOptions) {
    this.#options = options;
    this.#lengthMs = lengthOf(options.tags);
    this.#startedAt = options.clock.monotonic();
    this.#timer = options.clock.every(TICK_MS, () => this.#advance());
    this.#advance();
  }

  /** Sends no more. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #advance(): void {
    const { tags, clock, send } = this.#options;
    const now = clock.monotonic() - this.#startedAt;
    for (;;) {
      const tag = tags[this.#next];
      if (!tag || tag.timestamp + this.#offsetMs > now) return;
      send({ ...tag, timestamp: tag.timestamp + this.#offsetMs });
      this.#next++;
      if (this.#next < tags.length) continue;
      this.#next = 0;
      this.#offsetMs += this.#lengthMs;
    }
  }
}

/** Milliseconds from the first frame to where the first frame of the next round belongs. */
function lengthOf(tags: readonly FlvTag[]): number {
  const frames = tags.filter((tag) => tag.type === TagType.video).map((tag) => tag.timestamp);
  const last = Math.max(0, ...tags.map((tag) => tag.timestamp));
  const step = frames.length > 1 ? Math.round((frames.at(-1) ?? 0) / (frames.length - 1)) : 40;
  return last + Math.max(1, step);
}
