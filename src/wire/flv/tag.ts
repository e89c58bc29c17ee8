import { EMPTY, joinBytes, keepSlice, PayloadBuffer } from '../bytes.ts';

/** FLV tag types (Adobe FLV 10.1, annex E); they equal the RTMP message types. */
export const TagType = { audio: 8, video: 9, script: 18 } as const;

/** One FLV tag. `timestamp` is milliseconds as an unsigned 32-bit integer. */
export interface FlvTag {
  type: number;
  timestamp: number;
  payload: Buffer;
}

/** The bytes are not FLV, or go over a limit. */
export class FlvError extends Error {
  override readonly name = 'FlvError';
}

/** A tag header that has been read, before its payload. */
interface TagHeader {
  type: number;
  timestamp: number;
  length: number;
}

/** File header with the first back pointer, 13 bytes. */
const FILE_HEADER = 13;
const TAG_HEADER = 11;
const BACK_POINTER = 4;
/** The longest payload that fits a tag's 24-bit length, in bytes. */
const MAX_PAYLOAD = 0xffffff;

/** The beginning of an FLV stream: file header and the first back pointer, 13 bytes. */
export function flvHeader(has: { audio: boolean; video: boolean }): Buffer {
  const out = Buffer.from([0x46, 0x4c, 0x56, 1, 0, 0, 0, 0, 9, 0, 0, 0, 0]);
  out[4] = (has.audio ? 4 : 0) | (has.video ? 1 : 0);
  return out;
}

/** A whole tag: header, payload, back pointer. @throws FlvError when the payload does not fit a tag (16 MiB) */
export function encodeTag(tag: FlvTag): Buffer {
  const { payload } = tag;
  if (payload.length > MAX_PAYLOAD) throw new FlvError('tag too long');
  const out = Buffer.allocUnsafe(TAG_HEADER + payload.length + BACK_POINTER);
  const timestamp = tag.timestamp >>> 0;
  out[0] = tag.type;
  out.writeUIntBE(payload.length, 1, 3);
  out.writeUIntBE(timestamp & 0xffffff, 4, 3);
  out[7] = timestamp >>> 24;
  out.fill(0, 8, TAG_HEADER);
  payload.copy(out, TAG_HEADER);
  out.writeUInt32BE(TAG_HEADER + payload.length, TAG_HEADER + payload.length);
  return out;
}

/**
 * Turns the bytes of an FLV stream into tags. Call `next` until it gives undefined after every `push`. `next` throws
 * `FlvError` when the bytes are not FLV or a tag is longer than `maxPayload` (8 MiB by default).
 */
export class FlvReader {
  readonly #maxPayload: number;
  #input: Buffer = EMPTY;
  #at = 0;
  /** Bytes to pass over before the next tag header. */
  #skip = 0;
  #started = false;
  #tag: TagHeader | undefined;
  #payload: PayloadBuffer | undefined;

  constructor(options: { maxPayload?: number } = {}) {
    this.#maxPayload = options.maxPayload ?? 8 * 1024 * 1024;
  }

  /** Adds bytes. They must not be changed afterwards: payloads may be views of them. */
  push(bytes: Buffer): void {
    this.#input = joinBytes(this.#input.subarray(this.#at), bytes);
    this.#at = 0;
  }

  next(): FlvTag | undefined {
    if (!this.#started && !this.#readFileHeader()) return undefined;
    this.#tag ??= this.#readTagHeader();
    if (this.#tag === undefined) return undefined;
    const { type, timestamp, length } = this.#tag;
    const payload = this.#readPayload(length);
    if (payload === undefined) return undefined;
    this.#tag = undefined;
    this.#payload = undefined;
    this.#skip = BACK_POINTER;
    return { type, timestamp, payload };
  }

  #readFileHeader(): boolean {
    const input = this.#input;
    if (input.length < FILE_HEADER) {
      if (!'FLV'.startsWith(input.toString('latin1', 0, 3))) throw new FlvError('not FLV');
      return false;
    }
    const offset = input.readUInt32BE(5);
    if (input.toString('latin1', 0, 3) !== 'FLV') throw new FlvError('not FLV');
    if (offset < 9 || offset > 1024) throw new FlvError('bad header');
    this.#skip = offset + BACK_POINTER;
    this.#started = true;
    return true;
  }

  #readTagHeader(): TagHeader | undefined {
    const passed = Math.min(this.#skip, this.#input.length - this.#at);
    this.#at += passed;
    this.#skip -= passed;
    const input = this.#input;
    const at = this.#at;
    if (at + TAG_HEADER > input.length) return undefined;
    const length = input.readUIntBE(at + 1, 3);
    if (length > this.#maxPayload) throw new FlvError('tag too long');
    this.#at += TAG_HEADER;
    const timestamp = (input.readUIntBE(at + 4, 3) | (input.readUInt8(at + 7) << 24)) >>> 0;
    return { type: input.readUInt8(at) & 0x1f, timestamp, length };
  }

  #readPayload(length: number): Buffer | undefined {
    const start = this.#at;
    const missing = this.#payload?.missing ?? length;
    const end = Math.min(start + missing, this.#input.length);
    this.#at = end;
    if (this.#payload === undefined && end - start === length) return keepSlice(this.#input, start, end);
    this.#payload ??= new PayloadBuffer(length, end - start);
    this.#payload.append(this.#input, start, end);
    return this.#payload.missing === 0 ? this.#payload.take() : undefined;
  }
}
