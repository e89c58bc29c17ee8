import { createHmac, timingSafeEqual } from 'node:crypto';
import { asBuffer, EMPTY, joinBytes } from '../bytes.ts';
import { RtmpError, type RandomBytes } from './messages.ts';

/** Size of C1, S1, C2 and S2 in bytes. */
const PACKET = 1536;
const VERSION = 3;
const DIGEST = 32;

/**
 * The well-known constants of the digest ("complex") handshake, as every open implementation carries them. The first
 * part alone signs C1 and S1, the whole signs C2 and S2.
 */
const KEY_TAIL = Buffer.from('f0eec24a8068bee82e00d0d1029e7e576eec5d2d29806fab93b8e636cfeb31ae', 'hex');
const SERVER_NAME = Buffer.from('Genuine Adobe Flash Media Server 001', 'latin1');
const CLIENT_NAME = Buffer.from('Genuine Adobe Flash Player 001', 'latin1');
const SERVER_KEY = Buffer.concat([SERVER_NAME, KEY_TAIL]);

/** Where the four bytes that place the digest stand: the two schemes in use. */
const SCHEMES = [8, 772] as const;
type Scheme = (typeof SCHEMES)[number];

/** What a handshake wants after some bytes of the peer. */
export interface HandshakeStep {
  /** Bytes to write to the peer now. */
  send?: Buffer;
  /** True once the peer has finished its part; then `rest` is the beginning of the chunk stream. */
  done: boolean;
  rest: Buffer;
}

/**
 * The server's side of the RTMP handshake, simple and complex (digest, both schemes): it answers in the form that the
 * client's C1 has. C2 is not verified, because real encoders send rubbish in it.
 */
export class ServerHandshake {
  readonly #random: RandomBytes;
  #buffered: Buffer = EMPTY;
  #answered = false;

  constructor(options: { randomBytes: RandomBytes }) {
    this.#random = options.randomBytes;
  }

  /**
   * Feeds bytes of the client. Call it until `done`; afterwards the bytes belong to a `ChunkReader`.
   * @throws RtmpError when the first byte is not RTMP version 3 (so also for HTTP, TLS and RTMPE)
   */
  push(bytes: Uint8Array): HandshakeStep {
    this.#buffered = joinBytes(this.#buffered, bytes);
    const answer = this.#answered ? undefined : this.#answer();
    if (!this.#answered || this.#buffered.length < PACKET) return step(answer, false, EMPTY);
    const rest = this.#buffered.subarray(PACKET);
    this.#buffered = EMPTY;
    return step(answer, true, rest);
  }

  /** S0, S1 and S2 once C0 and C1 are here. */
  #answer(): Buffer | undefined {
    const input = this.#buffered;
    if (input.length > 0) checkVersion(input);
    if (input.length < 1 + PACKET) return undefined;
    const c1 = input.subarray(1, 1 + PACKET);
    this.#buffered = input.subarray(1 + PACKET);
    this.#answered = true;
    const scheme = findScheme(c1);
    return scheme === undefined ? this.#simpleAnswer(c1) : this.#digestAnswer(c1, scheme);
  }

  #simpleAnswer(c1: Buffer): Buffer {
    const out = Buffer.alloc(1 + 2 * PACKET);
    out[0] = VERSION;
    out.set(this.#random(PACKET - 8), 1 + 8);
    out.set(c1, 1 + PACKET);
    return out;
  }

  #digestAnswer(c1: Buffer, scheme: Scheme): Buffer {
    const out = Buffer.alloc(1 + 2 * PACKET);
    out[0] = VERSION;
    const s1 = out.subarray(1, 1 + PACKET);
    s1.writeUInt32BE(0x04050001, 4); // any version but 0 marks the digest form
    s1.set(this.#random(PACKET - 8), 8);
    const at = digestOffset(s1, scheme);
    s1.set(digestWithout(s1, at, SERVER_NAME), at);

    const s2 = out.subarray(1 + PACKET);
    s2.set(this.#random(PACKET - DIGEST), 0);
    const clientAt = digestOffset(c1, scheme);
    const key = hmac(SERVER_KEY, c1.subarray(clientAt, clientAt + DIGEST));
    s2.set(hmac(key, s2.subarray(0, PACKET - DIGEST)), PACKET - DIGEST);
    return out;
  }
}

/** The client's side of the simple handshake, which every server understands. */
export class ClientHandshake {
  readonly #random: RandomBytes;
  #buffered: Buffer = EMPTY;

  constructor(options: { randomBytes: RandomBytes }) {
    this.#random = options.randomBytes;
  }

  /** C0 and C1, to be sent first. */
  start(): Buffer {
    const out = Buffer.alloc(1 + PACKET);
    out[0] = VERSION;
    out.set(this.#random(PACKET - 8), 1 + 8);
    return out;
  }

  /**
   * Feeds bytes of the server; when `done`, `send` is C2.
   * @throws RtmpError when the first byte is not RTMP version 3
   */
  push(bytes: Uint8Array): HandshakeStep {
    this.#buffered = joinBytes(this.#buffered, bytes);
    const input = this.#buffered;
    if (input.length > 0) checkVersion(input);
    if (input.length < 1 + 2 * PACKET) return step(undefined, false, EMPTY);
    this.#buffered = EMPTY;
    return step(input.subarray(1, 1 + PACKET), true, input.subarray(1 + 2 * PACKET));
  }
}

function step(send: Buffer | undefined, done: boolean, rest: Buffer): HandshakeStep {
  return send === undefined ? { done, rest } : { send, done, rest };
}

function checkVersion(input: Buffer): void {
  if (input[0] !== VERSION) throw new RtmpError('handshake: not RTMP version 3');
}

/** The scheme whose digest in C1 is right; undefined for a simple handshake. */
function findScheme(c1: Buffer): Scheme | undefined {
  if (c1.readUInt32BE(4) === 0) return undefined;
  return SCHEMES.find((scheme) => {
    const at = digestOffset(c1, scheme);
    return timingSafeEqual(c1.subarray(at, at + DIGEST), digestWithout(c1, at, CLIENT_NAME));
  });
}

/** The digest lies in the 764-byte block that begins with the four placing bytes. */
function digestOffset(packet: Buffer, scheme: Scheme): number {
  const sum = packet.readUInt8(scheme) + packet.readUInt8(scheme + 1) + packet.readUInt8(scheme + 2);
  return ((sum + packet.readUInt8(scheme + 3)) % 728) + scheme + 4;
}

/** The digest of a packet: everything except the digest's own 32 bytes. */
function digestWithout(packet: Buffer, at: number, key: Buffer): Buffer {
  return createHmac('sha256', key)
    .update(packet.subarray(0, at))
    .update(packet.subarray(at + DIGEST))
    .digest();
}

function hmac(key: Uint8Array, data: Uint8Array): Buffer {
  return createHmac('sha256', asBuffer(key)).update(data).digest();
}
