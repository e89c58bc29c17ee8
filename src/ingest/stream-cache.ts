import type { Frame } from './frame.ts';

/** A number of bytes that several caches share. */
export class ByteBudget {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** Takes bytes if there are as many. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  give(bytes: number): void {
    this.#left += bytes;
  }
}

/** A configuration longer than this is relayed but not kept; real ones have some hundred bytes. */
const MAX_CONFIG_BYTES = 256 * 1024;
/** What a frame takes beside its payload, about; so that a flood of tiny frames is bounded too. */
const FRAME_OVERHEAD = 256;
/** The most configurations of one stream: metadata and those of some tracks. */
const MAX_CONFIGS = 16;

/**
 * What a player that joins needs: the configurations, and the frames since the last keyframe. The frames are bounded by
 * bytes; when they are too many there are none until the next keyframe.
 */
export class StreamCache {
  readonly #maxBytes: number;
  readonly #budget: ByteBudget;
  readonly #configs = new Map<string, Frame>();
  #frames: Frame[] = [];
  #bytes = 0;
  /** Whether frames are kept: from a keyframe on, until there are too many. */
  #open = false;
  #hasVideo = false;
  #hasAudio = false;

  constructor(options: { maxBytes: number; budget: ByteBudget }) {
    this.#maxBytes = options.maxBytes;
    this.#budget = options.budget;
  }

  get configs(): Frame[] {
    return [...this.#configs.values()];
  }

  /** The last keyframe and all that came after it. */
  get frames(): readonly Frame[] {
    return this.#frames;
  }

  get hasVideo(): boolean {
    return this.#hasVideo;
  }

  get hasAudio(): boolean {
    return this.#hasAudio;
  }

  /** Whether the frame is a configuration other than the one that is known. */
  changesConfig(frame: Frame): boolean {
    return frame.role === 'config' && this.#configs.get(frame.slot)?.payload.equals(frame.payload) !== true;
  }

  add(frame: Frame): void {
    this.#hasVideo ||= frame.video !== undefined;
    this.#hasAudio ||= frame.audio !== undefined;
    if (frame.role === 'config') this.#keepConfig(frame);
    else if (frame.role === 'key') this.#begin(frame);
    else if (this.#open) this.#keep(frame);
  }

  /** Forgets everything: another publisher begins, or there is none any more. */
  clear(): void {
    this.#dropFrames();
    this.#configs.clear();
    this.#hasVideo = false;
    this.#hasAudio = false;
  }

  #keepConfig(frame: Frame): void {
    // Frames before a new decoder configuration cannot be played after it.
    if (frame.type !== 18 && this.changesConfig(frame)) this.#dropFrames();
    if (frame.payload.length > MAX_CONFIG_BYTES) return;
    if (!this.#configs.has(frame.slot) && this.#configs.size >= MAX_CONFIGS) return;
    this.#configs.set(frame.slot, frame);
  }

  #begin(key: Frame): void {
    this.#dropFrames();
    this.#open = true;
    this.#keep(key);
  }

  #keep(frame: Frame): void {
    const size = frame.payload.length + FRAME_OVERHEAD;
    if (this.#bytes + size > this.#maxBytes || !this.#budget.take(size)) {
      this.#dropFrames();
      return;
    }
    this.#bytes += size;
    this.#frames.push(frame);
  }

  #dropFrames(): void {
    this.#budget.give(this.#bytes);
    this.#bytes = 0;
    this.#frames = [];
    this.#open = false;
  }
}
