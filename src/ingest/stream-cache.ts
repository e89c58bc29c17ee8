import type { ByteBudget } from '../base/byte-budget.ts';
import type { Frame } from './frame.ts';

/** A configuration longer than this is relayed but not kept; real ones have some hundred bytes. */
const MAX_CONFIG_BYTES = 64 * 1024;
/** What a frame takes beside its payload, about; so that a flood of tiny frames is bounded too. */
const FRAME_OVERHEAD = 256;
/** The most configurations of one stream: metadata and those of some tracks. */
const MAX_CONFIGS = 16;
/** What the configurations of each stream may take besides the budget, in bytes. */
const FREE_CONFIG_BYTES = 8 * 1024;

/**
 * What a player that joins needs: the configurations, and the frames since the last keyframe. The frames are bounded by
 * bytes; when they are too many there are none until the next keyframe.
 *
 * Frames and configurations come out of the shared budget, but for the first 8 KiB of a stream's configurations: no
 * decoder begins without them, so an ordinary stream keeps its own however full the budget is. A configuration that
 * finds no room is relayed and not kept, and what it replaces is forgotten. So all caches together take the budget and
 * 8 KiB per stream at most.
 */
export class StreamCache {
  readonly #maxBytes: number;
  readonly #budget: ByteBudget;
  readonly #configs = new Map<string, Frame>();
  #frames: Frame[] = [];
  #bytes = 0;
  /** What the configurations take, and how much of that comes out of the budget. */
  #configBytes = 0;
  #configBytesOwed = 0;
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
    this.#payForConfigs(-this.#configBytes);
    this.#hasVideo = false;
    this.#hasAudio = false;
  }

  #keepConfig(frame: Frame): void {
    if (!this.changesConfig(frame)) return;
    // Frames before a new decoder configuration cannot be played after it.
    if (frame.type !== 18) this.#dropFrames();
    const { slot, payload } = frame;
    const old = this.#configs.get(slot);
    const oldBytes = old ? sizeOf(old) : 0;
    const fits =
      payload.length <= MAX_CONFIG_BYTES && (old !== undefined || this.#configs.size < MAX_CONFIGS);
    if (fits && this.#payForConfigs(sizeOf(frame) - oldBytes)) {
      this.#configs.set(slot, frame);
      return;
    }
    this.#configs.delete(slot);
    this.#payForConfigs(-oldBytes);
  }

  /** Takes what so many bytes more (or less) need of the budget; false and nothing when there is not enough. */
  #payForConfigs(bytes: number): boolean {
    const total = this.#configBytes + bytes;
    const owed = Math.max(0, total - FREE_CONFIG_BYTES);
    const more = owed - this.#configBytesOwed;
    if (more > 0 && !this.#budget.take(more)) return false;
    if (more < 0) this.#budget.give(-more);
    this.#configBytes = total;
    this.#configBytesOwed = owed;
    return true;
  }

  #begin(key: Frame): void {
    this.#dropFrames();
    this.#open = true;
    this.#keep(key);
  }

  #keep(frame: Frame): void {
    const size = sizeOf(frame);
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

/** What a frame takes of memory, about. */
function sizeOf(frame: Frame): number {
  return frame.payload.length + FRAME_OVERHEAD;
}
