import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startApiServer, talk } from '../support/api-server.ts';
import type { ApiServer } from '../support/api-server.ts';
import { collectingLogger } from '../support/collecting-logger.ts';
import { startTestService } from '../support/service.ts';
import { until } from '../support/wait.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const host = 'Host: live.example.com\r\n';

/** A socket that is written to and kept; it says whether it is open still. */
function hold(port: number, bytes: string | Buffer = ''): { socket: Socket; said: () => string } {
  const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
  const received: Buffer[] = [];
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => received.push(chunk));
  return { socket, said: () => Buffer.concat(received).toString() };
}

const asksNothing = `GET / HTTP/1.1\r\n${host}\r\n`;
const answered = (peer: ReturnType<typeof hold>) =>
  until(() => peer.said().includes('InvalidAction.NotFound'), 'an answer');
const closed = (peer: ReturnType<typeof hold>) => until(() => peer.socket.destroyed, 'the end of the socket');

describe('peers that reset', () => {
  const upgrade = (to: string) =>
    `GET /live/room1.flv HTTP/1.1\r\n${host}Connection: Upgrade\r\nUpgrade: ${to}\r\n`;
  it.each([
    ['CONNECT', `CONNECT a:1 HTTP/1.1\r\n${host}\r\n`],
    ['a method nobody knows', `BREW / HTTP/1.1\r\n${host}\r\n`],
    ['an upgrade to h2c', `${upgrade('h2c')}\r\n`],
    [
      'an upgrade to WebSocket',
      `${upgrade('websocket')}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
    ],
    ['an expectation', `POST / HTTP/1.1\r\n${host}Expect: 100-continue\r\nContent-Length: 10\r\n\r\n`],
    ['an expectation nobody knows', `POST / HTTP/1.1\r\n${host}Expect: x\r\nContent-Length: 10\r\n\r\n`],
    ['a malformed line', 'GET\r\n\r\n'],
    ['a header that is too large', `GET / HTTP/1.1\r\n${host}X-Long: ${'x'.repeat(70_000)}\r\n\r\n`],
    ['half a body', `POST / HTTP/1.1\r\n${host}Content-Length: 100\r\n\r\nabc`],
  ])('after %s do no harm', async (_what, bytes) => {
    await using server = await startTestService();
    const { httpPort } = server.service;
    const uncaught: unknown[] = [];
    const note = (error: unknown) => uncaught.push(error);
    process.on('uncaughtException', note);
    try {
      for (let round = 0; round < 20; round++) {
        const peers = Array.from({ length: 10 }, () => {
          const { socket } = hold(httpPort);
          socket.write(bytes, () => socket.resetAndDestroy());
          return new Promise((resolve) => socket.once('close', resolve));
        });
        await Promise.all(peers);
      }
      const peer = hold(httpPort, asksNothing);
      await answered(peer);
      peer.socket.destroy();
    } finally {
      process.off('uncaughtException', note);
    }
    expect(uncaught).toEqual([]);
  });

  it('amid a body are no fault in the log', async () => {
    const { log, lines } = collectingLogger('debug');
    await using server = await startApiServer({ inMemory: true, log });
    const { socket } = hold(server.port, `POST / HTTP/1.1\r\n${host}Content-Length: 100\r\n\r\nabc`);
    server.app.server.once('request', () => setImmediate(() => socket.resetAndDestroy()));
    await until(() => lines().length > 0, 'a line');
    expect(lines()).toMatchObject([{ level: 20, code: 'MalformedRequest' }]);
  });

  it('and accepts that fail do not end the process', async () => {
    await using server = await startApiServer({ inMemory: true });
    server.app.server.emit('error', new Error('accept EMFILE'));
    await answered(hold(server.port, asksNothing));
  });
});

describe('bodies of unfinished requests', () => {
  const unfinished = (kib: number) =>
    Buffer.from(`POST / HTTP/1.1\r\n${host}Content-Length: ${MIB}\r\n\r\n${'x'.repeat(kib * KIB)}`);
  const call = (server: ApiServer, kib: number) => {
    const body = Buffer.from(`Text=${'x'.repeat(kib * KIB)}`);
    const head = `POST /?Format=JSON HTTP/1.1\r\n${host}Connection: close\r\nContent-Length: ${body.length}\r\n\r\n`;
    return talk(server.port, (socket) => socket.write(Buffer.concat([Buffer.from(head), body])));
  };

  it('share a budget, beyond which large ones get 503 until it is free again', async () => {
    await using server = await startApiServer({ inMemory: true, server: { bodyBudget: 2 * MIB } });
    const peers = Array.from({ length: 6 }, () => hold(server.port, unfinished(900)));
    const refused = () => peers.filter((peer) => peer.said().includes('503 Service Unavailable'));
    await until(() => refused().length >= 4, 'all but two to be refused');
    expect(refused()[0]?.said()).toMatch(
      /\r\nx-acs-retry-after: 1000\r\n[^]*<Code>ServiceUnavailable<\/Code>/,
    );
    const large = await call(server, 900);
    expect(large).toMatchObject({ status: 503, headers: { 'x-acs-retry-after': '1000' } });
    expect(JSON.parse(large.body)).toMatchObject({ Code: 'ServiceUnavailable' });
    // The action is what is wrong with it: the body was read.
    expect(await call(server, 7)).toMatchObject({ status: 404 });
    expect(peers.length - refused().length).toBe(2);
    for (const { socket } of peers) socket.resetAndDestroy();
    await until(async () => (await call(server, 900)).status === 404, 'room');
    // Bodies that were read give back what they took.
    for (let at = 0; at < 5; at++) expect(await call(server, 900)).toMatchObject({ status: 404 });
  });

  it('that wait behind an endless answer give back what they took', async () => {
    await using server = await startApiServer({
      inMemory: true,
      server: { bodyBudget: MIB },
      routes: (app) => app.get('/live/:file', (_request, reply) => void reply.hijack().raw.write('media')),
    });
    const text = `Text=${'x'.repeat(600 * KIB)}`;
    const post = `POST / HTTP/1.1\r\n${host}Content-Length: ${text.length}\r\n\r\n${text}`;
    for (let at = 0; at < 3; at++) {
      const count = server.api.counted.length;
      const peer = hold(server.port, `GET /live/a HTTP/1.1\r\n${host}\r\n${post}`);
      await until(() => server.api.counted.length > count, 'the call behind it');
      peer.socket.resetAndDestroy();
    }
    expect(server.api.counted.map(({ code }) => code)).toEqual(Array(3).fill('InvalidAction.NotFound'));
  });

  it('are not waited for where nothing is', async () => {
    await using server = await startApiServer({ inMemory: true });
    const type = 'Content-Type: application/json\r\n';
    const peer = hold(server.port, `POST /none HTTP/1.1\r\n${host}${type}Content-Length: 1000000\r\n\r\n"x`);
    await answered(peer);
    peer.socket.destroy();
  });
});

describe('connections', () => {
  it('are limited by address, as configured, and one that was handed back counts once', async () => {
    await using server = await startTestService({ config: { api: { maxConnectionsPerAddress: 2 } } });
    const { httpPort } = server.service;
    const h2c = `GET / HTTP/1.1\r\n${host}Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n`;
    const one = hold(httpPort, h2c);
    await answered(one);
    const two = hold(httpPort, asksNothing);
    await answered(two);
    const three = hold(httpPort, asksNothing);
    await closed(three);
    expect(three.said()).toBe('');
    one.socket.destroy();
    await until(async () => {
      const four = hold(httpPort, asksNothing);
      await until(() => four.socket.destroyed || four.said() !== '', 'an answer or none');
      return four.said() !== '';
    }, 'room for another');
    two.socket.destroy();
  });

  it('of trusted proxies are not limited by address', async () => {
    await using server = await startApiServer({
      inMemory: true,
      server: { maxConnectionsPerAddress: 1, trustedProxies: ['127.0.0.0/8'] },
    });
    const peers = [1, 2, 3].map(() => hold(server.port, asksNothing));
    for (const peer of peers) await answered(peer);
  });

  it('are limited in all, as configured', async () => {
    await using server = await startTestService({
      config: { api: { maxConnections: 2 }, trustedProxies: ['127.0.0.1'] },
    });
    const { httpPort } = server.service;
    const peers = [1, 2].map(() => hold(httpPort, asksNothing));
    for (const peer of peers) await answered(peer);
    const three = hold(httpPort, asksNothing);
    await closed(three);
    expect(three.said()).toBe('');
    for (const { socket } of peers) socket.destroy();
  });
});
