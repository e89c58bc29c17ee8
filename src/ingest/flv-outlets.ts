import type { ServerResponse } from 'node:http';
import type { WebSocket } from 'ws';
import type { Clock, Timer } from '../base/clock.ts';
import { flvHeader } from '../wire/flv/tag.ts';
import type { Tracks } from './hub.ts';
import type { Outlet } from './live-player.ts';

/** How long a player may take to read the end, milliseconds. */
const LINGER_MS = 1000;
/** Bytes on their way to a WebSocket peer above which nothing more is sent to it. */
const MAX_IN_FLIGHT = 64 * 1024;
/** Pings that are answered for a peer that does not read. */
const MAX_UNREAD_PONGS = 1000;
/** The longest reason of a WebSocket close frame, in bytes; ours are ASCII. */
const MAX_CLOSE_REASON = 123;

/** An outlet whose connection tells how it went. */
export interface FlvOutlet extends Outlet {
  /** Why it ends, as far as that was our decision. */
  readonly reason: string | undefined;
  /** `drained`: it takes bytes again; `closed`: it is gone. */
  listen(events: { drained: () => void; closed: () => void }): void;
}

/** A chunked HTTP response as the outlet of a player; the first in line on its connection. */
export class HttpFlvOutlet implements FlvOutlet {
  readonly packaging = 'flv';
  readonly #response: ServerResponse;
  readonly #clock: Clock;
  readonly #headers: Record<string, string>;
  #linger: Timer | undefined;
  reason: string | undefined;

  constructor(
    response: ServerResponse,
    { clock, headers }: { clock: Clock; headers: Record<string, string> },
  ) {
    this.#response = response;
    this.#clock = clock;
    this.#headers = headers;
  }

  listen({ drained, closed }: { drained: () => void; closed: () => void }): void {
    const response = this.#response;
    // The socket is asked as well: a response closes with its socket only while Node has given it that socket.
    const { socket } = response.req;
    const onClose = (): void => {
      response.off('close', onClose);
      socket.off('close', onClose);
      this.#linger?.cancel();
      closed();
    };
    response.on('close', onClose);
    socket.on('close', onClose);
    response.on('drain', drained);
    response.on('error', () => response.destroy());
  }

  begin(tracks: Tracks): void {
    this.#response.writeHead(200, this.#headers);
    this.#response.write(flvHeader(tracks));
  }

  write(bytes: Buffer): boolean {
    return this.#response.write(bytes);
  }

  end(reason: string): void {
    this.reason ??= reason;
    this.#response.end();
    if (!this.#response.closed) this.#linger = this.#clock.after(LINGER_MS, () => this.#response.destroy());
  }

  drop(reason: string): void {
    this.reason ??= reason;
    this.#response.destroy();
  }
}

/** A WebSocket as the outlet of a player; each message is one merged write. */
export class WebSocketFlvOutlet implements FlvOutlet {
  readonly packaging = 'flv';
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  #drained: () => void = () => undefined;
  #blocked = false;
  #unreadPongs = 0;
  #linger: Timer | undefined;
  reason: string | undefined;

  constructor(socket: WebSocket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
  }

  listen({ drained, closed }: { drained: () => void; closed: () => void }): void {
    this.#drained = drained;
    this.#socket.on('error', () => this.#socket.terminate());
    this.#socket.on('ping', () => this.#onPing());
    this.#socket.on('close', () => {
      this.#linger?.cancel();
      closed();
    });
  }

  begin(tracks: Tracks): void {
    this.write(flvHeader(tracks));
  }

  write(bytes: Buffer): boolean {
    this.#socket.send(bytes, { binary: true }, () => this.#onSent());
    this.#blocked = this.#socket.bufferedAmount > MAX_IN_FLIGHT;
    return !this.#blocked;
  }

  end(reason: string): void {
    this.reason ??= reason;
    this.#socket.close(1000, reason.slice(0, MAX_CLOSE_REASON));
    this.#linger = this.#clock.after(LINGER_MS, () => this.#socket.terminate());
  }

  drop(reason: string): void {
    this.reason ??= reason;
    this.#socket.terminate();
  }

  #onSent(): void {
    if (!this.#blocked || this.#socket.bufferedAmount > MAX_IN_FLIGHT) return;
    this.#blocked = false;
    this.#unreadPongs = 0;
    this.#drained();
  }

  #onPing(): void {
    if (this.#blocked) this.#unreadPongs += 1;
    if (this.#unreadPongs > MAX_UNREAD_PONGS) this.drop('the peer does not read its answers');
  }
}
