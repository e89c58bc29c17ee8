import { accept, encode, FORM, type Pairs, reject, v1, v1Headers, write } from './signing.ts';

function v1Repeated() {
  const { query, draft, pairs, signature } = v1();
  const form = (body: string) => ({ headers: v1Headers(FORM), body });
  const other = v1({ change: { DomainName: 'other.example.com' } });
  const blank = v1({ change: { AppName: '' } });
  const all = form(`${write(pairs)}&Signature=${encode(signature)}`);
  return [
    accept('v1/repeated/same-value', draft({ target: `/?${query}&AppName=liveApp` })),
    accept('v1/repeated/same-value-in-query-and-body', draft(form('AppName=liveApp'))),
    accept('v1/repeated/all-in-query-and-body', draft(all)),
    accept('v1/repeated/same-value-in-two-encodings', draft({ target: `/?${query}&StreamName=stream+one` })),
    reject('v1/repeated/first-value-signed', 'InvalidParameter', {
      ...draft({ target: `/?${query}&DomainName=other.example.com` }),
    }),
    reject('v1/repeated/last-value-signed', 'InvalidParameter', {
      ...other.draft({ target: `/?DomainName=push.example.com&${other.query}` }),
    }),
    reject('v1/repeated/body-against-query', 'InvalidParameter', draft(form('DomainName=other.example.com'))),
    reject('v1/repeated/empty-against-filled', 'InvalidParameter', {
      ...blank.draft({ target: `/?AppName=liveApp&${blank.query}` }),
    }),
    reject('v1/repeated/signature', 'InvalidParameter', draft({ target: `/?Signature=AAAA&${query}` })),
  ];
}

function v1Headed() {
  const plain = v1();
  const headed = (...headers: Pairs) => plain.draft({ headers: v1Headers(...headers) });
  return [
    accept('v1/headers/contradicting-action-and-version', {
      ...headed(['x-acs-action', 'ResumeLiveStream'], ['x-acs-version', '2099-01-01']),
    }),
    accept('v1/headers/contradicting-date-nonce-and-hash', {
      ...headed(['x-acs-date', 'yesterday'], ['x-acs-signature-nonce', 'x'], ['x-acs-content-sha256', '00']),
    }),
    accept('v1/headers/security-token', headed(['x-acs-security-token', 'not-covered'])),
    accept(
      'v1/headers/bearer-token',
      headed(['x-acs-bearer-token', 'x'], ['x-acs-signature-type', 'BEARERTOKEN']),
    ),
    accept('v1/headers/basic-authorization', headed(['Authorization', 'Basic dGVzdDp0ZXN0'])),
    accept('v1/headers/wrong-content-md5', headed(['Content-MD5', 'AAAAAAAAAAAAAAAAAAAAAA=='])),
  ];
}

function v1Methods() {
  const sha256 = v1({ digest: 'sha256', change: { SignatureMethod: 'HMAC-SHA256' } });
  const lower = v1({
    digest: 'sha256',
    method: 'GET',
    change: { Format: 'json', SignatureMethod: 'HMAC-SHA256' },
  });
  const mislabelled = v1({ digest: 'sha256' });
  const rsa = v1({ change: { SignatureMethod: 'SHA256withRSA', SignatureType: 'PRIVATEKEY' } });
  const { draft, query, signature, pairs } = v1();
  const unpadded = `/?${write(pairs)}&Signature=${encode(signature.replace(/=+$/, ''))}`;
  return [
    accept('v1/method/hmac-sha256', sha256.draft({})),
    accept('v1/method/hmac-sha256-get-lower-case-format', lower.draft({})),
    accept('v1/method/absent', v1({ change: { SignatureMethod: undefined } }).draft({})),
    accept('v1/method/version-absent', v1({ change: { SignatureVersion: undefined } }).draft({})),
    accept('v1/method/version-empty', v1({ change: { SignatureVersion: '' } }).draft({})),
    reject('v1/method/hmac-sha256-called-sha1', 'SignatureDoesNotMatch', mislabelled.draft({})),
    reject('v1/method/rsa', 'InvalidSignatureMethod', rsa.draft({})),
    reject(
      'v1/method/unknown',
      'InvalidSignatureMethod',
      v1({ change: { SignatureMethod: 'MD5' } }).draft({}),
    ),
    reject(
      'v1/method/version-2.0',
      'IncompleteSignature',
      v1({ change: { SignatureVersion: '2.0' } }).draft({}),
    ),
    reject(
      'v1/method/secret-without-ampersand',
      'SignatureDoesNotMatch',
      v1({ key: 'testsecret' }).draft({}),
    ),
    reject('v1/method/hex-signature', 'SignatureDoesNotMatch', v1({ encoding: 'hex' }).draft({})),
    reject('v1/method/unpadded-signature', 'SignatureDoesNotMatch', draft({ target: unpadded })),
    reject('v1/method/other-method', 'SignatureDoesNotMatch', draft({ method: 'GET' })),
    reject('v1/method/other-secret', 'SignatureDoesNotMatch', v1({ key: 'other&' }).draft({})),
    reject(
      'v1/method/other-key-id',
      'InvalidAccessKeyId.NotFound',
      v1({ change: { AccessKeyId: 'x' } }).draft({}),
    ),
    reject(
      'v1/method/injected-parameter',
      'SignatureDoesNotMatch',
      draft({ target: `/?${query}&Oneshot=yes` }),
    ),
  ];
}

function v1Encodings() {
  const odd = v1({ change: { StreamName: "a b*~+/='!()&%中文📺", 'Tag.#1#Key': 'x y', _x: '' } });
  const java = odd.query.replaceAll('%20', '+').replaceAll('~', '%7E').replaceAll('%2A', '*');
  const tea = odd.query.replace(/%(21|27|28|29|2A|2F|3A)/g, (escape) => decodeURIComponent(escape));
  const blank = v1({ change: { SignatureType: '', SecurityToken: '', AppName: '' } });
  const order = v1({ change: { '\uff21': 'a', '📺': 'b', é: 'c', _: 'd', A: 'e' } });
  const percent = v1({ change: { StreamName: '100%' } });
  const { draft, query } = v1();
  return [
    accept('v1/encoding/java', odd.draft({ target: `/?${java}` })),
    accept('v1/encoding/tea', odd.draft({ target: `/?${tea}` })),
    accept('v1/encoding/lower-case-hex', {
      ...odd.draft({ target: `/?${odd.query.replace(/%../g, (escape) => escape.toLowerCase())}` }),
    }),
    accept('v1/encoding/everything', {
      ...draft({ target: `/?${query.replace(/\w(?=ction)/, '%41').replace('liveApp', '%6C%69%76%65App')}` }),
    }),
    accept('v1/encoding/empty-parameters', blank.draft({})),
    accept('v1/encoding/keys-without-equals', {
      ...blank.draft({ target: `/?${blank.query.replaceAll('=&', '&')}` }),
    }),
    accept('v1/encoding/empty-segments', draft({ target: `/?&${query.replace('&Format', '&&Format')}&` })),
    accept('v1/encoding/names-in-the-order-of-their-bytes', order.draft({})),
    accept(
      'v1/encoding/raw-percent',
      percent.draft({ target: `/?${percent.query.replace('100%25', '100%')}` }),
    ),
    accept('v1/encoding/form', draft({ target: '/', headers: v1Headers(FORM), body: query })),
    accept('v1/encoding/form-with-charset', {
      ...draft({
        target: '/',
        headers: v1Headers([FORM[0], `${FORM[1].toUpperCase()} ; charset=UTF-8`]),
        body: query,
      }),
    }),
    accept('v1/encoding/get-with-form-type', v1({ method: 'GET' }).draft({ headers: v1Headers(FORM) })),
    reject('v1/encoding/empty-parameter-dropped', 'SignatureDoesNotMatch', {
      ...blank.draft({ target: `/?${blank.query.replace('&SignatureType=', '')}` }),
    }),
    reject(
      'v1/encoding/empty-parameter-added',
      'SignatureDoesNotMatch',
      draft({ target: `/?${query}&Oneshot` }),
    ),
    reject(
      'v1/encoding/nameless-parameter-added',
      'SignatureDoesNotMatch',
      draft({ target: `/?${query}&=` }),
    ),
    reject('v1/encoding/plus-for-plus', 'SignatureDoesNotMatch', {
      ...odd.draft({ target: `/?${odd.query.replaceAll('%2B', '+')}` }),
    }),
    reject('v1/encoding/encoded-twice', 'SignatureDoesNotMatch', {
      ...odd.draft({ target: `/?${odd.query.replace('%E4', '%25E4')}` }),
    }),
  ];
}

/** Everything about RPC V1 but its session tokens. */
export function v1Vectors() {
  return [...v1Repeated(), ...v1Headed(), ...v1Methods(), ...v1Encodings()];
}
