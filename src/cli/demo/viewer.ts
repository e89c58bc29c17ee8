import type { Clock } from '../../base/clock.ts';
import { inspectVideo } from '../../wire/flv/codec.ts';
import { TagType } from '../../wire/flv/tag.ts';

/** Counts the pictures that reach a player. */
export class Viewer {
  readonly #clock: Clock;
  /** Video frames so far. */
  frames = 0;
  /** When the last frame came, monotonic milliseconds; undefined before the first. */
  lastAt: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes a message of RTMP or a tag of FLV: their types and payloads are the same. */
  take({ type, payload }: { type: number; payload: Buffer }): void {
    if (type !== TagType.video || inspectVideo(payload)?.kind !== 'frame') return;
    this.frames++;
    this.lastAt = this.#clock.monotonic();
  }
}
