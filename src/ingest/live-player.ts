import type { Clock } from '../base/clock.ts';
import type { Player } from '../core/streams.ts';
import type { Packaging } from './frame.ts';
import type { HubPlayer, Tracks } from './hub.ts';
import type { IngestMeter, PeerProtocol } from './meter.ts';
import { PlayerQueue } from './player-queue.ts';
import type { ByteSink } from './player-queue.ts';

/** The connection of a player, whatever its protocol. `end` and `drop` may be called when it has gone already. */
export interface Outlet extends ByteSink {
  readonly packaging: Packaging;
  /** The stream is live (again): what has to be said before its first bytes. */
  begin(tracks: Tracks): void;
  /** Ends as the protocol has it, waiting for the peer for a second at most. */
  end(reason: string): void;
  /** Ends at once. */
  drop(reason: string): void;
}

/** A player's place at its stream; all of it may be called more than once. */
export interface Seat {
  leaveHub(): void;
  leaveRegistry(): void;
  /** Goes on after a pause. */
  resume(): void;
}

/** What a player needs. */
export interface LivePlayerOptions {
  readonly id: string;
  readonly protocol: PeerProtocol;
  readonly clientAddress: string;
  readonly outlet: Outlet;
  readonly clock: Clock;
  readonly meter: IngestMeter;
  readonly limits: { readonly playerQueueBytes: number; readonly playerStallMs: number };
}

/** A connected player: core ends it, its hub feeds it, its outlet carries it. */
export class LivePlayer implements Player, HubPlayer {
  readonly id: string;
  readonly protocol: PeerProtocol;
  readonly clientAddress: string;
  readonly queue: PlayerQueue;
  readonly #outlet: Outlet;
  #seat: Seat | undefined;
  #ended = false;

  constructor(options: LivePlayerOptions) {
    const { id, protocol, clientAddress, outlet, clock, meter, limits } = options;
    this.id = id;
    this.protocol = protocol;
    this.clientAddress = clientAddress;
    this.#outlet = outlet;
    this.queue = new PlayerQueue({
      sink: outlet,
      packaging: outlet.packaging,
      clock,
      maxBytes: limits.playerQueueBytes,
      stallMs: limits.playerStallMs,
      onWritten: (bytes) => meter.bytesOut(protocol, bytes),
      onSkipped: (bytes) => meter.playerSkipped(protocol, bytes),
      onStalled: () => {
        meter.playerDropped(protocol);
        this.#stop(() => outlet.drop('the player does not take the stream'));
      },
    });
  }

  /** Takes a place. */
  sit(seat: Seat): void {
    this.#seat = seat;
  }

  begin(tracks: Tracks): void {
    this.#outlet.begin(tracks);
  }

  /** Called by the registry, which has forgotten the player already. */
  end(reason: string): void {
    this.#stop(() => this.#outlet.end(reason));
  }

  /** Leaves the stream; idempotent, and to be called however the player ends. */
  leave(): void {
    this.#seat?.leaveHub();
    this.#seat?.leaveRegistry();
    this.queue.close();
  }

  dismiss(reason: string): void {
    this.leave();
    this.end(reason);
  }

  /** Stops the frames until `resume`. */
  pause(): void {
    this.queue.pause();
  }

  resume(): void {
    if (!this.#ended) this.#seat?.resume();
  }

  #stop(how: () => void): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#seat?.leaveHub();
    this.queue.close();
    how();
  }
}
