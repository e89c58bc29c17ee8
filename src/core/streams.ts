import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { Logger } from '../base/logger.ts';
import type { BlockSet } from './blocks.ts';
import { formatKey } from './names.ts';
import type { StreamKey } from './names.ts';

/** What is measured of a live stream; rates are over the last seconds. */
export interface StreamStats {
  /** Media bytes received since the publish began. */
  readonly bytes: number;
  readonly videoKbps: number;
  readonly audioKbps: number;
  /** Measured video frames per second. */
  readonly fps: number;
  /** Seconds between the last two keyframes; null before the second. */
  readonly keyframeIntervalSec: number | null;
  /** From the codec header; null before it came. */
  readonly video: { codec: string; flvCodecId: number; width: number | null; height: number | null } | null;
  readonly audio: {
    codec: string;
    flvCodecId: number;
    sampleRate: number | null;
    channels: number | null;
  } | null;
}

/** A connected publisher as its stream sees it. */
export interface Publisher {
  /** Unique in this process. */
  readonly id: string;
  readonly protocol: 'rtmp' | 'rtmps';
  /** The peer's address, without port. */
  readonly clientAddress: string;
  /** Our address that the peer reached, without port. */
  readonly serverAddress: string;
  /** The domain that the publisher named (canonical): a push domain or the main domain. */
  readonly pushDomain: string;
  /**
   * Stops relaying in this tick, tells the peer, and resets its socket shortly after without waiting for it. Must not
   * call back into the registry.
   */
  cut(reason: string): void;
  stats(): StreamStats;
}

/** A connected player as its stream sees it. */
export interface Player {
  readonly id: string;
  readonly protocol: 'rtmp' | 'rtmps' | 'http-flv' | 'ws-flv';
  readonly clientAddress: string;
  /** Ends the player cleanly. Must not call back into the registry. */
  end(reason: string): void;
}

/** One publish, from admission to its end. */
export interface Publish {
  /** Upper-case UUID. */
  readonly id: string;
  readonly key: StreamKey;
  readonly publisher: Publisher;
  /** Epoch milliseconds. */
  readonly startedAt: number;
}

/** How many were cut. */
export interface CutEffect {
  readonly publishers: number;
  readonly players: number;
}

/** Why a publisher could not take its key. */
export type AttachProblem = 'blocked' | 'busy';

/** Takes the beginning and end of every publish; never throws, never waits. */
export interface PublishLog {
  started(publish: Publish): void;
  ended(publish: Publish, end: { at: number; reason: string; bytes: number }): void;
}

interface Stream {
  readonly key: StreamKey;
  publish: Publish | undefined;
  readonly players: Set<Player>;
}

/** What the registry needs. */
export interface RegistryDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly blocks: BlockSet;
  readonly publishLog: PublishLog;
  /** What a second publisher of a live key meets. */
  readonly duplicatePublish: 'refuse' | 'replace';
}

/**
 * The live streams of this node, the one owner of who publishes and who plays each key. Every method acts within its
 * tick: between the last look at the blocks and the attachment nothing else can happen.
 */
export class StreamRegistry {
  readonly #streams = new Map<string, Stream>();
  readonly #deps: RegistryDeps;

  constructor(deps: RegistryDeps) {
    this.#deps = deps;
  }

  /** Gives the key to a publisher unless it is blocked, or taken and duplicates are refused. */
  attachPublisher(key: StreamKey, publisher: Publisher): Publish | AttachProblem {
    const { clock, ids, blocks, publishLog, duplicatePublish } = this.#deps;
    const now = clock.now();
    if (blocks.find(key, now)) return 'blocked';
    const stream = this.#open(key);
    if (stream.publish) {
      if (duplicatePublish === 'refuse') return 'busy';
      this.#endPublish(stream, 'replaced by another publisher')?.publisher.cut(
        'replaced by another publisher',
      );
    }
    const publish: Publish = { id: ids.requestId(), key, publisher, startedAt: now };
    stream.publish = publish;
    publishLog.started(publish);
    return publish;
  }

  /** The publisher went away by itself. Does nothing when the publish has ended already. */
  detachPublisher(publish: Publish, reason: string): void {
    const stream = this.#streams.get(formatKey(publish.key));
    if (stream?.publish !== publish) return;
    this.#endPublish(stream, reason);
    this.#tidy(stream);
  }

  /** Adds a player; returns what takes it away again (idempotent). */
  attachPlayer(key: StreamKey, player: Player): () => void {
    const stream = this.#open(key);
    stream.players.add(player);
    return () => {
      stream.players.delete(player);
      this.#tidy(stream);
    };
  }

  /** Cuts the publisher of a key and ends its players, all in this tick. */
  cut(key: StreamKey, reason: string): CutEffect {
    const stream = this.#streams.get(formatKey(key));
    if (!stream) return { publishers: 0, players: 0 };
    const publish = this.#endPublish(stream, reason);
    publish?.publisher.cut(reason);
    const players = [...stream.players];
    stream.players.clear();
    this.#tidy(stream);
    for (const player of players) player.end(reason);
    return { publishers: publish ? 1 : 0, players: players.length };
  }

  /** Cuts every publisher and ends every player, all in this tick. */
  cutAll(reason: string): void {
    for (const { key } of [...this.#streams.values()]) this.cut(key, reason);
  }

  /** What a cut of the key would reach now. */
  audience(key: StreamKey): CutEffect {
    const stream = this.#streams.get(formatKey(key));
    return { publishers: stream?.publish ? 1 : 0, players: stream?.players.size ?? 0 };
  }

  /** The publish that holds a key now. */
  live(key: StreamKey): Publish | undefined {
    return this.#streams.get(formatKey(key))?.publish;
  }

  /** Every publish that is live now, all domains or one main domain. */
  list(domain?: string): Publish[] {
    return [...this.#streams.values()].flatMap(({ key, publish }) =>
      publish && (domain === undefined || key.domain === domain) ? [publish] : [],
    );
  }

  /** Players connected to all streams. */
  countPlayers(): number {
    return [...this.#streams.values()].reduce((sum, stream) => sum + stream.players.size, 0);
  }

  #open(key: StreamKey): Stream {
    const id = formatKey(key);
    const stream = this.#streams.get(id) ?? { key, publish: undefined, players: new Set<Player>() };
    this.#streams.set(id, stream);
    return stream;
  }

  #endPublish(stream: Stream, reason: string): Publish | undefined {
    const publish = stream.publish;
    if (!publish) return undefined;
    stream.publish = undefined;
    const { clock, publishLog } = this.#deps;
    publishLog.ended(publish, { at: clock.now(), reason, bytes: publish.publisher.stats().bytes });
    return publish;
  }

  #tidy(stream: Stream): void {
    if (stream.publish || stream.players.size > 0) return;
    const id = formatKey(stream.key);
    if (this.#streams.get(id) === stream) this.#streams.delete(id);
  }
}
