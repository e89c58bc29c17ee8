import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemIds } from '../../src/base/ids.ts';
import { RtmpClientSession } from '../../src/wire/rtmp/client-session.ts';
import { videoConfig, videoFrame } from './frames.ts';

/** Where it publishes. */
export interface Target {
  readonly port: number;
  readonly tcUrl: string;
  readonly app: string;
  readonly stream: string;
}

/**
 * An encoder as bad ones are: it ignores FIN and every status and goes on sending frames for as long as its socket
 * takes them. Frames carry marks from `firstMark` on.
 */
export class StubbornEncoder {
  /** Whether it was ever told that it may publish. */
  started = false;
  /** Status codes that it was told, in order. */
  readonly codes: string[] = [];
  /** The socket's error, or `close` when it was closed without one. */
  readonly ended: Promise<string>;
  sent = 0;
  readonly #socket: Socket;
  readonly #timer: NodeJS.Timeout;

  constructor(target: Target, options: { firstMark: number; frameMs?: number; reads?: boolean }) {
    const session = new RtmpClientSession({
      mode: 'publish',
      ...target,
      randomBytes: (size) => systemIds.bytes(size),
    });
    this.#socket = connect({ host: '127.0.0.1', port: target.port, allowHalfOpen: true, noDelay: true });
    this.#socket.once('connect', () => this.#socket.write(session.start()));
    this.#socket.on('data', (bytes) => {
      for (const event of this.#push(session, bytes)) {
        if (event.type === 'ready') this.started = true;
        if (event.type === 'status') this.codes.push(event.code);
      }
    });
    let error = 'close';
    this.#socket.on('error', (cause: NodeJS.ErrnoException) => (error = cause.code ?? cause.message));
    this.ended = new Promise((resolve) => this.#socket.once('close', () => resolve(error)));
    const encode = (timestamp: number): Buffer =>
      session.encodeMedia(videoFrame(timestamp, options.firstMark + this.sent, { key: true }));
    this.#timer = setInterval(() => {
      if (!this.#socket.writable || !this.started) return;
      if (this.sent === 0) this.#socket.write(session.encodeMedia(videoConfig()));
      this.#socket.write(encode(this.sent * 40));
      this.sent += 1;
      if (options.reads === false) this.#socket.pause();
    }, options.frameMs ?? 5);
  }

  /** Stops for good. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#socket.destroy();
    await this.ended;
  }

  /** Goes silent without closing anything, as a peer behind a dead network. */
  freeze(): void {
    clearInterval(this.#timer);
    this.#socket.pause();
  }

  #push(session: RtmpClientSession, bytes: Buffer): ReturnType<RtmpClientSession['push']>['events'] {
    try {
      const { send, events } = session.push(bytes);
      for (const chunk of send) if (this.#socket.writable) this.#socket.write(chunk);
      return events;
    } catch {
      return [];
    }
  }
}

/** Publishes again and again, `everyMs`, for `forMs`; returns each attempt. */
export async function hammer(
  target: () => Target,
  pace: { everyMs: number; forMs: number; firstMark: number },
): Promise<StubbornEncoder[]> {
  const attempts: StubbornEncoder[] = [];
  const end = Date.now() + pace.forMs;
  while (Date.now() < end) {
    attempts.push(new StubbornEncoder(target(), { firstMark: pace.firstMark + attempts.length * 1000 }));
    await sleep(pace.everyMs);
  }
  return attempts;
}
