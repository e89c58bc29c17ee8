import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodePairs, type Pair, splitTarget } from '../../src/wire/rpc/parameters.ts';
import { parseRpcRequest, type RawRequest } from '../../src/wire/rpc/request.ts';
import { expectedToSign, verifySignature } from '../../src/wire/rpc/signature.ts';
import { type SignableCall, signV1, signV3 } from '../../src/wire/rpc/signer.ts';

const SECRET = 'testsecret';
const CALL: SignableCall = {
  method: 'POST',
  host: 'live.example.com:8080',
  action: 'ForbidLiveStream',
  version: '2016-11-01',
  accessKeyId: 'testid',
  accessKeySecret: SECRET,
  nonce: 'n',
  date: '2026-01-01T00:00:00Z',
};
const SIGNERS = [
  ['V1 with HMAC-SHA1', (call: SignableCall) => signV1(call)],
  ['V1 with HMAC-SHA256', (call: SignableCall) => signV1(call, 'HMAC-SHA256')],
  ['V3', signV3],
] as const;

const verify = (raw: RawRequest, secret = SECRET) => verifySignature(parseRpcRequest(raw), secret);

/** Names in lower case, so that none is the protocol's own. */
const names = fc.string({ unit: 'binary', minLength: 1 }).map((name) => `p${name}`);
const pairs = fc.uniqueArray(fc.tuple(names, fc.string({ unit: 'binary' })), { selector: ([name]) => name });
const calls = fc.tuple(pairs, pairs).map(([query, form]): SignableCall => {
  const known = new Set(query.map(([name]) => name));
  return { ...CALL, query, form: form.filter(([name]) => !known.has(name)) };
});

describe.each(SIGNERS)('%s', (_name, sign) => {
  test('verifies what it signed, whatever the parameters', () => {
    const holds = fc.property(calls, fc.string({ unit: 'binary' }), (call, secret) => {
      const raw = sign({ ...call, accessKeySecret: secret });
      expect(verify(raw, secret)).toEqual({ ok: true });
      const { parameters } = parseRpcRequest(raw);
      for (const [name, value] of [...(call.query as Pair[]), ...(call.form as Pair[])]) {
        expect(parameters.get(name) ?? '').toBe(value);
      }
    });
    fc.assert(holds);
  });

  test('refuses another secret', () => {
    const holds = fc.property(calls, fc.string(), (call, secret) => {
      fc.pre(secret !== SECRET);
      expect(verify(sign(call), secret)).toMatchObject({ ok: false, code: 'SignatureDoesNotMatch' });
    });
    fc.assert(holds);
  });

  test('refuses any byte of the query that changes what it says', () => {
    const holds = fc.property(calls, fc.nat(), fc.integer({ min: 0x21, max: 0x7e }), (call, at, code) => {
      const raw = sign({ ...call, query: [...(call.query as Pair[]), ['DomainName', 'a.example.com']] });
      const index = 2 + (at % (raw.target.length - 2));
      const target = raw.target.slice(0, index) + String.fromCharCode(code) + raw.target.slice(index + 1);
      const says = (text: string) => JSON.stringify(decodePairs(splitTarget(text).query));
      expect(verify({ ...raw, target }).ok).toBe(says(target) === says(raw.target));
    });
    fc.assert(holds, { numRuns: 500 });
  });

  test('refuses any byte of the form that changes what it says', () => {
    const holds = fc.property(calls, fc.nat(), fc.integer({ min: 0, max: 255 }), (call, at, byte) => {
      const raw = sign({ ...call, form: [...(call.form as Pair[]), ['DomainName', 'a.example.com']] });
      const body = Uint8Array.from(raw.body);
      body[at % body.length] = byte;
      const says = (bytes: Uint8Array) => JSON.stringify(decodePairs(Buffer.from(bytes).toString()));
      // V3 covers the very bytes, V1 their meaning.
      const same = sign === signV3 ? Buffer.compare(body, raw.body) === 0 : says(body) === says(raw.body);
      expect(verify({ ...raw, body }).ok).toBe(same);
    });
    fc.assert(holds, { numRuns: 500 });
  });

  test('tells the string to sign as the real gateway does', () => {
    const request = parseRpcRequest(sign({ ...CALL, query: { DomainName: 'a.example.com' } }));
    const { stringToSign } = expectedToSign(request);
    expect(verifySignature(request, 'wrong')).toEqual({
      ok: false,
      code: 'SignatureDoesNotMatch',
      message: `Specified signature is not matched with our calculation. server string to sign is:${stringToSign}`,
      stringToSign,
    });
  });

  test('takes pairs and records, GET and POST, with and without a body', () => {
    const shapes: Partial<SignableCall>[] = [
      {},
      { method: 'GET' },
      { query: { a: 'x y' }, form: { b: '1' } },
      { query: [['a', 'x y']], form: [['b', '1']] },
      { securityToken: 'token+/=' },
    ];
    for (const shape of shapes) expect(verify(sign({ ...CALL, ...shape }))).toEqual({ ok: true });
  });
});

test('V3 covers what one of two equal names comes last', () => {
  const raw = signV3({
    ...CALL,
    query: [
      ['Oneshot', 'no'],
      ['Oneshot', 'yes'],
    ],
  });
  expect(verify(raw)).toEqual({ ok: true });
  expect(verify({ ...raw, target: '/?Oneshot=yes&Oneshot=no' }).ok).toBe(false);
});
