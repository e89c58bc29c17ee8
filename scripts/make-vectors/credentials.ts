import {
  accept,
  classified,
  FORM,
  KEY,
  reject,
  SESSION,
  STREAM,
  v1,
  v1Headers,
  v3,
  write,
} from './signing.ts';

function tokens() {
  const session = v1({
    change: { AccessKeyId: SESSION.accessKeyId, SecurityToken: SESSION.securityToken },
  }).draft({});
  const bare = v1({ change: { AccessKeyId: SESSION.accessKeyId } }).draft({});
  const permanent = v1({ change: { SecurityToken: 'garbage' } }).draft({});
  const header = { 'x-acs-security-token': SESSION.securityToken };
  const held = { ...SESSION, accessKeyId: KEY.accessKeyId };
  const unsigned = v3({ change: header, unsigned: ['x-acs-security-token'] }).draft();
  const other = { ...held, securityToken: 'of-another-session' };
  return [
    accept('token/v1', session, SESSION),
    accept('token/v3', v3({ change: header }).draft(), held),
    accept('token/v3-empty-with-a-permanent-key', v3({ change: { 'x-acs-security-token': '' } }).draft()),
    reject('token/v1-missing', 'MissingSecurityToken', { ...bare, credentials: SESSION }),
    reject('token/v1-with-a-permanent-key', 'InvalidSecurityToken.Malformed', permanent),
    reject('token/v3-missing', 'MissingSecurityToken', { ...v3().draft(), credentials: held }),
    reject('token/v3-with-a-permanent-key', 'InvalidSecurityToken.Malformed', v3({ change: header }).draft()),
    reject('token/v3-unsigned', 'IncompleteSignature', { ...unsigned, credentials: held }),
    reject('token/v3-in-the-query-only', 'MissingSecurityToken', {
      ...v3({ query: [...STREAM, ['SecurityToken', SESSION.securityToken]] }).draft(),
      credentials: held,
    }),
    reject('token/v3-of-another-session', 'InvalidSecurityToken.MismatchWithAccessKey', {
      ...v3({ change: header }).draft(),
      credentials: other,
    }),
  ];
}

function refusedSchemes() {
  const scope = '20260101/center/live/aliyun_v4_request';
  const { headers, names, signature } = v3();
  const acs4 = `ACS4-HMAC-SHA256 Credential=testid/${scope},SignedHeaders=${names},Signature=${signature}`;
  const bearer = `${write(v1().pairs)}&SignatureType=BEARERTOKEN&BearerToken=fake`;
  const java = bearer
    .replace('SignatureMethod=HMAC-SHA1', 'SignatureMethod')
    .replace('Version=1.0', 'Version');
  const unsigned = `/?${write(v1().pairs)}`;
  return [
    reject('acs4/refused', 'IncompleteSignature', {
      request: { method: 'POST', target: '/', headers: [...headers, ['Authorization', acs4]], body: '' },
      scheme: 'ACS4-HMAC-SHA256',
    }),
    classified('bearer', 'bearer/v1', { target: `/?${bearer}` }),
    classified('bearer', 'bearer/v1-form', { headers: v1Headers(FORM), body: bearer }),
    classified('bearer', 'bearer/go-signs-all-the-same', { target: `/?${bearer}&Signature=AAAA` }),
    classified('bearer', 'bearer/java-keys-without-equals', { target: `/?${java}` }),
    classified('bearer', 'bearer/v3', { headers: [...headers, ['x-acs-bearer-token', 'fake']] }),
    classified('bearer', 'bearer/v3-signature-type-header', {
      headers: [...headers, ['x-acs-signature-type', 'BEARERTOKEN']],
    }),
    classified('anonymous', 'anonymous/v1', { target: unsigned }),
    classified('anonymous', 'anonymous/empty-signature', { target: `${unsigned}&Signature=` }),
    classified('anonymous', 'anonymous/v3', { headers }),
    classified('anonymous', 'anonymous/nothing', { method: 'GET' }),
    classified('anonymous', 'anonymous/other-authorization', {
      headers: [...headers, ['Authorization', 'Bearer fake']],
    }),
  ];
}

/** Session tokens of both schemes, and the schemes that are refused whatever they carry. */
export function credentialVectors() {
  return [...tokens(), ...refusedSchemes()];
}
