import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fastify } from 'fastify';
import { describe, expect, it } from 'vitest';
import { handleUpgrades } from '../../src/ingest/upgrades.ts';
import { until } from '../support/wait.ts';

/** Sends the pieces one by one and gives what comes back until the server closes. */
async function exchange(port: number, ...pieces: string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  let closed = false;
  socket.on('data', (bytes: Buffer) => (text += bytes.toString()));
  socket.on('close', () => (closed = true));
  for (const piece of pieces) {
    socket.write(piece);
    await sleep(20);
  }
  await until(() => closed, 'the server to close');
  return text;
}

describe('a request for another protocol', () => {
  it('is answered as if it had not asked, body and all', async () => {
    const app = fastify();
    app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    app.post('/', async (request) => ({
      body: request.body,
      mark: request.headers['x-mark'],
      upgrade: request.headers.upgrade ?? null,
    }));
    const webSockets: string[] = [];
    handleUpgrades(app.server, (request, socket) => {
      webSockets.push(request.url ?? '');
      socket.destroy();
      return true;
    });
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as { port: number };
    const head =
      'POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n' +
      'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\nContent-Type: text/x\r\nX-Mark: 7\r\nContent-Length: 10\r\n\r\n';
    const next =
      'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: text/x\r\nContent-Length: 2\r\n\r\nok';
    const text = await exchange(port, `${head}01234`, '56789', next);
    expect(text.match(/HTTP\/1.1 200 OK/g)).toHaveLength(2);
    expect(text).toContain('{"body":"0123456789","mark":"7","upgrade":null}');
    expect(text).toContain('{"body":"ok","upgrade":null}');
    const closing = head.replace('Upgrade, HTTP2-Settings', 'Upgrade, close');
    expect(await exchange(port, `${closing}0123456789`)).toContain('"body":"0123456789"');
    await exchange(port, head.replace('h2c', 'WebSocket'));
    expect(webSockets).toEqual(['/']);
    await app.close();
  });
});
