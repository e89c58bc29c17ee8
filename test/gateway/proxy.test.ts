import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { connectRtmp } from '../../src/cli/rtmp-client.ts';
import { text } from '../../src/operations/fields.ts';
import { defineOperation } from '../../src/operations/operation.ts';
import { startApiServer, talk } from '../support/api-server.ts';
import type { ApiServer, RawAnswer } from '../support/api-server.ts';
import { collectingLogger } from '../support/collecting-logger.ts';
import { startTestService } from '../support/service.ts';
import { LOCALHOST, LOCALHOST_FILES } from '../support/tls.ts';
import { until } from '../support/wait.ts';

const doc = { description: 'Test.', example: 'x' };
const Whoami = defineOperation({
  name: 'DescribeWhoami',
  summary: 'Test.',
  doc: 'Test.',
  kind: 'read',
  ram: { action: 'live:DescribeWhoami', level: 'get', resource: '*' },
  limit: { calls: 1000, perSeconds: 1 },
  parameters: z.object({}),
  response: z.object({ ClientAddress: text(doc) }),
  errors: {},
  handle: ({ caller }) => ({ ClientAddress: caller.clientAddress }),
});

type ServerOptions = NonNullable<Parameters<typeof startApiServer>[0]>;
const start = (options: ServerOptions = {}) =>
  startApiServer({ inMemory: true, operations: [Whoami], ...options });
const TRUSTED = { trustedProxies: ['127.0.0.0/8', '10.0.0.0/8'] };

/** A PROXY header of version 1. */
const v1 = (client: string) => Buffer.from(`PROXY TCP4 ${client} 192.0.2.1 40000 80\r\n`);

/** A PROXY header of version 2; without a client it is the proxy's own (LOCAL). */
function v2(client?: readonly number[]): Buffer {
  const addresses = client ? Buffer.from([...client, 192, 0, 2, 1, 0x9c, 0x40, 0, 80]) : Buffer.alloc(0);
  return Buffer.concat([
    Buffer.from('0d0a0d0a000d0a515549540a', 'hex'),
    Buffer.of(client ? 0x21 : 0x20, client ? 0x11 : 0, 0, addresses.length),
    addresses,
  ]);
}

/** The bytes of a signed call. */
function callOf({ api }: ApiServer, headers: Record<string, string> = {}): Buffer {
  const raw = api.sign('DescribeWhoami', { Format: 'JSON' });
  const pairs = [...raw.headers, ...Object.entries(headers)].map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${raw.method} ${raw.target} HTTP/1.1\r\n${pairs.join('')}\r\n`);
}

const once = { connection: 'close' };
const send = ({ port }: ApiServer, ...parts: readonly Buffer[]): Promise<RawAnswer> =>
  talk(port, (socket) => {
    socket.setNoDelay(true);
    for (const part of parts) socket.write(part);
  });
const clientOf = ({ body }: RawAnswer): unknown =>
  (JSON.parse(body) as Record<string, unknown>)['ClientAddress'];

describe('from a trusted proxy', () => {
  it.each([
    ['version 1', v1('203.0.113.7'), '203.0.113.7'],
    ['version 2', v2([203, 0, 113, 8]), '203.0.113.8'],
    ['version 2 of the proxy itself', v2(), '127.0.0.1'],
    ['UNKNOWN', Buffer.from('PROXY UNKNOWN\r\n'), '127.0.0.1'],
    ['no header', Buffer.alloc(0), '127.0.0.1'],
  ])('%s names the client, for the answer, the audit trail and the log', async (_what, header, client) => {
    const { log, lines } = collectingLogger('debug');
    await using server = await start({ server: TRUSTED, log });
    const request = callOf(server, once);
    expect(clientOf(await send(server, Buffer.concat([header, request])))).toBe(client);
    expect(server.api.audit.map(({ clientAddress }) => clientAddress)).toEqual([client]);
    expect(lines().filter(({ msg }) => msg === 'call')).toMatchObject([{ clientAddress: client }]);
  });

  it('may come in any pieces, before several requests', async () => {
    await using server = await start({ server: TRUSTED });
    for (const header of [v1('203.0.113.7'), v2([203, 0, 113, 7])]) {
      const bytes = Buffer.concat([header, callOf(server, once)]);
      const socket = connect(server.port, '127.0.0.1');
      let said = '';
      socket.on('data', (chunk) => (said += chunk.toString()));
      for (let at = 0; at < bytes.length; at += at < header.length ? 1 : 100)
        await new Promise<void>((resolve) =>
          socket.write(bytes.subarray(at, at < header.length ? at + 1 : at + 100), () =>
            setImmediate(resolve),
          ),
        );
      await until(() => socket.closed, 'the answer');
      expect(said).toContain('"ClientAddress":"203.0.113.7"');
    }
    const pipelined = [v1('203.0.113.9'), callOf(server), callOf(server), callOf(server, once)];
    const answers = (await send(server, ...pipelined)).body;
    expect(answers.match(/203\.0\.113\.9/g)).toHaveLength(3);
  });

  it('goes before X-Forwarded-For, which counts behind it when its client is a trusted proxy too', async () => {
    await using server = await start({ server: TRUSTED });
    const forwarded = (by: string) => callOf(server, { ...once, 'x-forwarded-for': by });
    const via = async (...parts: Buffer[]) => clientOf(await send(server, ...parts));
    expect(await via(v1('203.0.113.7'), forwarded('198.51.100.1'))).toBe('203.0.113.7');
    expect(await via(v1('10.1.2.3'), forwarded('1.1.1.1, 198.51.100.1'))).toBe('198.51.100.1');
    expect(await via(forwarded('198.51.100.2, 10.1.2.3'))).toBe('198.51.100.2');
  });

  it('is what connections and failed calls are counted under', async () => {
    await using server = await start({
      server: { ...TRUSTED, maxConnectionsPerAddress: 2 },
      gateway: { failuresPerSource: 2 },
    });
    const sockets: Socket[] = [];
    const open = (client: string) => {
      const socket = connect(server.port, '127.0.0.1', () => socket.write(v1(client)));
      socket.on('error', () => undefined).resume();
      sockets.push(socket);
      return socket;
    };
    const [first, second, third] = [open('203.0.113.7'), open('203.0.113.7'), open('203.0.113.7')];
    await until(() => [first, second, third].filter((one) => one.destroyed).length === 1, 'one too many');
    expect(clientOf(await send(server, v1('203.0.113.8'), callOf(server, once)))).toBe('203.0.113.8');
    for (const socket of sockets) socket.destroy();
    const unsigned = Buffer.from(
      'GET /?Action=DescribeWhoami HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    );
    const fail = async (client: string) => (await send(server, v1(client), unsigned)).status;
    expect([await fail('203.0.113.9'), await fail('203.0.113.9'), await fail('203.0.113.9')]).toEqual([
      400, 400, 429,
    ]);
    expect(await fail('203.0.113.10')).toBe(400);
  });

  it('ends the connection when it is malformed, too long, or late', async () => {
    const { log, lines } = collectingLogger();
    await using server = await start({ server: TRUSTED, log });
    const closed = async (bytes: Buffer, then = () => {}) => {
      const socket = connect(server.port, '127.0.0.1', () => socket.write(bytes, then));
      socket.on('error', () => undefined).resume();
      await until(() => socket.destroyed, 'the end of the connection');
      return socket.bytesRead;
    };
    expect(await closed(Buffer.from('PROXY TCP4 nonsense\r\n'))).toBe(0);
    expect(await closed(Buffer.from(`PROXY TCP4 ${'1'.repeat(200)}`))).toBe(0);
    expect(await closed(Buffer.concat([v2().subarray(0, 14), Buffer.of(0xff, 0xff)]))).toBe(0);
    let accepted = 0;
    server.app.server.on('connection', () => accepted++);
    const late = closed(Buffer.from('PRO'));
    await until(() => accepted === 1 && server.api.clock.pending > 0, 'the connection');
    server.api.clock.advance(10_000);
    expect(await late).toBe(0);
    expect(lines().map(({ msg }) => msg)).toEqual(Array(4).fill('closed: no PROXY header that can be read'));
  });

  it('is not waited for when the server closes', async () => {
    const server = await start({ server: TRUSTED });
    let accepted = 0;
    server.app.server.on('connection', () => accepted++);
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => undefined).resume();
    await until(() => accepted === 1, 'the connection');
    await server[Symbol.asyncDispose]();
    await until(() => socket.destroyed, 'its end');
  });
});

describe('from anybody else', () => {
  it.each([
    ['a PROXY header of version 1', [v1('203.0.113.7')], {}],
    ['a PROXY header of version 2', [v2([203, 0, 113, 7])], {}],
  ])('%s is malformed HTTP', async (_what, header) => {
    const { log, lines } = collectingLogger('debug');
    await using server = await start({ log });
    const answer = await send(server, Buffer.concat([...header, callOf(server, once)]));
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(server.api.audit.map(({ clientAddress, kind }) => [clientAddress, kind])).toEqual([
      ['127.0.0.1', 'anonymous'],
    ]);
    expect(JSON.stringify(lines())).not.toContain('203.0.113.7');
  });

  it('X-Forwarded-For changes neither answer, audit trail, log nor limits', async () => {
    const { log, lines } = collectingLogger('debug');
    await using server = await start({ log, gateway: { failuresPerSource: 2 } });
    const forged = (client: string) => ({
      ...once,
      'x-forwarded-for': client,
      forwarded: `for=${client}`,
      'x-real-ip': client,
    });
    expect(clientOf(await send(server, callOf(server, forged('203.0.113.7'))))).toBe('127.0.0.1');
    const statuses: number[] = [];
    for (const client of ['203.0.113.1', '203.0.113.2', '203.0.113.3']) {
      const head = Object.entries(forged(client)).map(([name, value]) => `${name}: ${value}\r\n`);
      const unsigned = `GET /?Action=DescribeWhoami HTTP/1.1\r\nHost: a\r\n${head.join('')}\r\n`;
      statuses.push((await send(server, Buffer.from(unsigned))).status);
    }
    expect(statuses).toEqual([400, 400, 429]);
    expect(new Set(server.api.audit.map(({ clientAddress }) => clientAddress))).toEqual(
      new Set(['127.0.0.1']),
    );
    expect(JSON.stringify(lines())).not.toContain('203.0.113');
  });
});

describe('in the whole service', () => {
  it('playback and its upgrades go by the client of the PROXY header, over HTTP and HTTPS', async () => {
    const { log, lines } = collectingLogger();
    for (const secure of [false, true]) {
      const { certificate, key } = LOCALHOST_FILES;
      await using sluice = await startTestService({
        log,
        config: { trustedProxies: ['127.0.0.1'], ...(secure && { api: { certificate, key } }) },
      });
      const { httpPort, rtmpPort } = sluice.service;
      const publisher = await connectRtmp({
        mode: 'publish',
        host: '127.0.0.1',
        port: rtmpPort,
        app: 'live',
        stream: 'cam1',
      });
      const get = (client: string, more = '') =>
        new Promise<string>((resolve) => {
          const raw = connect(httpPort, '127.0.0.1');
          raw.write(v1(client));
          const socket = secure
            ? connectTls({ socket: raw, ca: LOCALHOST.cert, servername: 'localhost' })
            : raw;
          socket.on('error', () => undefined);
          socket.write(`HEAD /live/cam1.flv HTTP/1.1\r\nHost: live.local\r\n${more}\r\n`);
          socket.once('data', (chunk: Buffer) => {
            resolve(chunk.toString().split('\r\n', 1)[0] ?? '');
            raw.destroy();
          });
        });
      expect(await get('203.0.113.7')).toBe('HTTP/1.1 403 Forbidden');
      expect(await get('127.0.0.9')).toBe('HTTP/1.1 200 OK');
      const h2c = 'Connection: Upgrade\r\nUpgrade: h2c\r\n';
      expect(await get('203.0.113.7', h2c)).toBe('HTTP/1.1 403 Forbidden');
      expect(await get('127.0.0.9', h2c)).toBe('HTTP/1.1 200 OK');
      await publisher.close();
    }
    const refused = lines().filter(({ msg }) => String(msg).includes('not-loopback'));
    expect(refused.map(({ address }) => address)).toEqual(Array(4).fill('203.0.113.7'));
  });
});
