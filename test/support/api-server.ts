import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { silentLogger } from '../../src/base/logger.ts';
import { createPublicServer, DEFAULT_PUBLIC_SERVER_SETTINGS } from '../../src/gateway/public-server.ts';
import type { PublicServerSettings } from '../../src/gateway/public-server.ts';
import { startApi } from './api-harness.ts';
import type { Api, ApiOptions } from './api-harness.ts';

/** {@link startApi} behind a real HTTP listener. */
export interface ApiServer extends AsyncDisposable {
  readonly api: Api;
  readonly app: FastifyInstance;
  readonly port: number;
  readonly url: string;
}

/** Listens on a free port of loopback. `routes` registers what another room would. */
export async function startApiServer(
  options: ApiOptions & {
    server?: Partial<PublicServerSettings>;
    routes?: (app: FastifyInstance) => void;
  } = {},
): Promise<ApiServer> {
  const api = await startApi(options);
  const settings = { ...DEFAULT_PUBLIC_SERVER_SETTINGS, ...options.server };
  const app = createPublicServer(settings, {
    gateway: api.gateway,
    clock: api.clock,
    log: options.log ?? silentLogger,
  });
  options.routes?.(app);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return {
    api,
    app,
    port,
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      app.server.closeAllConnections();
      await app.close();
      await api[Symbol.asyncDispose]();
    },
  };
}

/** An HTTP answer read off a bare socket. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Writes to a bare socket and reads everything until the peer closes, as one answer. */
export function talk(port: number, write: (socket: Socket) => void): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const received: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => write(socket));
    socket.on('data', (chunk) => received.push(chunk));
    // A reset after the whole answer came is no concern of the test.
    socket.on('error', (error) => (received.length === 0 ? reject(error) : undefined));
    socket.on('close', () => resolve(parseAnswer(Buffer.concat(received).toString())));
  });
}

function parseAnswer(text: string): RawAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [line = '', ...lines] = head.split('\r\n');
  const headers = lines.map((entry): [string, string] => {
    const colon = entry.indexOf(':');
    return [entry.slice(0, colon).toLowerCase(), entry.slice(colon + 1).trim()];
  });
  return {
    status: Number(line.split(' ')[1]),
    headers: Object.fromEntries(headers),
    body: rest.join('\r\n\r\n'),
  };
}
