import { EMPTY, joinBytes, PayloadBuffer } from '../bytes.ts';
import { MessageType, RtmpError, type RtmpMessage } from './messages.ts';

/** Bounds on what one connection may send; sizes in bytes. */
export interface ChunkLimits {
  /** Chunk streams in use on one connection. */
  chunkStreams: number;
  /** A protocol control or user control message. */
  control: number;
  /** A command. */
  command: number;
  /** A data message (metadata), and a message of a type that we do not know. */
  data: number;
  /** An audio, video or aggregate message. */
  media: number;
  /** Memory for all unfinished messages of the connection together. */
  unfinished: number;
}

export const DEFAULT_CHUNK_LIMITS: Readonly<ChunkLimits> = {
  chunkStreams: 32,
  control: 64,
  command: 64 * 1024,
  data: 256 * 1024,
  media: 8 * 1024 * 1024,
  unfinished: 16 * 1024 * 1024,
};

const DEFAULT_CHUNK_SIZE = 128;
/** No message is longer than this, so larger chunk sizes mean the same (Adobe RTMP 1.0, 5.4.1). */
const MAX_CHUNK_SIZE = 1 << 24;
const EXTENDED = 0xffffff;
/** A new message buffer has room for at most this many chunks, however many bytes are at hand. */
const CHUNKS_AHEAD = 16;

/** What is remembered of one chunk stream: its last header and the message under way. */
interface ChunkStream {
  readonly id: number;
  type: number;
  streamId: number;
  length: number;
  timestamp: number;
  delta: number;
  /** The extended timestamp of the last full header as it was sent; undefined when it had none. */
  extended: number | undefined;
  /** The message under way; undefined between messages. */
  payload: PayloadBuffer | undefined;
}

/**
 * Turns the bytes of one peer into messages. Call `next` until it gives undefined after every `push`. Set Chunk Size
 * and Abort act inside and are not handed out. `next` throws `RtmpError` when the peer breaks the protocol or a limit;
 * the reader is of no use afterwards.
 */
export class ChunkReader {
  readonly #limits: ChunkLimits;
  readonly #streams = new Map<number, ChunkStream>();
  #input: Buffer = EMPTY;
  #at = 0;
  /** Nobody else changes the input. */
  #isOwn = true;
  #chunkSize = DEFAULT_CHUNK_SIZE;
  /** The stream whose chunk is arriving, and how much of that chunk is missing. */
  #current: ChunkStream | undefined;
  #chunkMissing = 0;
  #unfinished = 0;
  /** False once the peer has been seen not to repeat the extended timestamp in fmt 3 chunks. */
  #repeatsExtended = true;

  constructor(limits: Partial<ChunkLimits> = {}) {
    this.#limits = { ...DEFAULT_CHUNK_LIMITS, ...limits };
  }

  /** Replaces some limits from the next chunk header on, e.g. `{ media: 0 }` until a publisher is admitted. */
  setLimits(limits: Partial<ChunkLimits>): void {
    Object.assign(this.#limits, limits);
  }

  /** Sets the peer's chunk size as its Set Chunk Size would. @throws RtmpError when it is not 1..2^31-1 */
  setChunkSize(size: number): void {
    if (!(size >= 1 && size <= 0x7fffffff)) throw new RtmpError('chunk size out of range');
    this.#chunkSize = Math.min(size, MAX_CHUNK_SIZE);
  }

  /** Bytes of memory that it holds: unfinished messages, and what the last bytes pushed are views of. */
  get held(): number {
    return this.#unfinished + this.#input.buffer.byteLength;
  }

  /** Adds bytes of the peer. They must not change before `next` gives undefined or `keep` is called. */
  push(bytes: Buffer): void {
    const rest = this.#input.subarray(this.#at);
    this.#input = joinBytes(rest, bytes);
    this.#isOwn = rest.length > 0 && (bytes.length > 0 || this.#isOwn);
    this.#at = 0;
  }

  /** Copies what has not been read yet, so that the bytes pushed may change; once, however often it is called. */
  keep(): void {
    if (!this.#isOwn) this.#copyRest();
  }

  #copyRest(): void {
    // A connection at rest does not keep its last bytes.
    this.#input = this.#at === this.#input.length ? EMPTY : Buffer.from(this.#input.subarray(this.#at));
    this.#isOwn = true;
    this.#at = 0;
  }

  /** The next whole message, in memory of its own; undefined when more bytes are needed. */
  next(): RtmpMessage | undefined {
    const message = this.#read();
    if (message === undefined) this.#copyRest();
    return message;
  }

  #read(): RtmpMessage | undefined {
    for (;;) {
      this.#current ??= this.#readHeader();
      if (this.#current === undefined) return undefined;
      const message = this.#readPayload(this.#current);
      if (message === undefined) {
        if (this.#at === this.#input.length) return undefined;
      } else if (message.type === MessageType.setChunkSize) {
        this.setChunkSize(controlValue(message));
      } else if (message.type === MessageType.abort) {
        this.#drop(controlValue(message));
      } else {
        return message;
      }
    }
  }

  /** Reads one chunk header whole or not at all; the stream of the chunk, or undefined for want of bytes. */
  #readHeader(): ChunkStream | undefined {
    const input = this.#input;
    if (this.#at === input.length) return undefined;
    const first = input.readUInt8(this.#at);
    const fmt = first >> 6;
    const at = this.#at + basicHeaderSize(first);
    if (at + messageHeaderSize(fmt) > input.length) return undefined;
    const id = chunkStreamId(input, this.#at);
    const stream = this.#streams.get(id) ?? this.#open(id, fmt);
    const end = fmt === 3 ? this.#continue(stream, at) : this.#begin(stream, { fmt, at });
    if (end < 0) return undefined;
    this.#at = end;
    this.#chunkMissing = Math.min(this.#chunkSize, stream.length - (stream.payload?.received ?? 0));
    return stream;
  }

  /** A chunk stream seen for the first time. It must start with a full header, but librtmp's pings come with fmt 1. */
  #open(id: number, fmt: number): ChunkStream {
    if (fmt > 1) throw new RtmpError('chunk stream without a first header');
    if (this.#streams.size >= this.#limits.chunkStreams) throw new RtmpError('too many chunk streams');
    const stream: ChunkStream = {
      id,
      type: 0,
      streamId: 0,
      length: 0,
      timestamp: 0,
      delta: 0,
      extended: undefined,
      payload: undefined,
    };
    this.#streams.set(id, stream);
    return stream;
  }

  /** Reads a fmt 0, 1 or 2 message header; the position after it, or -1 for want of bytes. */
  #begin(stream: ChunkStream, header: { fmt: number; at: number }): number {
    const { fmt, at } = header;
    const input = this.#input;
    if (stream.payload !== undefined) throw new RtmpError('message header inside an unfinished message');
    const field = input.readUIntBE(at, 3);
    let end = at + messageHeaderSize(fmt);
    if (field === EXTENDED && end + 4 > input.length) return -1;
    stream.extended = field === EXTENDED ? input.readUInt32BE(end) : undefined;
    if (stream.extended !== undefined) end += 4;
    stream.delta = stream.extended ?? field;
    stream.timestamp = fmt === 0 ? stream.delta : (stream.timestamp + stream.delta) >>> 0;
    if (fmt < 2) {
      stream.length = input.readUIntBE(at + 3, 3);
      stream.type = input.readUInt8(at + 6);
    }
    if (fmt === 0) stream.streamId = input.readUInt32LE(at + 7);
    this.#checkLength(stream);
    return end;
  }

  /** Reads what a fmt 3 chunk may carry; the position after it, or -1 for want of bytes. */
  #continue(stream: ChunkStream, at: number): number {
    const size = this.#repeatedSize(stream, at);
    if (size < 0) return -1;
    if (stream.payload === undefined) {
      stream.timestamp = (stream.timestamp + stream.delta) >>> 0;
      this.#checkLength(stream);
    }
    return at + size;
  }

  /**
   * Size of a repeated extended timestamp. The specification wants it, some peers leave it out; a value other than the
   * one sent before is payload, and then this peer does not repeat.
   */
  #repeatedSize(stream: ChunkStream, at: number): number {
    if (stream.extended === undefined || !this.#repeatsExtended) return 0;
    const input = this.#input;
    const size = Math.min(4, input.length - at);
    // With fewer bytes at hand than 4 the beginning may tell already.
    if (size > 0 && input.readUIntBE(at, size) !== stream.extended >>> (8 * (4 - size))) {
      this.#repeatsExtended = false;
      return 0;
    }
    return size === 4 ? 4 : -1;
  }

  /** Takes what is at hand of the current chunk; the message if that completes it. */
  #readPayload(stream: ChunkStream): RtmpMessage | undefined {
    const input = this.#input;
    const start = this.#at;
    const end = Math.min(start + this.#chunkMissing, input.length);
    if (stream.payload === undefined && end - start === stream.length) {
      this.#at = end;
      this.#current = undefined;
      return toMessage(stream, copyOf(input, start, end));
    }
    if (end === start) return undefined;
    const allocated = stream.payload?.allocated ?? 0;
    stream.payload ??= new PayloadBuffer(
      stream.length,
      Math.min(input.length - start, this.#chunkSize * CHUNKS_AHEAD),
    );
    stream.payload.append(input, start, end);
    this.#unfinished += stream.payload.allocated - allocated;
    if (this.#unfinished > this.#limits.unfinished) throw new RtmpError('too much unfinished');
    this.#at = end;
    this.#chunkMissing -= end - start;
    if (this.#chunkMissing > 0) return undefined;
    this.#current = undefined;
    return stream.payload.missing > 0 ? undefined : this.#finish(stream, stream.payload);
  }

  #finish(stream: ChunkStream, payload: PayloadBuffer): RtmpMessage {
    this.#drop(stream.id);
    return toMessage(stream, payload.take());
  }

  /** Forgets the message under way on a chunk stream, if there is one. */
  #drop(id: number): void {
    const stream = this.#streams.get(id);
    if (stream?.payload === undefined) return;
    this.#unfinished -= stream.payload.allocated;
    stream.payload = undefined;
  }

  #checkLength(stream: ChunkStream): void {
    if (stream.length > this.#limits[limitOf(stream.type)]) throw new RtmpError('message too long');
  }
}

function copyOf(source: Buffer, start: number, end: number): Buffer {
  const copy = Buffer.allocUnsafe(end - start);
  source.copy(copy, 0, start, end);
  return copy;
}

function toMessage(stream: ChunkStream, payload: Buffer): RtmpMessage {
  const { type, streamId, timestamp, id } = stream;
  return { type, streamId, chunkStreamId: id, timestamp, payload };
}

function basicHeaderSize(first: number): number {
  const low = first & 0x3f;
  return low > 1 ? 1 : low + 2;
}

function chunkStreamId(input: Buffer, at: number): number {
  const low = input.readUInt8(at) & 0x3f;
  if (low > 1) return low;
  return 64 + (low === 0 ? input.readUInt8(at + 1) : input.readUInt16LE(at + 1));
}

function messageHeaderSize(fmt: number): number {
  return fmt === 0 ? 11 : fmt === 3 ? 0 : 11 - fmt * 4;
}

function limitOf(type: number): 'control' | 'command' | 'data' | 'media' {
  switch (type) {
    case MessageType.audio:
    case MessageType.video:
    case MessageType.aggregate:
      return 'media';
    case MessageType.commandAmf0:
    case MessageType.commandAmf3:
      return 'command';
    default:
      return type < MessageType.audio ? 'control' : 'data';
  }
}

function controlValue(message: RtmpMessage): number {
  if (message.payload.length < 4) throw new RtmpError('control message too short');
  return message.payload.readUInt32BE(0);
}
