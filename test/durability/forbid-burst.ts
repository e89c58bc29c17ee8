import { request } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { once } from 'node:events';
import { json } from 'node:stream/consumers';
import type { KeyPair } from '../../src/app/root-key.ts';
import { systemIds } from '../../src/base/ids.ts';
import { formatTimestamp } from '../../src/base/timestamp.ts';
import { signV3 } from '../../src/wire/rpc/signer.ts';

/** Connections that are opened at the same time; the listener's queue is not endless. */
const OPENING = 200;

/** What one burst forbids: `<domain>/live/<name>` for each name. */
export interface Burst {
  readonly port: number;
  readonly key: KeyPair;
  readonly domain: string;
  readonly names: readonly string[];
  /** Told of each answer as it comes; the RequestId is undefined when the forbid was not acknowledged. */
  readonly answered: (name: string, acknowledged: string | undefined) => void;
}

/**
 * Forbids every name at once, each on a connection of its own: all are open before the first call, and all calls are
 * sent before the first answer is read. Resolves when every call has an answer or its connection is gone.
 */
export async function forbidAtOnce({ port, key, domain, names, answered }: Burst): Promise<void> {
  const sockets: Socket[] = [];
  while (sockets.length < names.length) {
    const opening = Array.from({ length: Math.min(OPENING, names.length - sockets.length) }, () =>
      connect({ host: '127.0.0.1', port, noDelay: true }),
    );
    await Promise.all(opening.map((socket) => once(socket, 'connect')));
    sockets.push(...opening);
  }
  const signed = names.map((name) => sign({ port, key, domain, name }));
  await Promise.all(
    signed.map((call, index) => send(call, sockets[index]!, (id) => answered(names[index]!, id))),
  );
}

function sign({ port, key, domain, name }: { port: number; key: KeyPair; domain: string; name: string }) {
  return signV3({
    method: 'POST',
    host: `127.0.0.1:${port}`,
    action: 'ForbidLiveStream',
    version: '2016-11-01',
    ...key,
    nonce: systemIds.uuid(),
    date: formatTimestamp(Date.now()),
    query: { DomainName: domain, AppName: 'live', StreamName: name, LiveStreamType: 'publisher' },
  });
}

/** Resolves when there is an answer, which `answered` is told first, or when there will be none. */
function send(
  call: ReturnType<typeof sign>,
  socket: Socket,
  answered: (acknowledged: string | undefined) => void,
): Promise<void> {
  return new Promise((resolve) => {
    const { method, target: path, headers } = call;
    const createConnection = (): Socket => socket;
    const sent = request({ createConnection, method, path, headers: Object.fromEntries(headers) });
    sent.on('response', (response) => {
      const body = json(response) as Promise<{ RequestId: string }>;
      body
        .then(({ RequestId }) => answered(response.statusCode === 200 ? RequestId : undefined))
        .catch(() => undefined)
        .finally(resolve);
    });
    sent.on('error', () => resolve());
    sent.end(call.body);
  });
}
