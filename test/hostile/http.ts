import { randomBytes } from 'node:crypto';
import { until } from '../support/wait.ts';
import { RawPeer } from './attack.ts';
import type { Attack } from './attack.ts';
import { CANARY } from './canary.ts';

const HOST = 'Host: live.local\r\n';
const UPGRADE =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';

/** Heads of requests: without the empty line that ends them. */
export const HEADS = {
  play: `GET /live/${CANARY}.flv HTTP/1.1\r\n${HOST}`,
  playWebSocket: `GET /live/${CANARY}.flv HTTP/1.1\r\n${HOST}${UPGRADE}`,
  call: `POST / HTTP/1.1\r\n${HOST}`,
} as const;

/** An attack over HTTP or WebSocket. */
function http(
  name: string,
  outcome: Attack['outcome'],
  begin: (port: number) => RawPeer | Promise<RawPeer>,
): Attack {
  return { name, outcome, protocol: 'http', begin: ({ httpPort }) => Promise.resolve(begin(httpPort)) };
}

/** A request that is refused. */
function asks(name: string, request: string, outcome: Attack['outcome']): Attack {
  return http(name, outcome, async (port) => {
    const peer = new RawPeer(port, request);
    await peer.waitFor('HTTP/1.1 4');
    return peer;
  });
}

/** A player that the service sends to. */
export async function playing(port: number, head: string = HEADS.play): Promise<RawPeer> {
  const peer = new RawPeer(port, `${head}\r\n`);
  await peer.waitFor('FLV');
  return peer;
}

/** A frame of a WebSocket client; `length` is what it claims. */
function frame(
  opcode: number,
  payload: Buffer,
  {
    fin = true,
    masked = true,
    length = payload.length,
  }: { fin?: boolean; masked?: boolean; length?: number } = {},
): Buffer {
  const head = Buffer.alloc(length < 126 ? 2 : 10);
  head[0] = (fin ? 0x80 : 0) | opcode;
  head[1] = (masked ? 0x80 : 0) | (length < 126 ? length : 127);
  if (length >= 126) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, Buffer.alloc(masked ? 4 : 0), payload]);
}

/** What a player over WebSocket says, who has nothing to say. */
function says(name: string, outcome: Attack['outcome'], bytes: Buffer): Attack {
  return http(name, outcome, async (port) => {
    const peer = await playing(port, HEADS.playWebSocket);
    peer.write(bytes);
    return peer;
  });
}

const BINARY = 2;
const CONTINUATION = 0;
const PING = 9;
const fragment = (opcode: number, size: number): Buffer => frame(opcode, Buffer.alloc(size), { fin: false });

/** Peers of the HTTP port. */
export const HTTP: readonly Attack[] = [
  ...(
    [
      ['/', 'tolerated'],
      ['/live/canary.flv%00', 'tolerated'],
      ['/live/bad%zz.flv', 'closed'],
      ['/%/%.flv', 'closed'],
      ['/live/other.flv', 'closed'],
    ] as const
  ).map(([path, outcome]) =>
    asks(`a WebSocket at ${path}`, `GET ${path} HTTP/1.1\r\n${HOST}${UPGRADE}\r\n`, outcome),
  ),
  ...['bad%20name', '%zz', '%2e%2e', 'a%2fb', ''].map((name) =>
    asks(`a player of "${name}"`, `GET /live/${name}.flv HTTP/1.1\r\n${HOST}\r\n`, 'tolerated'),
  ),
  asks(
    'rubbish posted to a stream',
    `POST /live/${CANARY}.flv HTTP/1.1\r\n${HOST}Content-Length: 10000\r\n\r\n${'x'.repeat(10_000)}`,
    'tolerated',
  ),
  http('a caller that never reads its answers', 'tolerated', async (port) => {
    const peer = new RawPeer(port);
    peer.socket.pause();
    const calls = `GET /?Action=None HTTP/1.1\r\n${HOST}\r\n`.repeat(1000);
    for (let i = 0; i < 10; i++) {
      peer.write(calls);
      await new Promise(setImmediate);
    }
    return peer;
  }),
  http(
    'RTMP on the HTTP port',
    'closed',
    (port) => new RawPeer(port, Buffer.concat([Buffer.of(3), randomBytes(1536)])),
  ),
  http('twenty players that hang up in the middle of the answer', 'closed', async (port) => {
    const peers = await Promise.all(Array.from({ length: 20 }, () => playing(port)));
    for (const { socket } of peers) socket.resetAndDestroy();
    return peers[0]!;
  }),
  ...(['play', 'playWebSocket'] as const).map((kind) =>
    http(`half-open: FIN of a player (${kind}), and nothing is closed`, 'closed', async (port) => {
      const peer = new RawPeer(port, `${HEADS[kind]}\r\n`, { allowHalfOpen: true });
      await peer.waitFor('FLV');
      peer.socket.end();
      return peer;
    }),
  ),
  http('a player over HTTP that sends media', 'closed', async (port) => {
    const peer = await playing(port);
    peer.write(randomBytes(10_000));
    return peer;
  }),
  http('a request for a WebSocket whose head has no end', 'closed', async (port) => {
    const peer = new RawPeer(port, HEADS.playWebSocket);
    for (let i = 0; i < 100 && !peer.isClosed; i++) {
      peer.write(`X-${i}: ${'x'.repeat(1000)}\r\n`);
      await new Promise(setImmediate);
    }
    return peer;
  }),
  says('a WebSocket message of 2,000 bytes', 'closed', frame(BINARY, Buffer.alloc(2000))),
  says('a WebSocket frame of 2^40 bytes', 'closed', frame(BINARY, Buffer.alloc(64), { length: 2 ** 40 })),
  says('a WebSocket frame that is not masked', 'closed', frame(BINARY, Buffer.of(1), { masked: false })),
  says('a WebSocket opcode that does not exist', 'closed', frame(7, Buffer.of(1))),
  says('a long WebSocket ping', 'closed', frame(PING, Buffer.alloc(1000))),
  says(
    'a WebSocket message in fragments without an end',
    'closed',
    Buffer.concat([fragment(BINARY, 1), ...Array.from({ length: 100 }, () => fragment(CONTINUATION, 1))]),
  ),
  says(
    'a WebSocket message in empty fragments',
    'closed',
    Buffer.concat([fragment(BINARY, 0), ...Array.from({ length: 20_000 }, () => fragment(CONTINUATION, 0))]),
  ),
  says('short WebSocket messages, as heartbeats are', 'tolerated', frame(1, Buffer.from('ping'))),
  http('a flood of WebSocket pings whose answers nobody reads', 'closed', async (port) => {
    const peer = await playing(port, HEADS.playWebSocket);
    peer.socket.pause();
    const flood = Buffer.concat(Array.from({ length: 500 }, () => frame(PING, Buffer.alloc(125))));
    // The service stops reading when it has hung up: what it does not take piles up here.
    for (let i = 0; i < 2000 && peer.socket.writableLength < 20_000_000; i++) {
      peer.write(flood);
      await new Promise(setImmediate);
    }
    peer.socket.resume();
    await until(() => peer.isClosed, 'the end');
    return peer;
  }),
];
