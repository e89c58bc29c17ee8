import { createRequire } from 'node:module';
import type OpenApi from '@alicloud/openapi-client';
import type TeaUtil from '@alicloud/tea-util';
import PopCore from '@alicloud/pop-core';
import { XMLParser } from 'fast-xml-parser';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { Operation } from '../../src/operations/operation.ts';
import { API_VERSIONS } from '../../src/operations/products.ts';
import { findOperation, OPERATIONS } from '../../src/operations/registry.ts';
import { inAccount } from '../support/accounts.ts';
import type { CallerKey } from '../support/api-harness.ts';
import { startApiServer } from '../support/api-server.ts';
import type { ApiServer } from '../support/api-server.ts';
import { readyToCall } from '../support/example-calls.ts';
import { newRoom, play, publish } from '../support/fake-peers.ts';
import { exampleCall } from '../support/operation-examples.ts';

// Vitest and Node read the default exports of these CommonJS packages differently; require() means one thing.
const require = createRequire(import.meta.url);
const openapi = require('@alicloud/openapi-client') as typeof OpenApi;
const teaUtil = require('@alicloud/tea-util') as typeof TeaUtil;

type Fields = Record<string, unknown>;
/** A call as one of the SDKs makes it; rejects as the SDK does. */
type Call = (action: string, params: Record<string, string>, as?: Partial<CallerKey>) => Promise<Fields>;

let server: ApiServer;
beforeAll(async () => {
  server = await startApiServer({ startAt: Date.now(), gateway: { failuresPerSource: 1000 } });
});
afterAll(() => server[Symbol.asyncDispose]());
// The SDKs sign with the real time, and the service accepts 15 minutes of difference; the lowest limit needs a second.
beforeEach(() => server.api.clock.advance(600));

/** Who signs: the root account's owner unless a test says otherwise. */
const signer = (as: Partial<CallerKey> = {}): CallerKey => ({
  accessKeyId: server.api.accessKeyId,
  accessKeySecret: server.api.secret,
  ...as,
});
const versionOf = (action: string): string => API_VERSIONS[findOperation(action)?.product ?? 'live'];

const popCore =
  (method: 'GET' | 'POST'): Call =>
  (action, params, as) => {
    const client = new PopCore({ ...signer(as), endpoint: server.url, apiVersion: versionOf(action) });
    return client.request<Fields>(action, params, { method });
  };

/** Tea's client; `v2` is its name for RPC V1. Bodies come as text when XML is asked for, because it reads none. */
const tea =
  (method: 'GET' | 'POST', place: 'query' | 'body', signatureAlgorithm?: 'v2'): Call =>
  async (action, params, as) => {
    const client = new openapi.default(
      new openapi.Config({
        ...signer(as),
        endpoint: `127.0.0.1:${server.port}`,
        protocol: 'http',
        ...(signatureAlgorithm && { signatureAlgorithm }),
      }),
    );
    const { Format, ...own } = params;
    const call = new openapi.Params({
      action,
      version: versionOf(action),
      protocol: 'HTTP',
      pathname: '/',
      method,
      authType: 'AK',
      style: 'RPC',
      reqBodyType: 'formData',
      bodyType: Format === 'XML' ? 'string' : 'json',
    });
    const query = { ...(Format && { Format }), ...(place === 'query' && own) };
    const request = new openapi.OpenApiRequest({ query, ...(place === 'body' && { body: own }) });
    const runtime = new teaUtil.RuntimeOptions({});
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- the two packages declare it twice
    const answer = (await client.callApi(call, request, runtime)) as { body: unknown };
    return Format === 'XML' ? readXml(action, String(answer.body)) : (answer.body as Fields);
  };

function readXml(action: string, text: string): Fields {
  const parsed = new XMLParser().parse(text) as Record<string, Fields>;
  return parsed[`${action}Response`]!;
}

const CLIENTS: [string, Call][] = [
  ['pop-core, V1, GET', popCore('GET')],
  ['pop-core, V1, POST', popCore('POST')],
  ['openapi-client, V3, GET', tea('GET', 'query')],
  ['openapi-client, V3, POST, query', tea('POST', 'query')],
  ['openapi-client, V3, POST, body', tea('POST', 'body')],
  ['openapi-client, V1, GET', tea('GET', 'query', 'v2')],
  ['openapi-client, V1, POST', tea('POST', 'body', 'v2')],
];
const XML_CLIENTS = CLIENTS.filter(([name]) => name.startsWith('openapi-client'));

const EVERY = OPERATIONS.filter(({ testMode }) => !testMode).map(
  (operation) => [operation.name, operation] as const,
);
const isOptional = (field: unknown): boolean => (field as z.ZodType).safeParse(undefined).success;

/** A call that will succeed, and who makes it: in an account of its own where that can be. */
async function ready(operation: Operation) {
  if (operation.product === 'live') {
    const { names } = newRoom();
    const own = operation.ram.resource === 'domain' && operation.kind === 'write';
    return { params: { ...exampleCall(operation), ...(own && names) }, as: {} };
  }
  const made = await inAccount(server.api);
  const { params, as = made.key } = await readyToCall(made, operation.name);
  return { params, as };
}

const rejection = async (call: Promise<unknown>): Promise<Record<string, unknown> & { data: Fields }> =>
  call.then(
    () => Promise.reject(new Error('the call succeeded')),
    (error: unknown) => error as Record<string, unknown> & { data: Fields },
  );

describe.each(CLIENTS)('%s', (name, call) => {
  it.each(EVERY)('%s', async (action, operation) => {
    const { params, as } = await ready(operation);
    const answer = await call(action, params, as);
    expect(answer['RequestId']).toMatch(/^[0-9A-F-]{36}$/);
    expect(operation.response.safeParse(answer)).toMatchObject({ success: true });
  });

  it('cuts a stream whose names need every kind of escape', async () => {
    const room = newRoom("a p'p!(~)*");
    const names = { ...room.names, StreamName: `${room.names.StreamName} ü+&=中` };
    const key = { ...room.key, stream: names.StreamName };
    const publisher = publish(server.api.core, key);
    const player = play(server.api.core, key);
    await call('ForbidLiveStream', { ...names, LiveStreamType: 'publisher', Reason: 'café & <b>' });
    expect([publisher.cuts, player]).toEqual([['forbidden'], ['forbidden']]);
    const { Blocks } = (await call('DescribeLiveStreamBlocks', names)) as { Blocks: { Block: Fields[] } };
    expect(Blocks.Block).toMatchObject([{ ...names, Reason: 'café & <b>', Actor: server.api.accessKeyId }]);
  });

  it('reads the code and message of an error', async () => {
    const error = await rejection(call('DescribeLiveStreamState', { DomainName: 'a.example.com' }));
    expect(error['code']).toBe('MissingAppName');
    expect(String(error['message'])).toContain('AppName is mandatory for this action.');
    expect(error.data).toMatchObject({
      HostId: 'live.aliyuncs.com',
      RequestId: expect.any(String) as string,
    });
  });

  it('learns of a wrong secret, with the string to sign', async () => {
    const wrong = { accessKeySecret: 'wrong' };
    const error = await rejection(call('DescribeLiveStreamCount', { DomainName: 'a.example.com' }, wrong));
    expect(error['code']).toBe('SignatureDoesNotMatch');
    const signed = name.includes('V3') ? 'ACS3-HMAC-SHA256\n[0-9a-f]{64}' : '(GET|POST)&%2F&\\S+';
    expect(String(error.data['Message'])).toMatch(new RegExp(`server string to sign is:${signed}$`));
  });

  it('is throttled', async () => {
    const count = () => call('DescribeLiveStreamCount', { DomainName: 'a.example.com' });
    await count();
    expect(await rejection(count())).toMatchObject({ code: 'Throttling.User' });
  });
});

describe.each(XML_CLIENTS)('%s, XML', (_name, call) => {
  it.each(EVERY)('%s', async (action, operation) => {
    const { params, as } = await ready(operation);
    const answer = await call(action, { ...params, Format: 'XML' }, as);
    expect(answer['RequestId']).toMatch(/^[0-9A-F-]{36}$/);
    const declared = Object.entries(operation.response.shape);
    const fields = declared.flatMap(([name, field]) => (isOptional(field) ? [] : [name]));
    expect(Object.keys(answer)).toEqual(expect.arrayContaining(fields));
  });

  it('repeats the element of a list', async () => {
    const DomainName = `xml-${newRoom().names.StreamName}.example.com`;
    for (const stream of ['a', 'b']) publish(server.api.core, { domain: DomainName, app: 'live', stream });
    const { OnlineInfo } = await call('DescribeLiveStreamsOnlineList', { DomainName, Format: 'XML' });
    expect(OnlineInfo).toMatchObject({
      LiveStreamOnlineInfo: [
        { StreamName: 'a', Width: 1280 },
        { StreamName: 'b', Width: 1280 },
      ],
    });
  });
});

it('reads errors in XML (openapi-client, V3)', async () => {
  const error = await rejection(tea('POST', 'query')('DescribeLiveStreamState', { Format: 'XML' }));
  expect(error).toMatchObject({ code: 'MissingDomainName', data: { statusCode: 400 } });
});
