import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { WebSocketServer } from 'ws';
import { HttpFlvOutlet, WebSocketFlvOutlet } from './flv-outlets.ts';
import { admitFlv, playFlv, refuseFlv } from './flv-playback.ts';
import type { PlaybackRefusal } from './flv-playback.ts';
import type { IngestContext } from './ingest-context.ts';
import { handleUpgrades } from './upgrades.ts';

/** Any page may play: what protects a stream is its URL. */
const CORS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'content-length',
} as const;

const FLV_HEADERS = {
  ...CORS,
  'content-type': 'video/x-flv',
  'cache-control': 'no-cache, no-store',
} as const;

/** Players have nothing to say; a longer message ends the connection. Bytes. */
const MAX_WEBSOCKET_MESSAGE = 1024;

/**
 * Adds `/{app}/{stream}.flv` to the public HTTP server, as HTTP (chunked) and as WebSocket. Paths that are not those of
 * a stream stay the server's.
 */
export function registerPlayback(app: FastifyInstance, context: IngestContext): void {
  app.route({
    method: ['GET', 'HEAD', 'OPTIONS'],
    url: '/:app/:file',
    handler: (request, reply) => answer(context, request, reply),
  });
  const webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_WEBSOCKET_MESSAGE,
    // Each would keep alive what it was read with, 64 KiB, however short it is.
    maxFragments: 1,
  });
  webSockets.on('wsClientError', ({ message }: Error, socket: Duplex) =>
    refuseUpgrade(socket, { status: 400, code: 'bad-handshake', message }),
  );
  handleUpgrades(app.server, (request, socket, head) => {
    const asked = admitFlv(context, request, 'ws-flv');
    if (!asked) return false;
    socket.on('error', () => socket.destroy());
    if ('refusal' in asked) {
      refuseUpgrade(socket, asked.refusal);
      return true;
    }
    const { admitted } = asked;
    // The handshake answers within this tick or not at all.
    socket.once('close', admitted.release);
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const outlet = new WebSocketFlvOutlet(webSocket, context.clock);
      playFlv(context, admitted, outlet);
    });
    return true;
  });
}

const SHARED_CONNECTION: PlaybackRefusal = {
  status: 503,
  code: 'connection-in-use',
  message: 'a player needs a connection without another answer on it',
};

function answer(context: IngestContext, request: FastifyRequest, reply: FastifyReply): unknown {
  const { raw } = request;
  if (!/\.flv(\?|$)/.test(raw.url ?? '')) {
    reply.callNotFound();
    return;
  }
  if (raw.method === 'OPTIONS') return preflight(reply);
  const asked = admitFlv(context, raw, 'http-flv');
  if (!asked) {
    reply.callNotFound();
    return;
  }
  if ('refusal' in asked) return refuse(reply, asked.refusal);
  const { admitted } = asked;
  if (raw.method === 'HEAD') {
    admitted.release();
    return reply.headers(FLV_HEADERS).send();
  }
  const response: ServerResponse = reply.raw;
  // Behind the answer to an earlier request a response has no socket yet (if ever): media for it would pile up, and it
  // would not even hear of the socket's end.
  if (response.socket === null || response.socket.destroyed) {
    admitted.release();
    const { refusal } = refuseFlv(context, admitted.peer, SHARED_CONNECTION);
    return refuse(reply.header('connection', 'close'), refusal);
  }
  reply.hijack();
  const outlet = new HttpFlvOutlet(response, { clock: context.clock, headers: FLV_HEADERS });
  playFlv(context, admitted, outlet);
  return undefined;
}

function preflight(reply: FastifyReply): FastifyReply {
  return reply
    .code(204)
    .headers({
      ...CORS,
      'access-control-allow-methods': 'GET, HEAD, OPTIONS',
      'access-control-allow-headers': '*',
      'access-control-max-age': '86400',
    })
    .send();
}

function refuse(reply: FastifyReply, { status, code, message }: PlaybackRefusal): FastifyReply {
  return reply
    .code(status)
    .headers({ ...CORS, 'cache-control': 'no-store' })
    .send({ Code: code, Message: message });
}

function refuseUpgrade(socket: Duplex, { status, code, message }: PlaybackRefusal): void {
  const body = JSON.stringify({ Code: code, Message: message });
  const reason = { 400: 'Bad Request', 403: 'Forbidden', 404: 'Not Found', 503: 'Service Unavailable' }[
    status
  ];
  // Who asked wrongly learns which version we speak (RFC 6455, 4.4).
  const version = status === 400 ? 'sec-websocket-version: 13\r\n' : '';
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\n${version}content-type: application/json\r\ncontent-length: ${body.length}\r\n` +
      `connection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
