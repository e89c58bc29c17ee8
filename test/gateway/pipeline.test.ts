import { XMLParser } from 'fast-xml-parser';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { StartError, StoreUnavailableError } from '../../src/base/errors.ts';
import { formatTimestamp } from '../../src/base/timestamp.ts';
import { ApiError } from '../../src/operations/api-error.ts';
import { choice, text } from '../../src/operations/fields.ts';
import { defineOperation } from '../../src/operations/operation.ts';
import { startApi } from '../support/api-harness.ts';
import type { Api, ApiOptions } from '../support/api-harness.ts';
import { collectingLogger } from '../support/collecting-logger.ts';
import { expectCode } from '../support/operation-blocks.ts';

/** What the operation under the pipeline does. */
let act: () => Promise<Record<string, string>>;
const doc = { description: 'Test.', example: 'x' };
const Probe = (kind: 'read' | 'write', name: string) =>
  defineOperation({
    name,
    summary: 'Test.',
    doc: 'Test.',
    kind,
    ram: { action: `live:${name}`, level: 'get', resource: 'domain' },
    limit: { calls: 5, perSeconds: 1 },
    parameters: z.object({ DomainName: text(doc).optional(), Mode: choice(['a', 'b'], doc).optional() }),
    response: z.object({ Text: text(doc).optional() }),
    errors: {},
    handle: () => act(),
  });
const operations = [Probe('read', 'DescribeProbe'), Probe('write', 'SetProbe')];
const MINUTE = 60_000;
let api: Api;
const start = async (options: ApiOptions = {}): Promise<Api> => {
  act = async () => ({});
  api = await startApi({ operations, inMemory: true, ...options });
  return api;
};
afterEach(() => api[Symbol.asyncDispose]());
const xml = (body: string) => new XMLParser({ parseTagValue: false }).parse(body) as Record<string, unknown>;

describe('find operation', () => {
  it('knows names in their exact case, before it looks at anything else', async () => {
    await start();
    for (const name of ['Nothing', 'describeprobe', 'constructor', ''])
      await expectCode(api.call(name, {}, { accessKeySecret: 'wrong' }), 404, 'InvalidAction.NotFound');
    await expectCode(api.call('DescribeProbe', {}, { version: '2014-11-11' }), 400, 'InvalidVersion');
    await expectCode(api.call('DescribeProbe', {}, { version: '2015-05-01' }), 400, 'InvalidVersion');
    await expectCode(api.call('DescribeProbe', {}, { version: '' }), 400, 'MissingVersion');
    await expectCode(api.call('DescribeProbe', { Format: 'YAML' }), 400, 'InvalidParameter.Format');
  });

  it('says where to look for operations of the vendor that are not here, and of no others', async () => {
    await start();
    const message = async (name: string, version = '2016-11-01') =>
      String((await api.call(name, {}, { version })).json['Message']);
    expect(await message('AddCasterComponent')).toContain('COVERAGE.md');
    expect(await message('AddCasterComponent', '2015-05-01')).not.toContain('COVERAGE.md');
    expect(await message('AddCasterComponents')).not.toContain('COVERAGE.md');
  });
});

describe('authenticate', () => {
  it('tells the first 100 characters of the name that it refuses, and whole ones', async () => {
    await start();
    const name = '\u{1f600}'.repeat(1000);
    const body = Buffer.from(`${name}=1&${name}=2&Signature=x&Format=JSON`);
    const headers: [string, string][] = [['content-type', 'application/x-www-form-urlencoded']];
    const target = '/?Action=DescribeProbe&Version=2016-11-01';
    const answer = await api.send({ method: 'POST', target, headers, body });
    expect(answer.json).toMatchObject({
      Code: 'InvalidParameter',
      Message: `Specified parameter ${'\u{1f600}'.repeat(100)} is not valid, it occurs with different values.`,
    });
  });

  it('accepts a clock that is wrong by 15 minutes either way, and not by a second more', async () => {
    await start();
    const at = (ms: number) => api.call('DescribeProbe', {}, { date: formatTimestamp(api.clock.now() + ms) });
    expect(await at(-15 * MINUTE)).toMatchObject({ status: 200 });
    expect(await at(15 * MINUTE)).toMatchObject({ status: 200 });
    await expectCode(at(-15 * MINUTE - 1000), 400, 'InvalidTimeStamp.Expired');
    await expectCode(at(15 * MINUTE + 1000), 400, 'InvalidTimeStamp.Expired');
  });

  it.each(['2026-01-01T00:00:00.000Z', '2026-01-01 00:00:00', '1767225600'])(
    'refuses the time %s',
    async (date) => {
      await start();
      await expectCode(api.call('DescribeProbe', {}, { date }), 400, 'InvalidTimeStamp.Format');
    },
  );

  it('names what is missing', async () => {
    await start();
    await expectCode(api.call('DescribeProbe', {}, { nonce: '' }), 400, 'MissingSignatureNonce');
    await expectCode(api.call('DescribeProbe', {}, { date: '' }), 400, 'MissingTimestamp');
    const v1 = { scheme: 'v1', accessKeyId: '' } as const;
    await expectCode(api.call('DescribeProbe', { Format: 'JSON' }, v1), 400, 'MissingAccessKeyId');
  });

  it('ends a mismatch in the string to sign, after the only colon', async () => {
    await start();
    const { json } = await api.call(
      'DescribeProbe',
      { Format: 'JSON' },
      { scheme: 'v1', accessKeySecret: 'wrong', nonce: 'n:1' },
    );
    const [sentence, stringToSign, ...rest] = String(json['Message']).split(':');
    expect(sentence).toBe(
      'Specified signature is not matched with our calculation. server string to sign is',
    );
    expect(stringToSign).toMatch(/^POST&%2F&AccessKeyId%3D.*Version%3D2016-11-01$/);
    expect(rest).toEqual([]);
  });

  it('does not send a string to sign that is much larger than what SDKs compare', async () => {
    await start();
    const form = { Text: '*'.repeat(200_000) };
    const { json } = await api.call(
      'DescribeProbe',
      { Format: 'JSON' },
      { scheme: 'v1', accessKeySecret: 'wrong', form },
    );
    expect(json['Code']).toBe('SignatureDoesNotMatch');
    expect(String(json['Message']).length).toBe(65_536);
  });

  it('refuses disabled keys and tokens of permanent keys', async () => {
    await start();
    await expectCode(
      api.call('DescribeProbe', {}, { securityToken: 'token' }),
      400,
      'InvalidSecurityToken.Malformed',
    );
    const key = api.core.keys.find(api.accessKeyId)!;
    api.core.keys.apply(api.accessKeyId, { ...key, status: 'disabled' }, key.version + 1);
    await expectCode(api.call('DescribeProbe'), 400, 'InvalidAccessKeyId.Inactive');
  });

  it('remembers a nonce only of a verified call', async () => {
    await start();
    await expectCode(
      api.call('DescribeProbe', {}, { nonce: 'n', accessKeySecret: 'wrong' }),
      400,
      'SignatureDoesNotMatch',
    );
    expect(await api.call('DescribeProbe', {}, { nonce: 'n' })).toMatchObject({ status: 200 });
    await expectCode(api.call('SetProbe', {}, { nonce: 'n' }), 400, 'SignatureNonceUsed');
    const v1 = { nonce: 'n', scheme: 'v1' } as const;
    await expectCode(api.call('DescribeProbe', { Format: 'JSON' }, v1), 400, 'SignatureNonceUsed');
  });

  it('bounds the memory of nonces and counts evictions', async () => {
    await start({ gateway: { nonceCapacity: 2 } });
    for (const nonce of ['1', '2', '3', '4']) await api.call('DescribeProbe', {}, { nonce });
    expect(api.evictions()).toBe(2);
  });
});

describe('authorise', () => {
  it('asks about the main domain of whatever spelling, and about everything without one', async () => {
    await start();
    for (const DomainName of ['PUSH.example.com:1935', 'no domain!'])
      await api.call('DescribeProbe', { DomainName });
    await api.call('DescribeProbe');
    const domain = `:*:${api.accountId}:domain/play.example.com`;
    const asked = api.policy.asked.map(({ resources }) => resources);
    expect(asked).toEqual([[`acs:live${domain}`, `acs:cdn${domain}`], ['*'], ['*']]);
  });

  it('does not let a denied call drain the limit of the account', async () => {
    await start();
    api.policy.decision = 'explicit-deny';
    for (let made = 0; made < 20; made++) await expectCode(api.call('SetProbe'), 403, 'NoPermission');
    api.policy.decision = undefined;
    for (let made = 0; made < 5; made++) expect(await api.call('SetProbe')).toMatchObject({ status: 200 });
    await expectCode(api.call('SetProbe'), 400, 'Throttling.User');
    expect(api.audit.filter(({ kind }) => kind === 'denied')).toHaveLength(20);
  });
});

describe('throttle', () => {
  it('counts each operation of an account apart, and takes a limit of the configuration', async () => {
    await start({ gateway: { limits: { SetProbe: 2 } } });
    const codes = async (name: string, times: number) => {
      const seen: unknown[] = [];
      for (let made = 0; made < times; made++) seen.push((await api.call(name)).json['Code']);
      return seen;
    };
    expect(await codes('SetProbe', 3)).toEqual([undefined, undefined, 'Throttling.User']);
    expect(await codes('DescribeProbe', 6)).toEqual([
      ...Array<undefined>(5).fill(undefined),
      'Throttling.User',
    ]);
  });

  it.each([{ Nothing: 5 }, { SetProbe: 0 }, { SetProbe: 1.5 }])(
    'does not start with limits %j',
    async (limits) => {
      await start();
      await expect(startApi({ operations, inMemory: true, gateway: { limits } })).rejects.toThrow(StartError);
    },
  );

  it('answers a source of failing calls with 429 and when to come back, but not its good calls', async () => {
    await start({ gateway: { failuresPerSource: 3 } });
    const bad = (clientAddress?: string) =>
      api.call('DescribeProbe', {}, { accessKeySecret: 'wrong', ...(clientAddress && { clientAddress }) });
    for (let made = 0; made < 3; made++) await expectCode(bad(), 400, 'SignatureDoesNotMatch');
    const refused = await bad();
    expect(refused).toMatchObject({ status: 429, json: { Code: 'Throttling' } });
    expect(Number(refused.headers['x-acs-retry-after'])).toBe(334);
    expect(await api.call('DescribeProbe')).toMatchObject({ status: 200 });
    await expectCode(bad('198.51.100.1'), 400, 'SignatureDoesNotMatch');
    api.clock.advance(334);
    await expectCode(bad(), 400, 'SignatureDoesNotMatch');
  });

  it('records a denial as one, though noise of the same address makes its answer 429', async () => {
    await start({ gateway: { failuresPerSource: 1 } });
    await expectCode(api.call('Nothing', {}, { accessKeyId: 'nobody' }), 404, 'InvalidAction.NotFound');
    api.policy.decision = 'explicit-deny';
    await expectCode(api.call('SetProbe'), 429, 'Throttling');
    expect(api.audit.at(-1)).toMatchObject({
      ...{ kind: 'denied', code: 'NoPermission', status: 403 },
      ...{ accountId: api.accountId, accessKeyId: api.accessKeyId },
    });
  });

  it('takes the addresses of one IPv6 network for one source', async () => {
    await start({ gateway: { failuresPerSource: 1 } });
    const bad = (clientAddress: string) => api.call('Nothing', {}, { clientAddress });
    await expectCode(bad('2001:db8:1:2::1'), 404, 'InvalidAction.NotFound');
    await expectCode(bad('2001:db8:1:2:ffff::2'), 429, 'Throttling');
    await expectCode(bad('2001:db8:1:3::1'), 404, 'InvalidAction.NotFound');
  });
});

describe('handle and render', () => {
  it('answers with the RequestId in body and headers, and the usual headers', async () => {
    await start();
    act = async () => ({ Text: '<&>' });
    const { status, headers, json } = await api.call('DescribeProbe');
    expect(status).toBe(200);
    expect(json['RequestId']).toMatch(/^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/);
    expect(headers).toEqual({
      'content-type': 'application/json;charset=utf-8',
      'x-acs-request-id': json['RequestId'],
      'x-acs-trace-id': expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      'access-control-allow-origin': '*',
      'access-control-expose-headers': '*',
      vary: 'Accept-Encoding',
    });
    const inXml = await api.call('DescribeProbe', {}, { scheme: 'v1' });
    expect(inXml.headers['content-type']).toBe('text/xml;charset=utf-8');
    expect(xml(inXml.body)).toMatchObject({ DescribeProbeResponse: { Text: '<&>' } });
  });

  it('wraps JSON when configured', async () => {
    await start({ gateway: { jsonEnvelope: 'wrapped' } });
    expect((await api.call('DescribeProbe')).json).toMatchObject({ DescribeProbeResponse: {} });
  });

  it('gives an error five texts in both formats', async () => {
    await start();
    const { json } = await api.call('Nothing');
    const error = { HostId: 'live.aliyuncs.com', Code: 'InvalidAction.NotFound' };
    expect(json).toEqual({
      RequestId: expect.any(String) as string,
      ...error,
      Message: 'Specified api is not found, please check your url and method.',
      Recommend: 'docs/4-api/errors.md#invalidactionnotfound',
    });
    const inXml = await api.call('Nothing', { Format: 'xml' });
    expect(xml(inXml.body)).toMatchObject({ Error: error });
  });

  it('decodes after it has throttled', async () => {
    await start();
    await expectCode(api.call('DescribeProbe', { Mode: 'c' }), 400, 'InvalidMode.Malformed');
    for (let made = 0; made < 4; made++) await api.call('DescribeProbe');
    await expectCode(api.call('DescribeProbe', { Mode: 'c' }), 400, 'Throttling.User');
  });

  it('tells a caller nothing of a fault but its RequestId, and the log everything', async () => {
    const { log, lines } = collectingLogger();
    await start({ log });
    act = () => Promise.reject(new Error('secret detail', { cause: new Error('deep cause') }));
    const answer = await api.call('DescribeProbe');
    expect(answer).toMatchObject({ status: 500, json: { Code: 'InternalError' } });
    expect(answer.body).not.toContain('secret detail');
    const line = lines().find(({ msg }) => msg === 'call failed');
    expect(line).toMatchObject({ requestId: answer.json['RequestId'], action: 'DescribeProbe', status: 500 });
    expect(JSON.stringify(line)).toContain('secret detail');
    expect(JSON.stringify(line)).toContain('deep cause');
  });

  it.each<[string, unknown, string]>([
    ['the store is away', new StoreUnavailableError('gone'), '503 ServiceUnavailable'],
    ['an operation says so', new ApiError('Own', { status: 418, message: 'm' }), '418 Own'],
    ['something else than an Error is thrown', 'text', '500 InternalError'],
  ])('translates when %s', async (_what, thrown, expected) => {
    await start();

    act = async () => {
      throw thrown;
    };
    const { status, json } = await api.call('DescribeProbe');
    expect(`${status} ${String(json['Code'])}`).toBe(expected);
  });

  it('answers within 2.5 s whatever an operation does', async () => {
    await start();
    act = () => new Promise(() => undefined);
    const answer = api.call('DescribeProbe');
    await Promise.resolve();
    api.clock.advance(2499);
    await expect(Promise.race([answer, Promise.resolve('waiting')])).resolves.toBe('waiting');
    api.clock.advance(1);
    await expectCode(answer, 503, 'ServiceUnavailable');
  });
});

describe('record', () => {
  it('leaves one audit line, one count and one log line of each call', async () => {
    const { log, lines } = collectingLogger();
    await start({ log });
    act = () => {
      api.clock.advance(7);
      return Promise.resolve({});
    };
    const { json } = await api.call('SetProbe');
    const call = {
      requestId: json['RequestId'],
      action: 'SetProbe',
      clientAddress: '192.0.2.7',
      status: 200,
      code: null,
    };
    const who = { accountId: api.accountId, accessKeyId: api.accessKeyId, actor: 'root' };
    const named = { target: null, effect: null };
    expect(api.audit).toEqual([{ ...call, ...who, ...named, at: api.clock.now() - 7, kind: 'write' }]);
    expect(api.counted).toEqual([{ action: 'SetProbe', status: 200, code: null, seconds: 0.007 }]);
    const own = lines().filter(({ msg }) => msg === 'call');
    expect(own).toMatchObject([{ ...call, accessKeyId: api.accessKeyId, ms: 7 }]);
  });

  it('tells writes, reads, denials and strangers apart, and does not repeat what strangers claim', async () => {
    await start();
    await api.call('SetProbe');
    await api.call('DescribeProbe');
    await api.call('SetProbe', {}, { accessKeySecret: 'wrong' });
    await api.call('a-name-of-their-own', {}, { accessKeyId: 'nobody' });
    for (let made = 0; made < 5; made++) await api.call('SetProbe');
    expect(api.audit.slice(0, 4).map(({ kind, action, accessKeyId }) => [kind, action, accessKeyId])).toEqual(
      [
        ['write', 'SetProbe', api.accessKeyId],
        ['read', 'DescribeProbe', api.accessKeyId],
        ['anonymous', 'SetProbe', null],
        ['anonymous', 'unknown', null],
      ],
    );
    expect(api.audit.at(-1)).toMatchObject({ kind: 'read', code: 'Throttling.User' });
    expect(api.counted.at(3)).toMatchObject({ action: 'unknown' });
  });

  it('logs failed calls that name a key there is, up to the limit of their address; others at debug', async () => {
    const { log, lines } = collectingLogger('debug');
    await start({ log, gateway: { failuresPerSource: 3 } });
    await api.call('SetProbe', {}, { accessKeySecret: 'wrong' });
    await api.call('SetProbe', {}, { accessKeyId: 'nobody' });
    const key = api.core.keys.find(api.accessKeyId)!;
    api.core.keys.apply(key.accessKeyId, { ...key, status: 'disabled' }, key.version + 1);
    await api.call('SetProbe');
    await api.call('SetProbe');
    const { accessKeyId } = api;
    expect(lines().map(({ level, code, accessKeyId: named }) => [level, code, named])).toEqual([
      [30, 'SignatureDoesNotMatch', accessKeyId],
      [20, 'InvalidAccessKeyId.NotFound', null],
      [30, 'InvalidAccessKeyId.Inactive', accessKeyId],
      [20, 'Throttling', null],
    ]);
    expect(api.audit.map((call) => call.accessKeyId)).toEqual([null, null, null, null]);
  });

  it('writes no secret, signature or parameter to the log', async () => {
    const { log, lines } = collectingLogger('trace');
    await start({ log });
    await api.call('SetProbe', { Mode: 'a', Password: 'hunter2' });
    await api.call('SetProbe', { Password: 'hunter2' }, { accessKeySecret: 'wrong-secret' });
    act = () => Promise.reject(new Error('fault'));
    await api.call('SetProbe', { Password: 'hunter2' }, { scheme: 'v1' });
    const text = JSON.stringify(lines());
    for (const secret of [api.secret, 'hunter2', 'wrong-secret', 'Signature='])
      expect(text).not.toContain(secret);
  });
});
