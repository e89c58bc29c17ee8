import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { decodeAmf0 } from '../../src/wire/rtmp/amf0.ts';
import type { AmfValue } from '../../src/wire/rtmp/amf0.ts';
import { ChunkReader } from '../../src/wire/rtmp/chunk-reader.ts';
import { encodeMessage } from '../../src/wire/rtmp/chunk-writer.ts';
import { amf0Body } from '../../src/wire/rtmp/commands.ts';
import { setChunkSize } from '../../src/wire/rtmp/control.ts';
import type { RtmpMessage } from '../../src/wire/rtmp/messages.ts';
import { command } from '../../src/wire/rtmp/responses.ts';
import { until } from './wait.ts';

const CHUNK_SIZE = 60_000;

/** An RTMP client that does only what the test says, right or wrong. */
export class RtmpPeer {
  readonly socket: Socket;
  readonly messages: RtmpMessage[] = [];
  readonly #reader = new ChunkReader();
  #handshakeBytes = 0;
  #closed = false;
  #ended = false;

  /** `allowHalfOpen`: does not answer a FIN with its own. */
  constructor(port: number, options: { allowHalfOpen?: boolean; localAddress?: string } = {}) {
    this.socket = connect({ host: '127.0.0.1', port, noDelay: true, ...options });
    this.socket.on('error', () => undefined);
    this.socket.on('end', () => (this.#ended = true));
    this.socket.on('close', () => (this.#closed = true));
    this.socket.on('data', (bytes: Buffer) => this.#receive(bytes));
  }

  /** Connected, shaken hands, `connect` accepted. */
  static async connected(
    port: number,
    options: { app?: string; tcUrl?: string; allowHalfOpen?: boolean } = {},
  ): Promise<RtmpPeer> {
    const peer = new RtmpPeer(port, options);
    await peer.handshake();
    const { app = 'live', tcUrl = `rtmp://127.0.0.1/${app}` } = options;
    peer.command('connect', 1, { app, tcUrl });
    await peer.waitFor('_result');
    return peer;
  }

  /** A peer that publishes. */
  static async publishing(
    port: number,
    stream: string,
    options: { app?: string; tcUrl?: string; allowHalfOpen?: boolean } = {},
  ): Promise<RtmpPeer> {
    const peer = await RtmpPeer.connected(port, options);
    peer.command('createStream', 2, null);
    peer.command('publish', 3, null, stream, 'live');
    await until(() => peer.codes().length > 0 || peer.isClosed, 'an answer to publish');
    return peer;
  }

  /** Whether the socket is gone. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /** Whether the server has closed its side. */
  get isEnded(): boolean {
    return this.#ended;
  }

  /** Codes of the `onStatus` so far. */
  codes(): string[] {
    return this.commands('onStatus').map(([, , , info]) => String((info as { code?: string }).code));
  }

  /** Values of the commands of this name so far. */
  commands(name: string): AmfValue[][] {
    return this.messages
      .filter(({ type }) => type === 20)
      .map((message) => decodeAmf0(amf0Body(message)))
      .filter(([first]) => first === name);
  }

  async handshake(): Promise<void> {
    const c0c1 = Buffer.alloc(1537);
    c0c1[0] = 3;
    this.write(Buffer.concat([c0c1, Buffer.alloc(1536)]));
    await until(() => this.#handshakeBytes === 3073 || this.#closed, 'the handshake');
    this.write(encodeMessage(setChunkSize(CHUNK_SIZE), 128));
  }

  write(bytes: Buffer): void {
    if (!this.socket.destroyed) this.socket.write(bytes);
  }

  send(message: Partial<RtmpMessage> & Pick<RtmpMessage, 'type' | 'payload'>): void {
    this.write(encodeMessage({ streamId: 1, chunkStreamId: 6, timestamp: 0, ...message }, CHUNK_SIZE));
  }

  command(name: string, transactionId: number, ...values: AmfValue[]): void {
    this.write(encodeMessage(command(name, { transactionId, streamId: 0, values }), CHUNK_SIZE));
  }

  async waitFor(name: string): Promise<AmfValue[]> {
    await until(() => this.commands(name).length > 0 || this.#closed, `an answer ${name}`);
    return this.commands(name)[0] ?? [];
  }

  destroy(): void {
    this.socket.destroy();
  }

  #receive(bytes: Buffer): void {
    const handshake = Math.min(3073 - this.#handshakeBytes, bytes.length);
    this.#handshakeBytes += handshake;
    this.#reader.push(bytes.subarray(handshake));
    for (let message = this.#reader.next(); message; message = this.#reader.next())
      this.messages.push(message);
  }
}
