import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import { systemClock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { systemIds } from '../base/ids.ts';
import { RtmpClientSession } from '../wire/rtmp/client-session.ts';
import type { ClientEvent } from '../wire/rtmp/client-session.ts';
import type { RtmpMessage } from '../wire/rtmp/messages.ts';

/** Whom to connect to and what to do there. */
export interface RtmpClientOptions {
  readonly mode: 'publish' | 'play';
  readonly host: string;
  readonly port: number;
  readonly app: string;
  /** With its arguments, e.g. `cam1?auth_key=...`. */
  readonly stream: string;
  /** As the server shall read it; default `rtmp://<host>:<port>/<app>`. */
  readonly tcUrl?: string;
  /** RTMPS: the certificates to trust, PEM; absent: plain RTMP. */
  readonly ca?: string | Buffer;
  /** Milliseconds until the server must have agreed; default 5000. */
  readonly timeoutMs?: number;
  /** Gets audio, video and data messages of a stream that is played. */
  readonly onMedia?: (message: RtmpMessage) => void;
  readonly clock?: Clock;
}

/** How a connection ended. `at` is monotonic milliseconds of the client's clock. */
export interface RtmpEnd {
  readonly at: number;
  /** When the server said that it is done with us; undefined when it did not. */
  readonly toldAt: number | undefined;
  /** The last word of the server, e.g. `NetStream.Publish.BadName`; undefined when it said nothing. */
  readonly code: string | undefined;
  readonly description: string | undefined;
  /** The socket's error, e.g. `ECONNRESET`; undefined after an orderly end. */
  readonly error: string | undefined;
}

/** The server did not let us publish or play, or was not there. */
export class RtmpRefusedError extends Error {
  override name = 'RtmpRefusedError';
  readonly end: RtmpEnd;

  constructor(end: RtmpEnd) {
    super(end.description ?? end.code ?? end.error ?? 'the server closed the connection');
    this.end = end;
  }
}

/** One RTMP connection that publishes or plays one stream; made by {@link connectRtmp}. */
export class RtmpClient {
  /** Resolves when the socket is closed, whoever closed it. */
  readonly ended: Promise<RtmpEnd>;
  readonly #socket: Socket;
  readonly #session: RtmpClientSession;
  readonly #options: RtmpClientOptions;
  readonly #clock: Clock;
  #ready = (): void => undefined;
  #toldAt: number | undefined;
  #code: string | undefined;
  #description: string | undefined;
  #error: string | undefined;

  constructor(options: RtmpClientOptions) {
    const { host, port, app, ca } = options;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const scheme = ca === undefined ? 'rtmp' : 'rtmps';
    const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    this.#session = new RtmpClientSession({
      tcUrl: `${scheme}://${authority}/${app}`,
      ...options,
      randomBytes: (size) => systemIds.bytes(size),
    });
    this.#socket =
      ca === undefined
        ? connectTcp({ host, port, noDelay: true })
        : connectTls({ host, port, ca, servername: 'localhost' });
    this.ended = this.#follow();
  }

  /** Resolves when the server has agreed. @throws RtmpRefusedError */
  async ready(): Promise<void> {
    const agreed = new Promise<void>((resolve) => (this.#ready = resolve));
    const timer = this.#clock.after(this.#options.timeoutMs ?? 5000, () => {
      this.#error ??= 'timeout';
      this.#socket.destroy();
    });
    try {
      const refused = this.ended.then((end) => {
        throw new RtmpRefusedError(end);
      });
      await Promise.race([agreed, refused]);
    } finally {
      timer.cancel();
    }
  }

  /** Sends one audio, video or data message; does nothing once the connection has ended. */
  send(media: { type: number; timestamp: number; payload: Buffer }): void {
    if (this.#socket.writable && this.#session.ready) this.#socket.write(this.#session.encodeMedia(media));
  }

  /** Says goodbye and closes. */
  async close(): Promise<void> {
    if (this.#socket.writable) this.#socket.end(this.#session.finish());
    const timer = this.#clock.after(1000, () => this.#socket.destroy());
    await this.ended;
    timer.cancel();
  }

  /** Closes without a word. */
  destroy(): void {
    this.#socket.destroy();
  }

  #follow(): Promise<RtmpEnd> {
    const socket = this.#socket;
    socket.once(this.#options.ca === undefined ? 'connect' : 'secureConnect', () =>
      socket.write(this.#session.start()),
    );
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    socket.on('error', (error) => (this.#error ??= 'code' in error ? String(error.code) : error.message));
    return new Promise((resolve) => {
      socket.once('close', () =>
        resolve({
          at: this.#clock.monotonic(),
          toldAt: this.#toldAt,
          code: this.#code,
          description: this.#description,
          error: this.#error,
        }),
      );
    });
  }

  #receive(bytes: Buffer): void {
    try {
      const { send, events } = this.#session.push(bytes);
      for (const chunk of send) if (this.#socket.writable) this.#socket.write(chunk);
      for (const event of events) this.#handle(event);
    } catch (error) {
      this.#error ??= messageOf(error);
      this.#socket.destroy();
    }
  }

  #handle(event: ClientEvent): void {
    switch (event.type) {
      case 'ready':
        this.#ready();
        break;
      case 'status':
        this.#code = event.code;
        this.#description = event.description;
        break;
      case 'media':
        this.#options.onMedia?.(event.message);
        break;
      case 'closed':
        this.#code = event.code;
        this.#leave();
        break;
    }
  }

  /** The server is done with us: our side closes, and does not wait for long until the other does. */
  #leave(): void {
    this.#toldAt ??= this.#clock.monotonic();
    this.#socket.end();
    const timer = this.#clock.after(1000, () => this.#socket.destroy());
    void this.ended.then(() => timer.cancel());
  }
}

/** Connects and publishes or plays. @throws RtmpRefusedError with the server's last word */
export async function connectRtmp(options: RtmpClientOptions): Promise<RtmpClient> {
  const client = new RtmpClient(options);
  await client.ready();
  return client;
}
