import { describe, expect, test } from 'vitest';
import { MAX_PARAMETERS } from '../../src/wire/rpc/parameters.ts';
import { parseRpcRequest, type RawRequest, responseFormat } from '../../src/wire/rpc/request.ts';
import { verifySignature } from '../../src/wire/rpc/signature.ts';
import { type SignableCall, signV1, signV3 } from '../../src/wire/rpc/signer.ts';

const CALL: SignableCall = {
  method: 'POST',
  host: '127.0.0.1:8080',
  action: 'ForbidLiveStream',
  version: '2016-11-01',
  accessKeyId: 'testid',
  accessKeySecret: 'testsecret',
  nonce: 'n 1',
  date: '2026-01-01T00:00:00Z',
  query: { DomainName: 'a.example.com', Reason: '', OwnerId: '7', RegionId: 'cn-shanghai', Format: 'Json' },
};

const plain = (request: Partial<RawRequest>) =>
  parseRpcRequest({ method: 'GET', target: '/', headers: [], body: new Uint8Array(), ...request });

describe('parseRpcRequest', () => {
  test.each([
    ['v1', signV1(CALL), { signatureMethod: 'HMAC-SHA1' }],
    ['v3', signV3(CALL), { signatureMethod: 'ACS3-HMAC-SHA256' }],
  ])('reads the same from a %s call', (scheme, raw, own) => {
    const request = parseRpcRequest(raw);
    expect(request).toMatchObject({
      scheme,
      action: 'ForbidLiveStream',
      version: '2016-11-01',
      accessKeyId: 'testid',
      nonce: 'n 1',
      timestamp: '2026-01-01T00:00:00Z',
      securityToken: undefined,
      format: 'Json',
      fault: undefined,
      ...own,
    });
    expect(Object.fromEntries(request.parameters)).toEqual({
      DomainName: 'a.example.com',
      OwnerId: '7',
      RegionId: 'cn-shanghai',
    });
  });

  test.each([signV1, signV3])('reads the token of a session: %o', (sign) => {
    expect(parseRpcRequest(sign({ ...CALL, securityToken: 'a+/=' })).securityToken).toBe('a+/=');
  });

  test('knows the names of a request that it refuses in any case', () => {
    expect(
      plain({ target: '/?Action=A&Version=V&SignatureNonce=n&Timestamp=t&AccessKeyId=k' }),
    ).toMatchObject({
      scheme: 'anonymous',
      action: 'A',
      version: 'V',
      nonce: 'n',
      timestamp: 't',
      accessKeyId: 'k',
      fault: { code: 'MissingSignature', message: 'Signature is mandatory for this action.' },
    });
    expect(
      plain({
        headers: [
          ['X-Acs-Action', 'A'],
          ['x-acs-bearer-token', 't'],
        ],
      }),
    ).toMatchObject({
      scheme: 'bearer',
      action: 'A',
      fault: { code: 'IncompleteSignature' },
    });
  });

  test('reads nothing at all as an anonymous request', () => {
    const request = plain({});
    expect(request).toMatchObject({ scheme: 'anonymous', action: undefined, version: undefined, path: '/' });
    expect(request.parameters.size).toBe(0);
  });

  test('names V1 and V3 where it refuses another scheme, without a colon', () => {
    const refused = [
      plain({ target: '/?SignatureType=BEARERTOKEN' }),
      plain({ headers: [['Authorization', 'ACS4-HMAC-SHA256 Credential=a']] }),
      plain({ target: '/?Signature=x&SignatureVersion=2.0' }),
    ];
    for (const { fault } of refused) {
      expect(fault).toMatchObject({ code: 'IncompleteSignature' });
      expect(fault?.message).toMatch(/^[^:]*V1 [^:]*V3[^:]*$/);
    }
  });

  test('refuses more parameters than it reads', () => {
    const many = Object.fromEntries(Array.from({ length: MAX_PARAMETERS }, (_, index) => [`p${index}`, '1']));
    for (const raw of [signV1({ ...CALL, query: many }), signV3({ ...CALL, query: { ...many, one: '1' } })]) {
      const verdict = verifySignature(parseRpcRequest(raw), 'testsecret');
      expect(verdict).toMatchObject({ ok: false, code: 'InvalidParameter' });
    }
  });

  test('lets no unsigned Content-Type take the form away from V3', () => {
    const raw = signV3({ ...CALL, form: { ResumeTime: 'x' } });
    const unsigned = raw.headers.map(([name, value]) => [name, value.replace('content-type;', '')] as const);
    const stripped = unsigned.map(
      ([name, value]) => [name, name === 'content-type' ? 'text/plain' : value] as const,
    );
    for (const headers of [unsigned, stripped, stripped.filter(([name]) => name !== 'content-type')]) {
      expect(parseRpcRequest({ ...raw, headers }).parameters.get('ResumeTime')).toBe('x');
    }
    expect(parseRpcRequest(raw).parameters.get('ResumeTime')).toBe('x');
  });

  test('names the parameter that is repeated and the one that differs from its header', () => {
    expect(plain({ target: '/?Signature=x&a=1&a=2' }).fault?.message).toContain(
      'Specified parameter a is not valid',
    );
    const { fault } = parseRpcRequest(signV3({ ...CALL, query: { Action: 'Other' } }));
    expect(fault?.message).toContain('Specified parameter Action is not valid');
  });
});

describe('responseFormat', () => {
  const v1 = (format?: string) => signV1({ ...CALL, query: format === undefined ? {} : { Format: format } });
  const v3 = (format?: string) => signV3({ ...CALL, query: format === undefined ? {} : { Format: format } });
  const accepting = (accept: string, target = '/') => ({
    ...{ method: 'GET', target, body: new Uint8Array() },
    headers: [['Accept', accept]] as const,
  });
  const acs4 = {
    ...accepting('text/xml'),
    headers: [['Authorization', 'ACS4-HMAC-SHA256 Credential=a']] as const,
  };

  test.each<[string, RawRequest, 'json' | 'xml', boolean]>([
    ['V1 without Format', v1(), 'xml', true],
    ['V1 with an empty Format', v1(''), 'xml', true],
    ['V1 with JSON', v1('JSON'), 'json', true],
    ['V1 with json', v1('json'), 'json', true],
    ['V1 with Xml', v1('Xml'), 'xml', true],
    ['V1 with YAML', v1('YAML'), 'xml', false],
    [
      'V1 without Format whatever it accepts',
      { ...v1(), headers: [['Accept', 'application/json']] },
      'xml',
      true,
    ],
    ['V3 without Format', v3(), 'json', true],
    [
      'V3 without Format whatever it accepts',
      { ...v3(), headers: [...v3().headers, ['accept', 'text/xml']] },
      'json',
      true,
    ],
    ['V3 with xml', v3('xml'), 'xml', true],
    ['V3 with YAML', v3('YAML'), 'json', false],
    ['ACS4', acs4, 'json', true],
    ['unsigned, accepting nothing', accepting(''), 'xml', true],
    ['unsigned, accepting anything', accepting('*/*'), 'xml', true],
    ['unsigned, accepting JSON', accepting('application/json'), 'json', true],
    ['unsigned, accepting JSON first', accepting('Application/JSON, text/xml;q=0.5'), 'json', true],
    [
      'unsigned, a browser',
      accepting('text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'),
      'xml',
      true,
    ],
    ['unsigned with Format', accepting('text/xml', '/?Format=json'), 'json', true],
    ['unsigned with a wrong Format', accepting('application/json', '/?Format=YAML'), 'json', false],
    ['bearer', accepting('application/json', '/?SignatureType=BEARERTOKEN'), 'json', true],
  ])('%s', (_name, raw, ...choice) => {
    const { format, valid } = responseFormat(parseRpcRequest(raw));
    expect([format, valid]).toEqual(choice);
  });
});
