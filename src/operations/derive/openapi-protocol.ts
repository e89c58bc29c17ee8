/** How to call, for readers of the document. */
export const INTRODUCTION = `Every operation is called at the path \`/\`. The fragment \`#Action=<Name>\` of the paths below only tells them apart: it is
never sent. \`Action\` and \`Version\` choose the operation; the version is that of its product, \`2016-11-01\` of live,
\`2015-05-01\` of RAM and \`2015-04-01\` of STS.

Parameters may come in the query or in a form body (\`application/x-www-form-urlencoded\`), by GET or by POST, all values
as text; a value that is empty counts as absent. Parameters that an operation does not have are ignored, but signed:
\`RegionId\`, \`OwnerId\`, \`OwnerAccount\`, \`ResourceOwnerId\`, \`ResourceOwnerAccount\` and \`ClientToken\` among them.

Calls are signed with RPC V1, in parameters, or with V3 (ACS3-HMAC-SHA256), in headers. In V3 every \`x-acs-*\` header must
be signed, and \`x-acs-action\` and \`x-acs-version\` may stand for the parameters \`Action\` and \`Version\`. Times are within 15
minutes of the service's clock, and a nonce is taken once. Keys of sessions come with their token.

JSON answers are flat objects (\`api.jsonEnvelope: wrapped\` puts them into \`<Action>Response\`), XML answers have the root
\`<Action>Response\`, and a list in XML repeats its element. Errors are in the format of the call.

\`x-sluice-ram\` says what a policy must allow, or that none is asked (\`open\`); \`x-sluice-limit\` how often an account may
call, unless the configuration says otherwise; \`x-sluice-errors\` which errors an operation declares, with \`neverHere\` where
one cannot occur; \`x-sluice-ours\` that the vendor has no such operation.`;

const inQuery = (name: string, description: string): object => ({
  type: 'apiKey',
  in: 'query',
  name,
  description,
});
const inHeader = (name: string, description: string): object => ({
  type: 'apiKey',
  in: 'header',
  name,
  description,
});

/** The parts of the two signatures. OpenAPI has no word for a signature: each part is a scheme, and they go together. */
export const SECURITY_SCHEMES: Readonly<Record<string, object>> = {
  V3Authorization: {
    type: 'http',
    scheme: 'ACS3-HMAC-SHA256',
    description:
      'V3: `Authorization: ACS3-HMAC-SHA256 Credential=<AccessKeyId>,SignedHeaders=<names;...>,Signature=<64 hex>`, the HMAC-SHA256 with the secret over `ACS3-HMAC-SHA256\\n` and the hex SHA-256 of method, path, sorted query, signed headers, their names and the hash of the body.',
  },
  V3Date: inHeader('x-acs-date', 'V3: time of the call, `yyyy-MM-ddTHH:mm:ssZ`.'),
  V3Nonce: inHeader('x-acs-signature-nonce', 'V3: text that no other call has.'),
  V3ContentHash: inHeader('x-acs-content-sha256', 'V3: hex SHA-256 of the body.'),
  V3SecurityToken: inHeader('x-acs-security-token', 'V3: token of the session that the key belongs to.'),
  V1AccessKeyId: inQuery('AccessKeyId', 'V1: id of the key.'),
  V1Signature: inQuery(
    'Signature',
    'V1: Base64 of the HMAC, with the secret and `&` as key, over method, `%2F` and all other parameters, encoded and sorted.',
  ),
  V1SignatureMethod: inQuery(
    'SignatureMethod',
    'V1: `HMAC-SHA1`, which an absent one means, or `HMAC-SHA256`.',
  ),
  V1SignatureVersion: inQuery('SignatureVersion', 'V1: `1.0`.'),
  V1Nonce: inQuery('SignatureNonce', 'V1: text that no other call has.'),
  V1Timestamp: inQuery('Timestamp', 'V1: time of the call, `yyyy-MM-ddTHH:mm:ssZ`.'),
  V1SecurityToken: inQuery('SecurityToken', 'V1: token of the session that the key belongs to.'),
};

const V3 = { V3Authorization: [], V3Date: [], V3Nonce: [], V3ContentHash: [] };
const V1 = {
  V1AccessKeyId: [],
  V1Signature: [],
  V1SignatureMethod: [],
  V1SignatureVersion: [],
  V1Nonce: [],
  V1Timestamp: [],
};

/** The ways to sign a call; every one is whole. */
export const SECURITY: readonly object[] = [
  V3,
  { ...V3, V3SecurityToken: [] },
  V1,
  { ...V1, V1SecurityToken: [] },
];
