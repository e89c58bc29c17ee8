import { fastify } from 'fastify';
import type { FastifyInstance } from 'fastify';
import { NO_SCHEMAS } from '../base/no-schemas.ts';

/** The state of one part of the service: `ok`, or what is wrong in a few words. */
export type CheckResult = string;

/** What the internal listener serves. */
export interface InternalPages {
  /** Prometheus text. */
  metrics(): Promise<{ contentType: string; text: string }>;
  /** Every part's state by name; the service is ready when all are `ok`. */
  readiness(): Promise<Record<string, CheckResult>>;
  /** Whether the service runs in test mode, which readiness then tells. */
  readonly testMode: boolean;
}

/** The listener for the machine's own tools: `/metrics`, `/healthz`, `/readyz`. Not yet listening. */
export function createInternalServer(pages: InternalPages): FastifyInstance {
  const app = fastify({
    logger: false,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 1 },
    schemaController: NO_SCHEMAS,
  });
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const checks = await pages.readiness();
    const ready = Object.values(checks).every((result) => result === 'ok');
    return reply.code(ready ? 200 : 503).send({ ready, ...(pages.testMode && { testMode: true }), checks });
  });
  app.get('/metrics', async (_request, reply) => {
    const { contentType, text } = await pages.metrics();
    return reply.header('content-type', contentType).send(text);
  });
  return app;
}
