import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { fastify } from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ByteBudget } from '../base/byte-budget.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { AddressRanges } from '../base/net-address.ts';
import { NO_SCHEMAS } from '../base/no-schemas.ts';
import { splitTarget } from '../wire/rpc/parameters.ts';
import { collectBody, HeldBody } from './body.ts';
import { errorOfClient, isAnswering, problemOf, writeAnswer } from './client-errors.ts';
import type { ClientError } from './client-errors.ts';
import { guardConnections } from './connections.ts';
import type { ConnectionLimits } from './connections.ts';
import { commonError, retryAfter } from './errors.ts';
import type { HttpAnswer } from './exchange.ts';
import type { Gateway } from './gateway.ts';
import { inputReader } from './http-input.ts';
import type { InputReader } from './http-input.ts';
import { createListener } from './listener.ts';
import type { ListenerSettings } from './listener.ts';

/** Limits of the public HTTP listener. Times are milliseconds. */
export interface PublicServerSettings extends ConnectionLimits, ListenerSettings {
  /** Proxies (CIDR ranges) whose PROXY header, X-Forwarded-For and X-Forwarded-Proto are believed. */
  readonly trustedProxies: readonly string[];
  /** For the request line and headers to arrive. */
  readonly headersTimeoutMs: number;
  /** For the whole request to arrive, however it dribbles in. */
  readonly requestTimeoutMs: number;
  /** Without a byte either way during an API call. */
  readonly idleTimeoutMs: number;
  /** Between two looks for requests that are late. */
  readonly checkIntervalMs: number;
  /** Bytes that the bodies of unfinished calls may take together, but for the first 8 KiB of each. */
  readonly bodyBudget: number;
}

/** The limits when nothing was said about them. */
export const DEFAULT_PUBLIC_SERVER_SETTINGS: PublicServerSettings = {
  trustedProxies: [],
  handshakeTimeoutMs: 10_000,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 20_000,
  idleTimeoutMs: 30_000,
  checkIntervalMs: 1000,
  bodyBudget: 64 * 1024 * 1024,
  // Above the limits of ingest, which count those among these connections that play.
  maxConnections: 10_000,
  maxConnectionsPerAddress: 1000,
};

/** What the real gateway announces in `Keep-Alive`. */
const KEEP_ALIVE_MS = 25_000;

/** Some clients put every parameter into the query; a monitor with twelve inputs needs about 25 KiB there. */
const MAX_HEADER_BYTES = 64 * 1024;

/** What other rooms' routes get of a body; it is outside of the budget. */
const OTHER_BODY_BYTES = 8 * 1024;

/** Milliseconds after which a call that found no room for its body may be tried again. */
const ROOM_RETRY_MS = 1000;

/** What the public listener needs. */
export interface PublicServerDeps {
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * The public HTTP or HTTPS listener: the API at `/`, and whatever else other rooms register. All that HTTP can get wrong
 * is answered in the vendor's envelope. Not listening yet.
 * @throws Error naming a proxy range that cannot be read, or saying why the certificate cannot be used.
 */
export function createPublicServer(
  settings: PublicServerSettings,
  { gateway, clock, log }: PublicServerDeps,
): FastifyInstance {
  const trustedProxies = new AddressRanges(settings.trustedProxies);
  const inputs = inputReader(trustedProxies);
  const answering = new WeakMap<Duplex, ServerResponse>();
  const app = fastify({
    logger: false,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    bodyLimit: OTHER_BODY_BYTES,
    schemaController: NO_SCHEMAS,
    // Names of streams may be 256 bytes long, three times that when encoded.
    routerOptions: { maxParamLength: 1024 },
    rewriteUrl: ({ url = '/' }) => url.replace(/^https?:\/\/[^/?]*\/?/i, '/'),
    serverFactory: (handler) => createListener(settings, serverOptions(settings), handler),
    frameworkErrors: (_error, request, reply) =>
      void send(reply, gateway.refuse(commonError('InvalidAction.NotFound'), inputs.ofRequest(request.raw))),
    clientErrorHandler: (error, socket) => answerClientError(error, socket),
  });
  const notFound = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const code = splitTarget(request.url).path === '/' ? 'UnsupportedHTTPMethod' : 'InvalidAction.NotFound';
    return send(reply, gateway.refuse(commonError(code), inputs.ofRequest(request.raw)));
  };
  app.addHook('onRequest', (request, reply, next) => {
    answering.set(request.raw.socket, reply.raw);
    // Now, and not when Fastify has collected the body.
    if (request.is404) void notFound(request, reply);
    else next();
  });
  app.setNotFoundHandler(notFound);
  app.setErrorHandler((error, request, reply) =>
    send(reply, gateway.refuse(problemOf(error), inputs.ofRequest(request.raw))),
  );
  void app.register((api, _options, next) => {
    registerApi(api, { gateway, inputs, settings });
    next();
  });
  handleOddRequests(app.server, gateway, inputs);
  const strangers = guardConnections(app.server, { limits: settings, trustedProxies, clock, log });
  app.addHook('preClose', (done) => {
    strangers.close();
    done();
  });
  return app;

  function answerClientError(error: ClientError, socket: Duplex): void {
    const problem = errorOfClient(error);
    const busy = isAnswering(answering.get(socket));
    if (!problem || busy || !socket.writable) socket.destroy();
    else writeAnswer(socket, gateway.refuse(problem, inputs.ofSocket(socket)));
  }
}

function serverOptions(settings: PublicServerSettings): ServerOptions {
  return {
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: settings.requestTimeoutMs,
    headersTimeout: settings.headersTimeoutMs,
    connectionsCheckingInterval: settings.checkIntervalMs,
    maxHeaderSize: MAX_HEADER_BYTES,
    // Node would answer a missing Host itself, and not in the envelope.
    requireHostHeader: false,
  };
}

interface ApiDeps {
  readonly gateway: Gateway;
  readonly inputs: InputReader;
  readonly settings: PublicServerSettings;
}

function registerApi(api: FastifyInstance, { gateway, inputs, settings }: ApiDeps): void {
  // The body's type is the protocol's business, and any is taken; removing the header from Fastify's view of the
  // request (not from the raw one) keeps it from refusing what it cannot parse.
  api.removeAllContentTypeParsers();
  const budget = new ByteBudget(settings.bodyBudget);
  api.addContentTypeParser('*', (_request, payload, done) => collectBody(payload, budget, done));
  api.addHook('onRequest', (request, reply, next) => {
    request.raw.setTimeout(settings.idleTimeoutMs, () => request.raw.socket.destroy());
    delete request.headers['content-type'];
    if (request.method === 'OPTIONS') void preflight(request, reply);
    else if (request.method !== 'GET' && request.method !== 'POST') {
      const answer = gateway.refuse(commonError('UnsupportedHTTPMethod'), inputs.ofRequest(request.raw));
      void send(reply.headers({ allow: 'GET, POST, OPTIONS', connection: 'close' }), answer);
    } else next();
  });
  api.all('/', async (request, reply) => {
    const body = request.body instanceof HeldBody ? request.body : undefined;
    if (body?.refusal !== undefined) {
      const headers = body.refusal === 'ServiceUnavailable' ? retryAfter(ROOM_RETRY_MS) : {};
      return send(
        reply,
        gateway.refuse(commonError(body.refusal, { headers }), inputs.ofRequest(request.raw)),
      );
    }
    // Not when the answer is gone: one that waits behind another answer on its connection may never be.
    const answer = await gateway
      .handle(inputs.ofRequest(request.raw, body?.bytes))
      .finally(() => body?.release());
    return send(reply, answer);
  });
}

/** What Node hands to others than the request handler, or answers itself when nobody listens. */
function handleOddRequests(server: Server, gateway: Gateway, inputs: InputReader): void {
  // An accept that fails for want of file descriptors is no reason to end.
  server.on('error', () => undefined);
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => socket.destroy());
    const answer = gateway.refuse(commonError('UnsupportedHTTPMethod'), inputs.ofRequest(request));
    writeAnswer(socket, answer);
  });
  // An expectation that we do not know is ignored, as RFC 9110 allows.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
}

/** Lets browsers sign calls: the API is open to every origin, and the signature is its only credential. */
function preflight(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply
    .code(204)
    .headers({
      allow: 'GET, POST, OPTIONS',
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, POST, OPTIONS',
      'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '*',
      'access-control-max-age': '86400',
    })
    .send();
}

function send(reply: FastifyReply, { status, headers, body }: HttpAnswer): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}
