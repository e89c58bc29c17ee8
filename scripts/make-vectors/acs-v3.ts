import { accept, ACTION, FORM, hex, type Pairs, reject, STREAM, v3, VERSION, write } from './signing.ts';

function v3Parameters() {
  const named = (query: Pairs) => v3({ query: [...STREAM, ...query] }).draft();
  const form = (body: string) => v3({ body, change: { 'content-type': FORM[1] } });
  const inQuery: Pairs = [...STREAM, ['Action', ACTION], ['Version', VERSION]];
  const withoutHeaders = { 'x-acs-action': undefined, 'x-acs-version': undefined };
  const repeated = v3({ query: [...STREAM, ['Oneshot', 'no'], ['Oneshot', 'yes']] });
  const swapped = `/?${write([...STREAM, ['Oneshot', 'yes'], ['Oneshot', 'no']])}`;
  return [
    accept('v3/parameters/action-version-and-format-in-both-places', {
      ...named([
        ['Action', ACTION],
        ['Version', VERSION],
        ['Format', 'json'],
      ]),
    }),
    accept(
      'v3/parameters/action-and-version-in-the-query-only',
      v3({ query: inQuery, change: withoutHeaders }).draft(),
    ),
    accept('v3/parameters/empty-action-in-the-query', named([['Action', '']])),
    accept(
      'v3/parameters/empty-values',
      named([
        ['SignatureType', ''],
        ['Oneshot', ''],
      ]),
    ),
    accept('v3/parameters/none', v3({ query: [] }).draft()),
    accept('v3/parameters/odd-values', named([['Reason', "a b*~+/='!()&%中文📺"]])),
    accept('v3/parameters/form', form(write(STREAM)).draft()),
    accept('v3/parameters/get', v3({ method: 'GET' }).draft()),
    accept('v3/parameters/repeated', repeated.draft()),
    reject(
      'v3/parameters/repeated-and-swapped',
      'SignatureDoesNotMatch',
      repeated.draft({ target: swapped }),
    ),
    reject(
      'v3/parameters/other-action-in-the-query',
      'InvalidParameter',
      named([['Action', 'ResumeLiveStream']]),
    ),
    reject(
      'v3/parameters/action-in-another-case',
      'InvalidParameter',
      named([['Action', 'forbidlivestream']]),
    ),
    reject(
      'v3/parameters/other-version-in-the-query',
      'InvalidParameter',
      named([['Version', '2099-01-01']]),
    ),
    reject(
      'v3/parameters/other-action-in-the-form',
      'InvalidParameter',
      form('Action=ResumeLiveStream').draft(),
    ),
    reject(
      'v3/parameters/body-changed',
      'SignatureDoesNotMatch',
      form('Oneshot=no').draft({ body: 'Oneshot=yes' }),
    ),
    reject('v3/parameters/body-added', 'SignatureDoesNotMatch', v3().draft({ body: 'Oneshot=yes' })),
    reject('v3/parameters/query-changed', 'SignatureDoesNotMatch', v3().draft({ target: '/?AppName=other' })),
    reject(
      'v3/parameters/path-changed',
      'SignatureDoesNotMatch',
      v3().draft({ target: `/x?${write(STREAM)}` }),
    ),
  ];
}

function v3Names() {
  const query: Pairs = [['Tag.#3#key', 'x y']];
  const folded: Pairs = [['AppName=liveApp&DomainName', 'push.example.com']];
  const folding = v3({
    query: [
      ['AppName', 'liveApp'],
      ['DomainName', 'push.example.com'],
    ],
  });
  const lines: Pairs = [['a\nb', 'x']];
  const raw = v3({ query, signedQuery: 'Tag.#3#key=x%20y' }).draft();
  return [
    accept('v3/names/encoded', v3({ query }).draft()),
    // The server's own canonical request has the encoded name, so that the strings are left out.
    accept('v3/names/raw', { request: raw.request, scheme: raw.scheme }),
    reject('v3/names/two-parameters-folded-into-one-name', 'SignatureDoesNotMatch', {
      ...folding.draft({ target: `/?${write(folded)}` }),
    }),
    reject(
      'v3/names/raw-line-break',
      'SignatureDoesNotMatch',
      v3({ query: lines, signedQuery: 'a\nb=x' }).draft(),
    ),
  ];
}

function v3Headed() {
  const { draft, names, signature, headers, authorization, withAuthorization } = v3();
  const authorized = (value: string) => draft({ headers: withAuthorization(value) });
  const extra = { 'x-acs-retry-attempts': '1', 'x-acs-retry-delay': '100' };
  const repeated = v3({ change: { 'x-acs-note': 'a,b' } });
  const split = repeated.headers.flatMap(([name, value]) =>
    (name === 'x-acs-note' ? ['b', ' a '] : [value]).map((one) => [name, one] as const),
  );
  const shouted = headers.map(([name, value]) => [name.toUpperCase(), ` ${value} `] as const);
  return [
    accept('v3/headers/plain', draft()),
    accept('v3/headers/signed-retry-headers', v3({ change: extra }).draft()),
    accept(
      'v3/headers/signed-accept-and-user-agent',
      v3({ change: { accept: '*/*', 'user-agent': 'a b' } }).draft(),
    ),
    accept('v3/headers/host-not-signed', v3({ unsigned: ['host'] }).draft()),
    accept('v3/headers/no-content-hash', v3({ change: { 'x-acs-content-sha256': undefined } }).draft()),
    accept('v3/headers/content-type-not-signed', {
      ...v3({ body: 'Oneshot=yes', change: { 'content-type': FORM[1] }, unsigned: ['content-type'] }).draft(),
    }),
    accept(
      'v3/headers/unsigned-noise',
      draft({ headers: [...withAuthorization(authorization), ['x-sdk-client', 'x']] }),
    ),
    accept('v3/headers/signature-before-names', {
      ...authorized(`ACS3-HMAC-SHA256 Credential=testid, Signature=${signature}, SignedHeaders=${names}`),
    }),
    accept(
      'v3/headers/upper-case-hex',
      authorized(authorization.replace(signature, signature.toUpperCase())),
    ),
    accept(
      'v3/headers/upper-case-names-and-blanks',
      draft({ headers: [...shouted, ['AUTHORIZATION', authorization]] }),
    ),
    accept(
      'v3/headers/repeated-header',
      repeated.draft({ headers: [...split, ['Authorization', repeated.authorization]] }),
    ),
    reject('v3/headers/unsigned-x-acs-header', 'IncompleteSignature', {
      ...v3({ change: extra, unsigned: ['x-acs-retry-delay'] }).draft(),
    }),
    ...['action', 'version', 'date', 'signature-nonce', 'content-sha256'].map((name) =>
      reject(
        `v3/headers/unsigned-x-acs-${name}`,
        'IncompleteSignature',
        v3({ unsigned: [`x-acs-${name}`] }).draft(),
      ),
    ),
    reject('v3/headers/second-action', 'SignatureDoesNotMatch', {
      ...draft({ headers: [['x-acs-action', 'ResumeLiveStream'], ...withAuthorization(authorization)] }),
    }),
    reject('v3/headers/wrong-content-hash', 'SignatureDoesNotMatch', {
      ...v3({ change: { 'x-acs-content-sha256': hex('other') } }).draft(),
    }),
    reject(
      'v3/headers/no-credential',
      'IncompleteSignature',
      authorized(authorization.replace('Credential=testid,', '')),
    ),
    reject(
      'v3/headers/no-signed-headers',
      'IncompleteSignature',
      authorized(authorization.replace('SignedHeaders', 'X')),
    ),
    reject(
      'v3/headers/no-signature',
      'IncompleteSignature',
      authorized(authorization.replace(/,Signature.*/, '')),
    ),
    reject('v3/headers/secret-with-ampersand', 'SignatureDoesNotMatch', v3({ key: 'testsecret&' }).draft()),
    reject('v3/headers/sm3', 'InvalidSignatureMethod', v3({ algorithm: 'ACS3-HMAC-SM3' }).draft()),
    reject('v3/headers/rsa', 'InvalidSignatureMethod', v3({ algorithm: 'ACS3-RSA-SHA256' }).draft()),
    reject(
      'v3/headers/other-key-id',
      'InvalidAccessKeyId.NotFound',
      authorized(authorization.replace('testid', 'x')),
    ),
  ];
}

/** Everything about V3 but its session tokens. */
export function v3Vectors() {
  return [...v3Parameters(), ...v3Names(), ...v3Headed()];
}
