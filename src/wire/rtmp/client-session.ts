import { asBuffer } from '../bytes.ts';
import { decodeAmf0, type AmfObject, type AmfValue } from './amf0.ts';
import { ChunkReader, type ChunkLimits } from './chunk-reader.ts';
import { encodeMessage } from './chunk-writer.ts';
import { amf0Body, isObject } from './commands.ts';
import {
  acknowledgement,
  parseControlValue,
  parseUserControl,
  pingResponse,
  setBufferLength,
  setChunkSize,
} from './control.ts';
import { ClientHandshake } from './handshake.ts';
import { MessageType, RtmpError, type RandomBytes, type RtmpMessage } from './messages.ts';
import { command, type Status } from './responses.ts';

export interface ClientOptions {
  mode: 'publish' | 'play';
  /** `rtmp://host[:port]/app`, as the server shall read it; nothing is resolved or opened here. */
  tcUrl: string;
  app: string;
  /** Stream name with its query, e.g. `cam1?auth_key=...`. */
  stream: string;
  /** Size of the chunks that we send, in bytes; 4,096 by default. */
  chunkSize?: number;
  randomBytes: RandomBytes;
  /** Bounds on what the server may send. */
  limits?: Partial<ChunkLimits>;
}

/** What became known from the bytes of a server. */
export type ClientEvent =
  /** Publishing or playing has begun: media may be sent, or will come. */
  | { type: 'ready' }
  /** An `onStatus` of our stream, or the refusal of a command. */
  | ({ type: 'status' } & Status)
  /** Audio, video, data or aggregate message of a stream that we play. */
  | { type: 'media'; message: RtmpMessage }
  /** The server is done with us: it refused, or the stream ended. `code` as in the status, or `StreamEOF`. */
  | { type: 'closed'; code: string };

/** Bytes to write to the server, in order, and what happened. */
export interface ClientStep {
  send: Buffer[];
  events: ClientEvent[];
}

const DEFAULT_CHUNK_SIZE = 4096;
/** The chunk size that every connection begins with, in bytes. */
const PROTOCOL_CHUNK_SIZE = 128;
/** Buffer length that a player declares, in milliseconds. */
const PLAYER_BUFFER = 1000;
/** A server must tell us its window; until then we acknowledge as often as common servers ask for. */
const DEFAULT_WINDOW = 2_500_000;

const Transaction = { connect: 1, releaseStream: 2, fcPublish: 3, createStream: 4, start: 5 } as const;
const CHUNK_STREAM = { command: 8, data: 5, audio: 4, video: 6 } as const;
/** Status codes that end a session without being errors. */
const END_CODES = new Set([
  'NetStream.Play.UnpublishNotify',
  'NetStream.Play.Stop',
  'NetStream.Unpublish.Success',
]);

/**
 * The client's side of RTMP, to publish or to play one stream: bytes in, bytes and events out. It owns no socket. Write
 * `start()` to the connection first, then feed everything that arrives to `push`.
 */
export class RtmpClientSession {
  readonly #options: ClientOptions;
  readonly #chunkSize: number;
  readonly #handshake: ClientHandshake;
  readonly #reader: ChunkReader;
  #shaken = false;
  #ready = false;
  #closed = false;
  #streamId = 0;
  #window = DEFAULT_WINDOW;
  #received = 0;
  #acknowledged = 0;
  #step: ClientStep = { send: [], events: [] };

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#chunkSize = options.chunkSize ?? DEFAULT_CHUNK_SIZE;
    this.#handshake = new ClientHandshake(options);
    this.#reader = new ChunkReader(options.limits);
  }

  /** True between `ready` and `closed`. */
  get ready(): boolean {
    return this.#ready && !this.#closed;
  }

  /** The first bytes for the server. */
  start(): Buffer {
    return this.#handshake.start();
  }

  /** Feeds bytes of the server. @throws RtmpError when it breaks the protocol or a limit */
  push(bytes: Uint8Array): ClientStep {
    this.#step = { send: [], events: [] };
    this.#received += bytes.length;
    let input = asBuffer(bytes);
    if (!this.#shaken) {
      const { send, done, rest } = this.#handshake.push(input);
      if (send !== undefined) this.#step.send.push(send);
      if (!done) return this.#step;
      this.#shaken = true;
      this.#connect();
      input = rest;
    }
    this.#reader.push(input);
    for (let message = this.#reader.next(); message; message = this.#reader.next()) this.#receive(message);
    this.#acknowledge();
    return this.#step;
  }

  /** One audio, video or data message for the server; meaningful after `ready`. `timestamp` in milliseconds. */
  encodeMedia(media: { type: number; timestamp: number; payload: Buffer }): Buffer {
    const { type } = media;
    const chunkStreamId =
      type === MessageType.audio
        ? CHUNK_STREAM.audio
        : type === MessageType.video
          ? CHUNK_STREAM.video
          : CHUNK_STREAM.data;
    return encodeMessage({ ...media, streamId: this.#streamId, chunkStreamId }, this.#chunkSize);
  }

  /** The bytes of an orderly end: FCUnpublish and deleteStream. */
  finish(): Buffer {
    const { mode, stream } = this.#options;
    const messages = mode === 'publish' ? [command('FCUnpublish', { values: [null, stream] })] : [];
    messages.push(command('deleteStream', { values: [null, this.#streamId] }));
    return Buffer.concat(messages.map((message) => encodeMessage(message, this.#chunkSize)));
  }

  #connect(): void {
    const { mode, app, tcUrl } = this.#options;
    const argument: AmfObject = { app, flashVer: 'FMLE/3.0 (compatible; Sluice)', tcUrl };
    if (mode === 'publish') argument['type'] = 'nonprivate';
    // The default size holds until the server has read this one.
    this.#step.send.push(encodeMessage(setChunkSize(this.#chunkSize), PROTOCOL_CHUNK_SIZE));
    this.#send(command('connect', { transactionId: Transaction.connect, values: [argument] }));
  }

  #receive(message: RtmpMessage): void {
    switch (message.type) {
      case MessageType.windowAckSize:
        this.#window = parseControlValue(message);
        break;
      case MessageType.userControl:
        this.#userControl(message);
        break;
      case MessageType.commandAmf0:
      case MessageType.commandAmf3:
        this.#command(message);
        break;
      case MessageType.audio:
      case MessageType.video:
      case MessageType.aggregate:
      case MessageType.dataAmf0:
      case MessageType.dataAmf3:
        this.#event({ type: 'media', message });
        break;
      default: // Acknowledgements and the peer's wishes for our bandwidth need no answer.
    }
  }

  #userControl(message: RtmpMessage): void {
    const control = parseUserControl(message);
    if (control.event === 'pingRequest') this.#send(pingResponse(control.time));
    if (control.event === 'streamEof') this.#close('StreamEOF');
  }

  #command(message: RtmpMessage): void {
    const [name, transactionId, , argument] = decodeAmf0(amf0Body(message));
    if (name === '_result') this.#result(transactionId, argument);
    else if (name === '_error' && isVital(transactionId)) {
      this.#event({ type: 'status', ...toStatus(argument), level: 'error' });
      this.#close(toStatus(argument).code);
    } else if (name === 'onStatus') this.#status(toStatus(argument));
    else if (name === 'close') this.#close('close');
  }

  #result(transactionId: AmfValue, argument: AmfValue): void {
    if (transactionId === Transaction.connect) this.#createStream();
    if (transactionId !== Transaction.createStream) return;
    if (typeof argument !== 'number') throw new RtmpError('createStream without a stream id');
    this.#streamId = argument;
    this.#begin();
  }

  #createStream(): void {
    const { mode, stream } = this.#options;
    if (mode === 'publish') {
      const values = [null, stream];
      this.#send(command('releaseStream', { transactionId: Transaction.releaseStream, values }));
      this.#send(command('FCPublish', { transactionId: Transaction.fcPublish, values }));
    }
    this.#send(command('createStream', { transactionId: Transaction.createStream }));
  }

  #begin(): void {
    const { mode, stream } = this.#options;
    const values = mode === 'publish' ? [null, stream, 'live'] : [null, stream, -2000];
    const start = command(mode, { transactionId: Transaction.start, streamId: this.#streamId, values });
    this.#send({ ...start, chunkStreamId: CHUNK_STREAM.command });
    if (mode === 'play') this.#send(setBufferLength(this.#streamId, PLAYER_BUFFER));
  }

  #status(status: Status): void {
    this.#event({ type: 'status', ...status });
    if (status.code === 'NetStream.Publish.Start' || status.code === 'NetStream.Play.Start') {
      if (!this.#ready) this.#event({ type: 'ready' });
      this.#ready = true;
    } else if (status.level === 'error' || END_CODES.has(status.code)) this.#close(status.code);
  }

  #close(code: string): void {
    if (!this.#closed) this.#event({ type: 'closed', code });
    this.#closed = true;
  }

  /** Acknowledges after every window of received bytes; the count wraps at 2^32. */
  #acknowledge(): void {
    if (this.#window === 0 || this.#received - this.#acknowledged < this.#window) return;
    this.#acknowledged = this.#received;
    this.#send(acknowledgement(this.#received));
  }

  #send(message: RtmpMessage): void {
    this.#step.send.push(encodeMessage(message, this.#chunkSize));
  }

  #event(event: ClientEvent): void {
    this.#step.events.push(event);
  }
}

/** The refusal of releaseStream or FCPublish does no harm; many servers do not know them. */
function isVital(transactionId: AmfValue): boolean {
  return transactionId !== Transaction.releaseStream && transactionId !== Transaction.fcPublish;
}

function toStatus(value: AmfValue): Status {
  const { level, code, description } = isObject(value) ? value : {};
  return {
    level: level === 'error' || level === 'warning' ? level : 'status',
    code: typeof code === 'string' ? code : '',
    description: typeof description === 'string' ? description : '',
  };
}
