import { connect } from 'node:net';
import { XMLParser } from 'fast-xml-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { text } from '../../src/operations/fields.ts';
import { defineOperation } from '../../src/operations/operation.ts';
import { encodeRfc3986 } from '../../src/base/percent-encoding.ts';
import type { RawRequest } from '../../src/wire/rpc/request.ts';
import { startApiServer, talk } from '../support/api-server.ts';
import type { ApiServer, RawAnswer } from '../support/api-server.ts';

const doc = { description: 'Test.', example: 'x' };
const Echo = defineOperation({
  name: 'DescribeEcho',
  summary: 'Test.',
  doc: 'Test.',
  kind: 'read',
  ram: { action: 'live:DescribeEcho', level: 'get', resource: '*' },
  limit: { calls: 1000, perSeconds: 1 },
  parameters: z.object({ Text: text(doc).optional(), Fault: text(doc).optional() }),
  response: z.object({ Text: text(doc).optional(), ClientAddress: text(doc) }),
  errors: {},
  handle({ params, caller }) {
    if (params.Fault !== undefined) throw new Error(params.Fault);
    return { Text: params.Text, ClientAddress: caller.clientAddress };
  },
});

let server: ApiServer;
beforeAll(async () => {
  server = await startApiServer({
    inMemory: true,
    operations: [Echo],
    server: { headersTimeoutMs: 400, requestTimeoutMs: 800, checkIntervalMs: 50 },
    routes(app) {
      app.get('/live/:file', () => 'media');
      app.post('/hook', (request) => ({ got: request.body }));
      app.get('/broken', () => Promise.reject(new Error('internal detail')));
    },
  });
});
afterAll(() => server[Symbol.asyncDispose]());

const host = 'Host: live.example.com\r\n';
const ask = (bytes: string) => talk(server.port, (socket) => socket.write(bytes));

function expectEnvelope(answer: RawAnswer, status: number, code: string): void {
  expect(answer.status).toBe(status);
  const isJson = answer.body.startsWith('{');
  expect(answer.headers['content-type']).toBe(`${isJson ? 'application/json' : 'text/xml'};charset=utf-8`);
  const parsed = (
    isJson ? JSON.parse(answer.body) : (new XMLParser().parse(answer.body) as { Error: unknown }).Error
  ) as Record<string, unknown>;
  expect(parsed).toMatchObject({
    Code: code,
    HostId: 'live.aliyuncs.com',
    RequestId: answer.headers['x-acs-request-id'],
  });
  expect(Number(answer.headers['content-length'])).toBe(Buffer.byteLength(answer.body));
}

/** The bytes of a request; its body chunked when `chunks` says where to cut. */
function bytesOf(raw: RawRequest, more: string[] = [], chunkBytes = 0): string {
  const headers = [...raw.headers.map(([name, value]) => `${name}: ${value}`), 'connection: close', ...more];
  const body = Buffer.from(raw.body).toString();
  if (body === '') return `${raw.method} ${raw.target} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`;
  headers.push(chunkBytes > 0 ? 'transfer-encoding: chunked' : `content-length: ${raw.body.length}`);
  const chunks = body.match(new RegExp(`.{1,${chunkBytes || 1}}`, 'gs')) ?? [];
  const sent =
    chunkBytes > 0
      ? chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('') + '0\r\n\r\n'
      : body;
  return `${raw.method} ${raw.target} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n${sent}`;
}

describe('good requests', () => {
  const form = { Text: 'a b*~ü+&' };
  const sign = (options = {}) => server.api.sign('DescribeEcho', { Format: 'JSON' }, { form, ...options });

  it.each([
    ['Content-Length, V3', () => bytesOf(sign())],
    ['Content-Length, V1', () => bytesOf(sign({ scheme: 'v1' }))],
    ['chunks of 3 bytes, V3', () => bytesOf(sign(), [], 3)],
    ['chunks of 1 byte, V1', () => bytesOf(sign({ scheme: 'v1' }), [], 1)],
    ['an expectation nobody knows', () => bytesOf(sign(), ['expect: the-unexpected'])],
    ['no Host', () => bytesOf(sign({ scheme: 'v1' })).replace(/^host: .*\r\n/im, '')],
    ['an absolute target', () => bytesOf(sign()).replace('POST /?', 'POST http://live.example.com/?')],
  ])('reads a form with %s', async (_what, bytes) => {
    const answer = await ask(bytes());
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({ Text: form.Text });
  });

  it('reads a GET with a form type and no body, a POST with neither, and a body whose type nobody knows', async () => {
    const { target, headers } = server.api.sign(
      'DescribeEcho',
      { Format: 'JSON' },
      { scheme: 'v1', method: 'GET' },
    );
    const old = `GET ${target} HTTP/1.1\r\n${host}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`;
    expect(headers).toEqual([['host', 'live.example.com']]);
    expect(await ask(old)).toMatchObject({ status: 200 });
    const java = bytesOf(server.api.sign('DescribeEcho', { Format: 'JSON' }, { scheme: 'v1' }), [
      'content-type: application/x-www-form-urlencoded',
    ]);
    expect(await ask(java)).toMatchObject({ status: 200 });
    const odd = server.api.sign('DescribeEcho', { Format: 'JSON', Text: 'x' }, { scheme: 'v1' });
    for (const type of ['application/json', 'text/plain', ';;garbage', 'multipart/form-data'])
      expect(
        await ask(
          bytesOf(
            {
              ...server.api.sign('DescribeEcho', { Format: 'JSON' }, { scheme: 'v1' }),
              body: Buffer.from('{"a":1'),
            },
            [`content-type: ${type}`],
          ),
        ),
      ).toMatchObject({ status: 200 });
    expect(odd.method).toBe('POST');
  });

  it('takes a body of 1 MiB and a query of 48 KiB', async () => {
    const value = 'x'.repeat(1024 * 1024 - 'Text='.length);
    const large = server.api.sign('DescribeEcho', { Format: 'JSON' }, { form: { Text: value } });
    expect(large.body.length).toBe(1024 * 1024);
    expect(await ask(bytesOf(large))).toMatchObject({ status: 200 });
    const long = server.api.sign('DescribeEcho', { Format: 'JSON', Text: 'x'.repeat(48 * 1024) });
    expect(await ask(bytesOf(long))).toMatchObject({ status: 200 });
  });

  it('keeps the connection, says for how long, and does not say what it is made of', async () => {
    const bytes = bytesOf(server.api.sign('DescribeEcho')).replace('connection: close\r\n', '');
    const answers = await talk(server.port, (socket) => {
      socket.write(bytes);
      socket.once('data', () => socket.write(bytesOf(server.api.sign('DescribeEcho'))));
    });
    expect(answers.headers).toMatchObject({
      'keep-alive': 'timeout=25',
      connection: 'keep-alive',
      vary: 'Accept-Encoding',
    });
    expect(answers.headers).not.toHaveProperty('x-powered-by');
    expect(answers.headers).not.toHaveProperty('server');
    expect(answers.body.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(1);
  });
});

describe('bad HTTP is answered in the envelope', () => {
  it('404: another path, a path that cannot be decoded', async () => {
    for (const path of ['/nothing', '/%zz', '//', '/a/b/c?Format=JSON'])
      expectEnvelope(
        await ask(`GET ${path} HTTP/1.1\r\n${host}Connection: close\r\n\r\n`),
        404,
        'InvalidAction.NotFound',
      );
  });

  it('400 or 413: a body that another room’s parser refuses', async () => {
    const post = (path: string, body: string) =>
      ask(
        `POST ${path} HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
      );
    expectEnvelope(await post('/hook', '{"a":'), 400, 'MalformedRequest');
    expectEnvelope(await post('/hook', `"${'x'.repeat(1024 * 1024)}"`), 413, 'RequestEntityTooLarge');
    expectEnvelope(await post('/nothing', '{"a":1}'), 404, 'InvalidAction.NotFound');
  });

  it('404: nothing asked for, in XML unless JSON is accepted', async () => {
    const bare = await ask(`GET / HTTP/1.1\r\n${host}Connection: close\r\n\r\n`);
    expectEnvelope(bare, 404, 'InvalidAction.NotFound');
    expect(bare.body).toMatch(/^<\?xml version='1\.0' encoding='UTF-8'\?><Error>/);
    const json = await ask(`GET / HTTP/1.1\r\n${host}Accept: application/json\r\nConnection: close\r\n\r\n`);
    expectEnvelope(json, 404, 'InvalidAction.NotFound');
    expect(json.body).toMatch(/^\{/);
  });

  it.each(['PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND', 'QUERY', 'MKCOL', 'BREW'])(
    '405: %s',
    async (method) => {
      const answer = await ask(
        `${method} /?Format=JSON HTTP/1.1\r\n${host}Content-Length: 3\r\nConnection: close\r\n\r\nabc`,
      );
      expectEnvelope(answer, 405, 'UnsupportedHTTPMethod');
    },
  );

  it('405: CONNECT, and HEAD without a body', async () => {
    expectEnvelope(await ask(`CONNECT a.example:443 HTTP/1.1\r\n${host}\r\n`), 405, 'UnsupportedHTTPMethod');
    const head = await ask(`HEAD / HTTP/1.1\r\n${host}Connection: close\r\n\r\n`);
    expect(head).toMatchObject({ status: 405, body: '', headers: { allow: 'GET, POST, OPTIONS' } });
  });

  it('413: a body by its length, and one that turns out too large', async () => {
    const size = 1024 * 1024 + 1;
    const type = 'Content-Type: application/x-www-form-urlencoded\r\n';
    const start = `POST /?Format=JSON HTTP/1.1\r\n${host}${type}Connection: close\r\n`;
    expectEnvelope(
      await ask(`${start}Content-Length: ${size}\r\n\r\n${'x'.repeat(size)}`),
      413,
      'RequestEntityTooLarge',
    );
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    const chunked = `${start}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(40)}0\r\n\r\n`;
    expectEnvelope(await ask(chunked), 413, 'RequestEntityTooLarge');
  });

  it('431: headers and targets beyond 64 KiB', async () => {
    const long = 'x'.repeat(70_000);
    expectEnvelope(
      await ask(`GET / HTTP/1.1\r\n${host}X-Long: ${long}\r\n\r\n`),
      431,
      'RequestHeaderTooLarge',
    );
    expectEnvelope(await ask(`GET /?a=${long} HTTP/1.1\r\n${host}\r\n`), 431, 'RequestHeaderTooLarge');
  });

  it('408: headers that do not end, a body that dribbles, a peer that says nothing', async () => {
    const slow = [
      () => talk(server.port, (socket) => socket.write('GET / HTTP/1.1\r\nX: ')),
      () =>
        talk(server.port, (socket) => {
          socket.write(`POST / HTTP/1.1\r\n${host}Content-Length: 1000\r\n\r\n`);
          const drip = setInterval(() => socket.write('x'), 20);
          socket.on('close', () => clearInterval(drip));
        }),
      () => talk(server.port, () => undefined),
    ];
    for (const answer of await Promise.all(slow.map((start) => start())))
      expectEnvelope(answer, 408, 'RequestTimeout');
  });

  it.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['a bad request line', 'GET\r\n\r\n'],
    ['a bad version', `GET / HTTP/9.9\r\n${host}\r\n`],
    ['a bad header', `GET / HTTP/1.1\r\n${host}no colon\r\n\r\n`],
    ['a bad length', `POST / HTTP/1.1\r\n${host}Content-Length: ten\r\n\r\n`],
    [
      'two framings',
      `POST / HTTP/1.1\r\n${host}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['a bad chunk', `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n`],
  ])('400: %s', async (_what, bytes) => {
    expectEnvelope(await ask(bytes), 400, 'MalformedRequest');
  });

  it('500: a fault of an operation, and of another route', async () => {
    const fault = await ask(bytesOf(server.api.sign('DescribeEcho', { Fault: 'internal detail' })));
    expectEnvelope(fault, 500, 'InternalError');
    const broken = await ask(`GET /broken HTTP/1.1\r\n${host}Connection: close\r\n\r\n`);
    expectEnvelope(broken, 500, 'InternalError');
    expect(fault.body + broken.body).not.toContain('internal detail');
  });

  it('429: a source whose calls fail', async () => {
    await using strict = await startApiServer({ inMemory: true, gateway: { failuresPerSource: 1 } });
    const bare = `GET /?Format=JSON HTTP/1.1\r\n${host}Connection: close\r\n\r\n`;
    const once = await talk(strict.port, (socket) => socket.write(bare));
    expectEnvelope(once, 404, 'InvalidAction.NotFound');
    expectEnvelope(await talk(strict.port, (socket) => socket.write(bare)), 429, 'Throttling');
  });

  it('says nothing into an answer that is under way, and survives peers that vanish', async () => {
    for (let at = 0; at < 20; at++) {
      const socket = connect(server.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(`POST / HTTP/1.1\r\n${host}Content-Length: 100\r\n\r\nabc`, () =>
        socket.resetAndDestroy(),
      );
    }
    expect(await ask(bytesOf(server.api.sign('DescribeEcho')))).toMatchObject({ status: 200 });
  });
});

describe('browsers', () => {
  it('may send what they sign', async () => {
    const answer = await ask(
      `OPTIONS / HTTP/1.1\r\n${host}Origin: https://a.example\r\nAccess-Control-Request-Method: POST\r\n` +
        'Access-Control-Request-Headers: authorization,x-acs-date\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'GET, POST, OPTIONS',
        'access-control-allow-headers': 'authorization,x-acs-date',
      },
    });
  });
});

describe('other rooms', () => {
  it('have their own routes and parsers on the same listener', async () => {
    expect(await (await fetch(`${server.url}/live/room1.flv`)).text()).toBe('media');
    const hook = await fetch(`${server.url}/hook`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"a":1}',
    });
    expect(await hook.json()).toEqual({ got: { a: 1 } });
  });
});

describe('the address of a caller', () => {
  const via = async (target: ApiServer, forwarded: string) => {
    const bytes = bytesOf(target.api.sign('DescribeEcho'), [`x-forwarded-for: ${forwarded}`]);
    const { body } = await talk(target.port, (socket) => socket.write(bytes));
    return (JSON.parse(body) as { ClientAddress: string }).ClientAddress;
  };

  it('is the socket’s unless a trusted proxy says otherwise', async () => {
    expect(await via(server, '203.0.113.9')).toBe('127.0.0.1');
    await using proxied = await startApiServer({
      inMemory: true,
      operations: [Echo],
      server: { trustedProxies: ['127.0.0.0/8', '10.0.0.0/8'] },
    });
    expect(await via(proxied, '203.0.113.9, 10.1.2.3')).toBe('203.0.113.9');
    expect(await via(proxied, 'spoofed, 203.0.113.9')).toBe('203.0.113.9');
    expect(await via(proxied, encodeRfc3986('not an address'))).toBe('127.0.0.1');
  });
});
