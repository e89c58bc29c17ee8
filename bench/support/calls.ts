import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { formatTimestamp } from '../../src/base/timestamp.ts';
import { signV3 } from '../../src/wire/rpc/signer.ts';

/** Whom to sign for. */
export interface Signer {
  readonly host: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
}

/** One call as the bytes of an HTTP request, signed with V3 as the SDKs do it: POST, parameters in the query. */
export function signedRequest(
  signer: Signer,
  action: string,
  query: Readonly<Record<string, string>>,
): Buffer {
  const { method, target, headers } = signV3({
    ...signer,
    method: 'POST',
    action,
    version: '2016-11-01',
    nonce: crypto.randomUUID(),
    date: formatTimestamp(Date.now()),
    query,
  });
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines}content-length: 0\r\n\r\n`);
}

/** A keep-alive connection that makes one call after the other. */
export class Caller {
  readonly #socket: Socket;
  #answer: ((text: string) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;
  #received = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes) => this.#receive(bytes));
    socket.on('close', () => this.#failed?.(new Error('the server closed the connection')));
    socket.on('error', (error) => this.#failed?.(error));
  }

  static open(port: number): Promise<Caller> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      socket.once('connect', () => resolve(new Caller(socket)));
      socket.once('error', reject);
    });
  }

  /** Sends a request; gives the body of its answer. @throws Error for anything but 200 */
  call(request: Buffer): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#answer = resolve;
      this.#failed = reject;
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#failed = undefined;
    this.#socket.destroy();
  }

  /** Answers of these servers have a Content-Length and ASCII text. */
  #receive(bytes: Buffer): void {
    this.#received += bytes.toString('latin1');
    const head = this.#received.indexOf('\r\n\r\n');
    if (head === -1) return;
    const length = Number(/content-length: (\d+)/i.exec(this.#received)?.[1]);
    const body = this.#received.slice(head + 4);
    if (body.length < length) return;
    const isOk = this.#received.startsWith('HTTP/1.1 200');
    this.#received = '';
    if (isOk) this.#answer?.(body);
    else this.#failed?.(new Error(`the server refuses: ${body}`));
  }
}

/** Makes all calls, by so many callers at once, each waiting for its answer. */
export async function callAll(port: number, requests: readonly Buffer[], callers: number): Promise<void> {
  const open = await Promise.all(Array.from({ length: callers }, () => Caller.open(port)));
  const queue = [...requests];
  try {
    await Promise.all(
      open.map(async (caller) => {
        for (let request = queue.pop(); request; request = queue.pop()) await caller.call(request);
      }),
    );
  } finally {
    for (const caller of open) caller.close();
  }
}
