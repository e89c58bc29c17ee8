import type { ByteBudget } from '../base/byte-budget.ts';
import { Batch, Delivery, restamped } from './batch.ts';
import type { Frame } from './frame.ts';
import type { Flushable, MergeTick } from './merge-tick.ts';
import type { PlayerQueue } from './player-queue.ts';
import { StreamCache } from './stream-cache.ts';

/** Which media a stream has. */
export interface Tracks {
  readonly video: boolean;
  readonly audio: boolean;
}

/** A player as its hub sees it. */
export interface HubPlayer {
  readonly queue: PlayerQueue;
  /** The stream is live: called before the first byte is queued, and again after a pause. */
  begin(tracks: Tracks): void;
  /** Leaves hub and registry and ends. */
  dismiss(reason: string): void;
}

/** What a hub needs. */
export interface HubOptions {
  readonly tick: MergeTick;
  readonly budget: ByteBudget;
  /** What bursts may take that players have not taken yet. */
  readonly bursts: ByteBudget;
  readonly chunkSize: number;
  readonly gopCacheBytes: number;
}

/** Collected frames are written early when they are more than this. */
const MAX_COLLECTED_BYTES = 256 * 1024;

/**
 * The frames of one stream on their way from its publisher to its players. Only the publisher that holds the hub can
 * push, and when it lets go nothing that it has pushed before and that was not written yet goes out.
 */
export class Hub implements Flushable {
  readonly #options: HubOptions;
  readonly #cache: StreamCache;
  /** Players, and whether the stream has been live for them. */
  readonly #players = new Map<HubPlayer, boolean>();
  #source: object | undefined;
  #collected: Frame[] = [];
  #collectedBytes = 0;
  /** What a joining player is given, until another frame comes. */
  #burst: { burst: Batch; configs: Batch } | undefined;
  /** The newest timestamp of a frame that players have seen; undefined before the first frame. */
  #newest: number | undefined;
  /** No frame of this publisher may be older: where the one before left off. */
  #floor: number | undefined;
  /** What is added to this publisher's timestamps; undefined before its first frame. */
  #shift: number | undefined;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#cache = new StreamCache({ maxBytes: options.gopCacheBytes, budget: options.budget });
  }

  get isLive(): boolean {
    return this.#source !== undefined;
  }

  get isEmpty(): boolean {
    return this.#source === undefined && this.#players.size === 0;
  }

  /** Gives the hub to a publisher; players that stayed from another one go on at its first keyframe. */
  open(source: object): void {
    this.#source = source;
    this.#floor = this.#newest === undefined ? undefined : (this.#newest + 1) >>> 0;
    this.#shift = this.#floor === undefined ? 0 : undefined;
    for (const [player, begun] of this.#players) {
      player.queue.restart();
      if (!begun) this.#begin(player);
    }
  }

  /** Takes the hub from a publisher; `discard` what has not been written, else it is written now. */
  close(source: object, options: { discard: boolean }): void {
    if (this.#source !== source) return;
    if (!options.discard) this.flush();
    this.#source = undefined;
    this.#collected = [];
    this.#collectedBytes = 0;
    this.#cache.clear();
    this.#burst = undefined;
  }

  /** Relays a frame; false when `source` is not the publisher of this hub. */
  push(source: object, frame: Frame): boolean {
    if (this.#source !== source) return false;
    frame.outTimestamp = this.#timestampOf(frame);
    // A batch begins with the configuration that holds for all of it.
    if (this.#cache.changesConfig(frame)) this.flush();
    this.#cache.add(frame);
    this.#burst = undefined;
    this.#collect(frame);
    return true;
  }

  /** Adds a player; it begins at once when the stream is live, else when it comes. */
  addPlayer(player: HubPlayer): void {
    this.flush();
    this.#players.set(player, false);
    if (this.isLive) this.#begin(player);
  }

  removePlayer(player: HubPlayer): void {
    this.#players.delete(player);
  }

  /** Ends all players: the stream is over. */
  endPlayers(reason: string): void {
    for (const player of [...this.#players.keys()]) player.dismiss(reason);
  }

  /** Gives a player that paused what is on now. */
  resumePlayer(player: HubPlayer): void {
    this.flush();
    if (this.isLive && this.#players.has(player)) this.#begin(player);
  }

  /** Writes what was collected. */
  flush(): void {
    if (this.#collected.length === 0) return;
    const { hasVideo, configs } = this.#cache;
    const { chunkSize } = this.#options;
    const delivery = new Delivery(this.#collected, { configs, hasVideo, chunkSize });
    this.#collected = [];
    this.#collectedBytes = 0;
    for (const player of [...this.#players.keys()]) player.queue.deliver(delivery);
  }

  #collect(frame: Frame): void {
    if (this.#players.size === 0) return;
    this.#collected.push(frame);
    this.#collectedBytes += frame.payload.length;
    if (this.#collectedBytes > MAX_COLLECTED_BYTES) this.flush();
    else this.#options.tick.request(this);
  }

  #begin(player: HubPlayer): void {
    this.#players.set(player, true);
    const { hasVideo, hasAudio, frames } = this.#cache;
    const isKnown = hasVideo || hasAudio;
    player.begin({ video: hasVideo || !isKnown, audio: hasAudio || !isKnown });
    const complete = hasVideo ? frames.length > 0 : hasAudio;
    player.queue.start({ ...this.#beginning(), complete, budget: this.#options.bursts });
  }

  #beginning(): { burst: Batch; configs: Batch } {
    if (this.#burst) return this.#burst;
    const { chunkSize } = this.#options;
    const { frames, configs } = this.#cache;
    const first = restamped(configs, frames[0]?.outTimestamp ?? this.#newest ?? 0);
    this.#burst = {
      burst: new Batch([...first, ...frames], chunkSize),
      configs: new Batch(first, chunkSize),
    };
    return this.#burst;
  }

  /** A second publisher's timestamps go on where the first one's ended, and never go back behind that. */
  #timestampOf({ role, timestamp: sent }: Frame): number {
    const floor = this.#floor ?? 0;
    // Metadata and the like often come with 0 whatever the frames begin with.
    const isFrame = role !== 'config' && role !== 'data';
    if (this.#shift === undefined && !isFrame) return floor;
    this.#shift ??= floor - sent;
    let timestamp = (sent + this.#shift) >>> 0;
    if (this.#floor !== undefined && isBefore(timestamp, floor)) timestamp = floor;
    if (isFrame && (this.#newest === undefined || isBefore(this.#newest, timestamp)))
      this.#newest = timestamp;
    return timestamp;
  }
}

/** Order of 32-bit timestamps, which wrap. */
function isBefore(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}
