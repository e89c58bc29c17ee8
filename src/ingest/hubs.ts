import { ByteBudget } from '../base/byte-budget.ts';
import type { Clock } from '../base/clock.ts';
import { formatKey } from '../core/names.ts';
import type { StreamKey } from '../core/names.ts';
import type { AttachProblem, Publish, Publisher, StreamRegistry } from '../core/streams.ts';
import type { Frame } from './frame.ts';
import { Hub } from './hub.ts';
import type { HubOptions } from './hub.ts';
import type { LivePlayer } from './live-player.ts';
import { MergeTick } from './merge-tick.ts';
import type { IngestLimits } from './settings.ts';

/**
 * What players that join are given at once and have not taken yet, all together. Each such burst is of its own moment, so
 * that they share no bytes; without a bound some hundred players that take nothing would hold gigabytes.
 */
const BURST_BYTES = 256 * 1024 * 1024;

/** What the hubs need. */
export interface HubsDeps {
  readonly streams: StreamRegistry;
  readonly clock: Clock;
  readonly limits: IngestLimits;
}

/** A publisher's hold on its stream. */
export interface Publication {
  /** Relays a frame; false once the hold is lost. */
  push(frame: Frame): boolean;
  /** The registry has taken the stream away: nothing more is relayed, not even what was collected. */
  cut(): void;
  /** The publisher went away by itself; its players are ended. */
  end(reason: string): void;
}

/** The hubs of all streams that are live or waited for, and the one place where registry and hubs are kept in step. */
export class Hubs {
  readonly #streams: StreamRegistry;
  readonly #hubs = new Map<string, Hub>();
  readonly #tick: MergeTick;
  readonly #options: HubOptions;

  constructor({ streams, clock, limits }: HubsDeps) {
    this.#streams = streams;
    this.#tick = new MergeTick(clock, limits.mergeMs);
    const budget = new ByteBudget(limits.gopCacheTotalBytes);
    this.#options = { tick: this.#tick, budget, bursts: new ByteBudget(BURST_BYTES), ...limits };
  }

  /** Gives the stream to a publisher, or says why not. Looks at the blocks in the same tick. */
  attachPublisher(key: StreamKey, publisher: Publisher): Publication | AttachProblem {
    const publish = this.#streams.attachPublisher(key, publisher);
    if (typeof publish === 'string') return publish;
    const id = formatKey(key);
    const hub = this.#hub(id);
    hub.open(publisher);
    return {
      push: (frame) => hub.push(publisher, frame),
      cut: () => {
        hub.close(publisher, { discard: true });
        this.#tidy(id, hub);
      },
      end: (reason) => this.#end(publish, { hub, reason }),
    };
  }

  /** Adds a player; it begins at once or when the stream does. Gives whether the stream is live. */
  attachPlayer(key: StreamKey, player: LivePlayer): boolean {
    const id = formatKey(key);
    const hub = this.#hub(id);
    player.sit({
      leaveRegistry: this.#streams.attachPlayer(key, player),
      leaveHub: () => {
        hub.removePlayer(player);
        this.#tidy(id, hub);
      },
      resume: () => hub.resumePlayer(player),
    });
    hub.addPlayer(player);
    return hub.isLive;
  }

  /** Ends every player; nothing is collected any more. */
  close(reason: string): void {
    this.#tick.cancel();
    for (const hub of [...this.#hubs.values()]) hub.endPlayers(reason);
  }

  #end(publish: Publish, { hub, reason }: { hub: Hub; reason: string }): void {
    hub.close(publish.publisher, { discard: false });
    this.#streams.detachPublisher(publish, reason);
    hub.endPlayers(reason);
    this.#tidy(formatKey(publish.key), hub);
  }

  #hub(id: string): Hub {
    const known = this.#hubs.get(id);
    if (known) return known;
    const hub = new Hub(this.#options);
    this.#hubs.set(id, hub);
    return hub;
  }

  #tidy(id: string, hub: Hub): void {
    if (hub.isEmpty && this.#hubs.get(id) === hub) this.#hubs.delete(id);
  }
}
