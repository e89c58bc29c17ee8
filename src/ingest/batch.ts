import { encodeFrame } from './frame.ts';
import type { Frame, Packaging } from './frame.ts';

/**
 * Frames that are written together, encoded at most once for each packaging however many players there are, and not at
 * all for a packaging that nobody plays.
 */
export class Batch {
  readonly frames: readonly Frame[];
  readonly #chunkSize: number;
  readonly #bytes: Partial<Record<Packaging, Buffer>> = {};

  constructor(frames: readonly Frame[], chunkSize: number) {
    this.frames = frames;
    this.#chunkSize = chunkSize;
  }

  /** All frames as one buffer; it is shared and must not be changed. */
  bytes(packaging: Packaging): Buffer {
    return (this.#bytes[packaging] ??= this.#join(packaging));
  }

  #join(packaging: Packaging): Buffer {
    const parts = this.frames.map((frame) => encodeFrame(frame, packaging, this.#chunkSize));
    const [first] = parts;
    return parts.length === 1 && first ? first : Buffer.concat(parts);
  }
}

/** Configurations, stamped with the time of the frame that they are sent before, so that no timestamp goes back. */
export function restamped(configs: readonly Frame[], outTimestamp: number): Frame[] {
  return configs.map((frame) => ({ ...frame, outTimestamp }));
}

/** A batch for the players of a stream, with what a player needs that starts in the middle. */
export class Delivery {
  readonly batch: Batch;
  readonly #options: { configs: readonly Frame[]; hasVideo: boolean; chunkSize: number };
  #resumption: Batch | null | undefined;

  /** `configs`: metadata and decoder configurations as they are at the batch; with video, playing begins at a keyframe. */
  constructor(
    frames: readonly Frame[],
    options: { configs: readonly Frame[]; hasVideo: boolean; chunkSize: number },
  ) {
    this.batch = new Batch(frames, options.chunkSize);
    this.#options = options;
  }

  /** The configurations and the frames from the first one that playing can begin with; undefined when none is such. */
  resumption(): Batch | undefined {
    if (this.#resumption === undefined) this.#resumption = this.#resume() ?? null;
    return this.#resumption ?? undefined;
  }

  #resume(): Batch | undefined {
    const { configs, hasVideo, chunkSize } = this.#options;
    const { frames } = this.batch;
    const index = frames.findIndex(({ role }) => role === (hasVideo ? 'key' : 'audio'));
    const first = frames[index];
    if (!first) return undefined;
    return new Batch([...restamped(configs, first.outTimestamp), ...frames.slice(index)], chunkSize);
  }
}
