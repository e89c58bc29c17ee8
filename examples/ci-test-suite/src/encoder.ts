import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Larger than whatever is sent here, so that every message is one chunk. */
const CHUNK_SIZE = 65_536;

/** RTMP message types. */
const SET_CHUNK_SIZE = 1;
const AUDIO = 8;
const COMMAND = 20;

/** AAC at 44.1 kHz: what the decoder must know, and a frame of silence. */
const AAC_HEADER = Buffer.from([0xaf, 0x00, 0x12, 0x10]);
const AAC_SILENCE = Buffer.from([0xaf, 0x01, 0x21, 0x10, 0x04, 0x60, 0x8c, 0x1c]);
const FRAME_MS = 23;

/** The service did not let the stream in; the code says why, `NetStream.Publish.Unauthorized` for a forbidden one. */
export class RefusedError extends Error {
  override name = 'RefusedError';
}

/** Whom to publish to, and what. */
export interface PublishTarget {
  readonly port: number;
  readonly domain: string;
  readonly app: string;
  /** With its arguments, as `cam1?auth_key=...`. */
  readonly name: string;
}

/** A publisher of silence. Made by {@link publish}. */
export class Encoder {
  /** Resolves with the last status code when the connection is gone, whoever ended it. */
  readonly ended: Promise<string>;
  readonly #socket: Socket;

  constructor(socket: Socket, ended: Promise<string>) {
    this.#socket = socket;
    this.ended = ended;
    send(socket, { type: AUDIO, timestamp: 0, payload: AAC_HEADER });
    let timestamp = 0;
    const timer = setInterval(() => {
      timestamp += FRAME_MS;
      send(socket, { type: AUDIO, timestamp, payload: AAC_SILENCE });
    }, FRAME_MS);
    socket.once('close', () => clearInterval(timer));
  }

  /** Stops publishing. */
  async stop(): Promise<void> {
    this.#socket.destroy();
    await this.ended;
  }
}

/** Publishes; resolves when the service has agreed. @throws RefusedError */
export async function publish({ port, domain, app, name }: PublishTarget): Promise<Encoder> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  // A cut stream is reset; how it ended is told by the close that follows.
  socket.on('error', () => undefined);
  const statuses = new StatusReader();
  await shakeHands(socket, (bytes) => statuses.push(bytes));
  const ended = new Promise<string>((resolve) => {
    socket.once('close', () => resolve(statuses.last ?? 'closed without a word'));
  });

  const size = Buffer.alloc(4);
  size.writeUInt32BE(CHUNK_SIZE);
  send(socket, { type: SET_CHUNK_SIZE, timestamp: 0, payload: size });
  const tcUrl = `rtmp://${domain}/${app}`;
  command(socket, 0, ['connect', 1, { app, tcUrl, type: 'nonprivate', flashVer: 'example' }]);
  command(socket, 0, ['createStream', 2, null]);
  command(socket, 1, ['publish', 3, null, name, 'live']);

  while (statuses.last === undefined && !socket.closed) await sleep(5);
  if (statuses.last === 'NetStream.Publish.Start') return new Encoder(socket, ended);
  socket.destroy();
  throw new RefusedError(statuses.last ?? 'closed without a word');
}

/** The versions and random bytes that come first; what follows goes to `rest`. */
function shakeHands(socket: Socket, rest: (bytes: Buffer) => void): Promise<void> {
  const own = Buffer.concat([Buffer.from([3]), Buffer.alloc(8), randomBytes(1528)]);
  const whole = own.length + 1536;
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    let done = false;
    socket.once('close', () => reject(new RefusedError('closed before the handshake')));
    socket.once('connect', () => socket.write(own));
    socket.on('data', (bytes: Buffer) => {
      if (done) {
        rest(bytes);
        return;
      }
      received = Buffer.concat([received, bytes]);
      if (received.length < whole) return;
      done = true;
      socket.write(received.subarray(1, 1537));
      rest(received.subarray(whole));
      resolve();
    });
  });
}

interface Message {
  readonly type: number;
  readonly timestamp: number;
  readonly payload: Buffer;
}

/** One message as one chunk with a full header. */
function send(socket: Socket, { type, timestamp, payload }: Message, streamId = 1): void {
  if (!socket.writable) return;
  const header = Buffer.alloc(12);
  header.writeUInt8(type === SET_CHUNK_SIZE ? 2 : type === AUDIO ? 4 : 3, 0);
  header.writeUIntBE(timestamp, 1, 3);
  header.writeUIntBE(payload.length, 4, 3);
  header.writeUInt8(type, 7);
  header.writeUInt32LE(type === SET_CHUNK_SIZE ? 0 : streamId, 8);
  socket.write(Buffer.concat([header, payload]));
}

type Amf = string | number | null | Readonly<Record<string, string>>;

function command(socket: Socket, streamId: number, values: readonly Amf[]): void {
  const payload = Buffer.concat(values.map(amf0));
  send(socket, { type: COMMAND, timestamp: 0, payload }, streamId);
}

function amf0(value: Amf): Buffer {
  if (value === null) return Buffer.from([5]);
  if (typeof value === 'string') return Buffer.concat([Buffer.from([2]), utf8(value)]);
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(9);
    bytes.writeDoubleBE(value, 1);
    return bytes;
  }
  const fields = Object.entries(value).flatMap(([name, field]) => [utf8(name), amf0(field)]);
  return Buffer.concat([Buffer.from([3]), ...fields, Buffer.from([0, 0, 9])]);
}

function utf8(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Finds the status codes of the publish in what the service sends. */
class StatusReader {
  /** The newest of them. */
  last: string | undefined;
  #bytes = Buffer.alloc(0);
  #chunkSize = 128;
  readonly #streams = new Map<number, { type: number; length: number; parts: Buffer[]; read: number }>();

  push(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    for (let used = this.#chunk(); used > 0; used = this.#chunk()) this.#bytes = this.#bytes.subarray(used);
  }

  /** Reads one chunk; the bytes that it took, 0 when it is not whole yet. */
  #chunk(): number {
    const bytes = this.#bytes;
    const [first] = bytes;
    if (first === undefined) return 0;
    const [format, id] = [first >> 6, first & 0x3f];
    const headerLength = [12, 8, 4, 1][format] ?? 12;
    if (bytes.length < headerLength) return 0;
    const stream = this.#streams.get(id) ?? { type: 0, length: 0, parts: [], read: 0 };
    this.#streams.set(id, stream);
    if (format < 2) {
      stream.length = bytes.readUIntBE(4, 3);
      stream.type = bytes.readUInt8(7);
    }
    const size = Math.min(stream.length - stream.read, this.#chunkSize);
    if (bytes.length < headerLength + size) return 0;
    stream.parts.push(bytes.subarray(headerLength, headerLength + size));
    stream.read += size;
    if (stream.read === stream.length) {
      this.#message(stream.type, Buffer.concat(stream.parts));
      stream.parts = [];
      stream.read = 0;
    }
    return headerLength + size;
  }

  #message(type: number, payload: Buffer): void {
    if (type === SET_CHUNK_SIZE) this.#chunkSize = payload.readUInt32BE();
    if (type !== COMMAND) return;
    const [code] = /NetStream\.Publish\.\w+/.exec(payload.toString('latin1')) ?? [];
    this.last = code ?? this.last;
  }
}
