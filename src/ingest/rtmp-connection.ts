import type { Socket } from 'node:net';
import type { Clock, Timer } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { ChunkReader } from '../wire/rtmp/chunk-reader.ts';
import type { ChunkLimits } from '../wire/rtmp/chunk-reader.ts';
import { encodeMessage } from '../wire/rtmp/chunk-writer.ts';
import { acknowledgement } from '../wire/rtmp/control.ts';
import { ServerHandshake } from '../wire/rtmp/handshake.ts';
import { RtmpError } from '../wire/rtmp/messages.ts';
import type { RandomBytes, RtmpMessage } from '../wire/rtmp/messages.ts';

/**
 * How a connection ends. `end`: what is queued is sent and the peer gets a second to close. `refuse`: the same within
 * 100 ms. `reset`: reset after 10 ms. `drop`: at once.
 */
export type Ending = 'end' | 'refuse' | 'reset' | 'drop';

const LINGER_MS: Record<Ending, number> = { end: 1000, refuse: 100, reset: 10, drop: 0 };

/** What happens on a connection, for its session. */
export interface ConnectionEvents {
  /** The peer may speak RTMP now. */
  onReady(): void;
  /** @throws RtmpError when the message breaks the protocol: the connection is dropped. */
  onMessage(message: RtmpMessage): void;
  /** The socket takes bytes again. */
  onDrain(): void;
  /** Once, when the ending begins; nothing is read afterwards. */
  onClosing(reason: string): void;
  /** Once, when the socket is gone. */
  onClosed(reason: string): void;
}

/** What a connection needs. */
export interface RtmpConnectionOptions {
  readonly socket: Socket;
  readonly clock: Clock;
  readonly log: Logger;
  readonly randomBytes: RandomBytes;
  readonly limits: { readonly handshakeMs: number; readonly idleMs: number; readonly chunkSize: number };
  readonly onBytes: (bytes: number) => void;
}

/** Bounds before a peer is admitted: enough for commands, no media. */
export const STRANGER_LIMITS: Partial<ChunkLimits> = { media: 0, data: 4096, unfinished: 256 * 1024 };
/** Messages of one peer that are handled before the others get their turn. */
const MESSAGES_PER_TURN = 128;
/** Answers that may wait for a peer that does not read. */
const MAX_UNREAD_ANSWERS = 64 * 1024;
/** Bytes after which a peer that did not ask for it is acknowledged all the same. */
const DEFAULT_ACK_WINDOW = 2_500_000;
/** Before our Set Chunk Size is out. */
const INITIAL_CHUNK_SIZE = 128;

/**
 * One RTMP peer's socket: handshake, chunks, acknowledgements, deadlines and the end. Whatever the peer sends ends this
 * connection at worst. It never waits for the peer to close.
 */
export class RtmpConnection {
  readonly #options: RtmpConnectionOptions;
  readonly #socket: Socket;
  #events: ConnectionEvents | undefined;
  #handshake: ServerHandshake | undefined;
  readonly #reader = new ChunkReader(STRANGER_LIMITS);
  #chunkSize = INITIAL_CHUNK_SIZE;
  #deadline: Timer;
  #linger: Timer | undefined;
  #turn: NodeJS.Immediate | undefined;
  #ending: string | undefined;
  #received = 0;
  #acknowledged = 0;
  #ackWindow = DEFAULT_ACK_WINDOW;
  #unreadAnswers = 0;
  #peerStopped = false;

  constructor(options: RtmpConnectionOptions) {
    this.#options = options;
    this.#socket = options.socket;
    this.#handshake = new ServerHandshake({ randomBytes: options.randomBytes });
    this.#deadline = this.#dropAfter(options.limits.handshakeMs, 'no handshake in time');
  }

  /** Begins to read. */
  start(events: ConnectionEvents): void {
    this.#events = events;
    this.#socket.on('data', (bytes: Buffer) => this.#onData(bytes));
    this.#socket.on('drain', () => this.#onDrain());
    this.#socket.on('error', (error) => this.close(this.#reasonOf(error), 'drop'));
    this.#socket.on('end', () => this.close('the peer closed', 'drop'));
    this.#socket.on('close', () => this.#onSocketClosed());
  }

  get isClosing(): boolean {
    return this.#ending !== undefined;
  }

  /** Bytes received from the peer. */
  get received(): number {
    return this.#received;
  }

  /** Sends an answer or control message, unless the connection is ending. */
  send(...messages: readonly RtmpMessage[]): void {
    if (this.#ending !== undefined) return;
    for (const message of messages) {
      const bytes = encodeMessage(message, this.#chunkSize);
      if (!this.#socket.write(bytes)) this.#unreadAnswers += bytes.length;
    }
    if (this.#unreadAnswers > MAX_UNREAD_ANSWERS) this.close('the peer does not read its answers', 'drop');
  }

  /** What is sent from now on is cut into chunks of the settings' size; the peer must have been told. */
  useLargeChunks(): void {
    this.#chunkSize = this.#options.limits.chunkSize;
  }

  /** Sends media as chunks; false: wait for `onDrain`. */
  write(bytes: Buffer): boolean {
    return this.#ending === undefined && this.#socket.write(bytes);
  }

  /** Lets the peer send media. */
  admit(limits: Partial<ChunkLimits>): void {
    this.#peerStopped = false;
    this.#reader.setLimits(limits);
    this.#deadline.cancel();
  }

  /** The peer is a stranger: it may send no media, and is dropped unless it is admitted within the idle time. */
  expectAdmission(): void {
    this.#reader.setLimits(STRANGER_LIMITS);
    this.#deadline.cancel();
    this.#deadline = this.#dropAfter(this.#options.limits.idleMs, 'neither publish nor play in time');
  }

  /** The peer stopped publishing or playing: it is a stranger again, and may go without waiting for our answers. */
  peerStopped(): void {
    this.#peerStopped = true;
    this.expectAdmission();
  }

  /** The peer wants to be acknowledged after so many bytes. */
  acknowledgeEvery(bytes: number): void {
    if (bytes > 0) this.#ackWindow = bytes;
  }

  /** Ends the connection, once; `last` is still sent. */
  close(reason: string, ending: Ending, ...last: readonly RtmpMessage[]): void {
    if (this.#ending !== undefined) return;
    this.#ending = reason;
    this.#deadline.cancel();
    clearImmediate(this.#turn);
    this.#events?.onClosing(reason);
    if (ending === 'drop') return void this.#socket.destroy();
    for (const message of last) this.#socket.write(encodeMessage(message, this.#chunkSize));
    if (ending === 'reset') this.#socket.pause();
    else this.#socket.resume().end();
    this.#linger = this.#options.clock.after(LINGER_MS[ending], () => this.#destroy(ending));
  }

  /** Ends the connection at once, even when it is ending already. */
  drop(reason: string): void {
    this.close(reason, 'drop');
    this.#socket.destroy();
  }

  #destroy(ending: Ending): void {
    // TLS sockets cannot send a reset; destroying closes the raw socket at once as well.
    if (ending === 'reset' && !('encrypted' in this.#socket)) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  /**
   * A peer that closes while answers are on their way to it resets the connection. EPIPE comes only after its FIN; a
   * reset counts as its close when it has stopped before.
   */
  #reasonOf(error: Error): string {
    const code = 'code' in error ? error.code : undefined;
    const isClose = code === 'EPIPE' || (code === 'ECONNRESET' && this.#peerStopped);
    return isClose ? 'the peer closed' : `socket error: ${messageOf(error)}`;
  }

  #onSocketClosed(): void {
    this.close('the peer closed', 'drop');
    this.#linger?.cancel();
    this.#events?.onClosed(this.#ending ?? '');
  }

  #onDrain(): void {
    this.#unreadAnswers = 0;
    if (this.#ending === undefined) this.#events?.onDrain();
  }

  /** The bytes hold only until this returns: see `leanSocket`. */
  #onData(bytes: Buffer): void {
    if (this.#ending !== undefined) return;
    this.#received += bytes.length;
    this.#options.onBytes(bytes.length);
    try {
      if (this.#handshake) this.#shakeHands(this.#handshake, Buffer.from(bytes));
      else this.#reader.push(bytes);
      this.#readMessages();
      this.#acknowledge();
    } catch (error) {
      this.#fail(error);
    }
  }

  #shakeHands(handshake: ServerHandshake, bytes: Buffer): void {
    const { send, done, rest } = handshake.push(bytes);
    if (send) this.#socket.write(send);
    if (!done) return;
    this.#handshake = undefined;
    this.expectAdmission();
    this.#events?.onReady();
    this.#reader.push(rest);
  }

  /** Handles what has arrived; a peer that sends more than its share is not read before the others had their turn. */
  #readMessages(): void {
    for (let handled = 0; handled < MESSAGES_PER_TURN; handled += 1) {
      const message = this.#ending === undefined ? this.#reader.next() : undefined;
      if (!message) {
        this.#endTurn();
        return;
      }
      this.#events?.onMessage(message);
    }
    this.#reader.keep();
    this.#socket.pause();
    this.#turn = setImmediate(() => this.#goOn());
  }

  #goOn(): void {
    try {
      this.#readMessages();
    } catch (error) {
      this.#fail(error);
    }
  }

  #endTurn(): void {
    if (this.#turn === undefined) return;
    this.#turn = undefined;
    if (this.#ending === undefined) this.#socket.resume();
  }

  #acknowledge(): void {
    if (this.#received - this.#acknowledged < this.#ackWindow || this.#handshake) return;
    this.#acknowledged = this.#received;
    this.send(acknowledgement(this.#received));
  }

  #fail(error: unknown): void {
    if (!(error instanceof RtmpError)) this.#options.log.error({ err: error }, 'an RTMP connection failed');
    this.close(error instanceof RtmpError ? error.message : 'internal error', 'drop');
  }

  #dropAfter(ms: number, reason: string): Timer {
    return this.#options.clock.after(ms, () => this.close(reason, 'drop'));
  }
}
