import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { packageVersion } from '../base/package-version.ts';
import { openApiDocument } from '../operations/derive/openapi.ts';
import type { Operation } from '../operations/operation.ts';
import { COMMON_ERRORS } from './errors.ts';

/** The document as it is sent. */
interface Served {
  readonly plain: Buffer;
  readonly gzip: Buffer;
  /** Weak, because it stands for both encodings. */
  readonly etag: string;
}

const PATH = '/openapi.json';

/** The document is the same until another version of the service answers, and no secret: tools of any page may read it. */
const HEADERS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'etag',
  'cache-control': 'public, max-age=300, must-revalidate',
  vary: 'Accept-Encoding',
} as const;

/**
 * Adds `/openapi.json` to the public HTTP server: the operations as an OpenAPI 3.1 document, for anyone. It is made when
 * it is asked for the first time.
 */
export function registerOpenApi(app: FastifyInstance, operations: readonly Operation[]): void {
  let served: Served | undefined;
  app.route({
    method: ['GET', 'HEAD', 'OPTIONS'],
    url: PATH,
    handler: (request, reply) =>
      request.method === 'OPTIONS' ? preflight(reply) : answer((served ??= make(operations)), request, reply),
  });
}

function make(operations: readonly Operation[]): Served {
  const document = openApiDocument(operations, { version: packageVersion(), commonErrors: COMMON_ERRORS });
  const plain = Buffer.from(JSON.stringify(document));
  const etag = `W/"${createHash('sha256').update(plain).digest('base64url')}"`;
  return { plain, gzip: gzipSync(plain), etag };
}

function answer(served: Served, { headers }: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.headers({ ...HEADERS, etag: served.etag });
  if (isKnown(headers['if-none-match'] ?? '', served.etag)) return reply.code(304).send();
  reply.type('application/json;charset=utf-8');
  if (!/\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(headers['accept-encoding'] ?? ''))
    return reply.send(served.plain);
  return reply.header('content-encoding', 'gzip').send(served.gzip);
}

/** Tags are compared weakly, as RFC 9110 wants it of If-None-Match. */
function isKnown(condition: string, etag: string): boolean {
  const strong = (tag: string): string => tag.trim().replace(/^W\//, '');
  return condition.split(',').some((tag) => tag.trim() === '*' || strong(tag) === strong(etag));
}

function preflight(reply: FastifyReply): FastifyReply {
  return reply
    .code(204)
    .headers({
      ...HEADERS,
      'access-control-allow-methods': 'GET, HEAD, OPTIONS',
      'access-control-allow-headers': '*',
      'access-control-max-age': '86400',
    })
    .send();
}
