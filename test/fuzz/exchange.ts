import { connect } from 'node:net';
import { XMLParser } from 'fast-xml-parser';
import { expect } from 'vitest';

/** Longer than any deadline that a peer that has closed its side may wait for. */
const PATIENCE_MS = 8000;

/** Sends the bytes and FIN on a new connection; gives what comes back until it is closed, which it has to be. */
export function exchange(port: number, bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const received: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
    socket.setTimeout(PATIENCE_MS, () => {
      socket.destroy();
      reject(new Error('the connection was not closed'));
    });
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    // A reset is an end like any other: the server need not read what it will not answer.
    socket.on('error', () => undefined);
    socket.once('close', () => resolve(Buffer.concat(received)));
  });
}

/** One HTTP answer; of one that was cut off, what came of it. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The answers on a connection, without the interim ones. @throws Error when the bytes are something else */
export function readAnswers(bytes: Buffer): Answer[] {
  const answers: Answer[] = [];
  for (let rest = bytes; rest.length > 0;) {
    const end = rest.indexOf('\r\n\r\n');
    const [line = '', ...fields] = rest.toString('latin1', 0, Math.max(0, end)).split('\r\n');
    const [, status] = /^HTTP\/1\.[01] (\d{3}) /.exec(line) ?? [];
    if (status === undefined) throw new Error(`no answer: ${rest.toString('latin1', 0, 200)}`);
    const headers = Object.fromEntries(
      fields.map((field) => {
        const colon = field.indexOf(':');
        return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
      }),
    );
    const after = rest.subarray(end + 4);
    const { body, length } = readBody(Number(status), headers, after);
    if (Number(status) !== 100) answers.push({ status: Number(status), headers, body });
    rest = after.subarray(length);
  }
  return answers;
}

/** The body, and how much of the bytes it takes. */
function readBody(
  status: number,
  headers: Answer['headers'],
  bytes: Buffer,
): { body: Buffer; length: number } {
  if (status === 101) return { body: bytes, length: bytes.length };
  if (headers['transfer-encoding'] === 'chunked') return readChunked(bytes);
  // The answer to a HEAD has a length and no body: the next one begins at once.
  const isHead = bytes.length === 0 || bytes.toString('latin1', 0, 9) === 'HTTP/1.1 ';
  // A peer of HTTP/1.0 gets what is endless until the connection closes.
  const endless = status === 200 ? bytes.length : 0;
  const length = isHead ? 0 : Number(headers['content-length'] ?? endless);
  return { body: bytes.subarray(0, length), length };
}

function readChunked(bytes: Buffer): { body: Buffer; length: number } {
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const end = bytes.indexOf('\r\n', at);
    if (end < 0) return { body: Buffer.concat(parts), length: bytes.length };
    const size = Number.parseInt(bytes.toString('latin1', at, end), 16);
    expect(size, 'the size of a chunk').toBeGreaterThanOrEqual(0);
    parts.push(bytes.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
    if (size === 0) return { body: Buffer.concat(parts), length: at };
  }
}

/** An error in the envelope of the API when it has a RequestId, else in that of playback; never a fault of ours. */
export function expectErrorAnswer({ status, headers, body }: Answer): void {
  expect(status === 503 || status < 500, `${status}: ${body.toString()}`).toBe(true);
  const requestId = headers['x-acs-request-id'];
  const text = body.toString();
  // A HEAD has no body.
  if (text === '') return;
  expect(body.length).toBe(Number(headers['content-length']));
  const isJson = text.startsWith('{');
  const envelope = (
    isJson ? JSON.parse(text) : (new XMLParser().parse(text) as { Error: unknown }).Error
  ) as object;
  expect(envelope).toMatchObject({
    Code: expect.any(String) as string,
    Message: expect.anything() as unknown,
  });
  if (requestId !== undefined) expect(envelope).toMatchObject({ RequestId: requestId });
}
