import fc from 'fast-check';
import { flvBytes } from './flv-targets.ts';
import { authorizationText, pairsText } from './rpc-targets.ts';

/** Text as the bytes of an HTTP peer: a NUL is a NUL, and anything beyond Latin-1 is UTF-8. */
const bytesOf = (text: string): Buffer => Buffer.from(text);

const inLine = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  text.map((one) => one.replace(/[\r\n ]/g, '_'));

const version = fc.oneof(
  { weight: 8, arbitrary: fc.constant('HTTP/1.1') },
  { weight: 1, arbitrary: fc.constantFrom('HTTP/1.0', 'HTTP/2.0', 'HTTP/9.9', 'HTTP', '') },
);
const endOfLine = fc.oneof(
  { weight: 12, arbitrary: fc.constant('\r\n') },
  { weight: 1, arbitrary: fc.constantFrom('\n', '\r', '\r\n ') },
);

/** Bodies of forms, of browsers, and of nobody. */
const body = fc.oneof(
  pairsText,
  fc.constantFrom('', '\0', '{"Action":"x"}', '<a/>', '\u0000\ufffd'),
  fc
    .tuple(fc.constantFrom('b', 'c', ''), pairsText)
    .map(
      ([boundary, value]) =>
        `--${boundary}\r\nContent-Disposition: form-data; name="Action"\r\n\r\n${value}\r\n--b--\r\n`,
    ),
);

const chunked = fc
  .tuple(fc.constantFrom('0', '5', '-1', 'ffffffffffffffff', 'g', '5;ext=1', ' 5', '0x5', ''), body)
  .map(([size, text]) => `${size}\r\n${text}\r\n0\r\n\r\n`);

const contentType = fc.constantFrom(
  ...[
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=b',
    'multipart/form-data',
    ';;',
    '',
  ],
);

const header = fc.oneof(
  contentType.map((type) => `Content-Type: ${type}`),
  authorizationText.map((text) => `Authorization: ${text.replace(/[\r\n]/g, ' ')}`),
  fc
    .constantFrom('0', '5', '-1', '5, 5', '5, 6', '99999999999999999999', '1e3', '', '2000000')
    .map((length) => `Content-Length: ${length}`),
  fc
    .constantFrom('chunked', 'gzip', 'chunked, chunked', 'identity', 'xchunked')
    .map((coding) => `Transfer-Encoding: ${coding}`),
  fc.constantFrom(
    ...['Expect: 100-continue', 'Expect: x', 'Connection: close', 'Connection: Upgrade', 'Upgrade: h2c'],
    ...['Content-Encoding: gzip', 'Host: b', 'Accept: application/json', 'X-Forwarded-For: a, b', ': x', 'x'],
    ...['a b: c', 'a\0: c', 'x-acs-action: \0', 'x-acs-action: \u00ff', `x: ${'a'.repeat(70_000)}`],
  ),
);

interface Lines {
  readonly first: string;
  readonly headers: readonly string[];
  readonly end: string;
  readonly body: string;
  readonly length: 'true' | 'none';
}

function requestBytes({ first, headers, end, body: text, length }: Lines): Buffer {
  const own = length === 'true' ? [`Content-Length: ${Buffer.byteLength(text)}`] : [];
  return bytesOf([first, 'Host: live.example.com', ...headers, ...own, '', text].join(end));
}

const several = (one: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> =>
  fc.array(one, { minLength: 1, maxLength: 3 }).map((all) => Buffer.concat(all));

/** Calls of the API, up to three on a connection; hardly one of them is right. */
export const apiBytes = several(
  fc
    .record({
      first: fc
        .tuple(
          fc.constantFrom('GET', 'POST', 'POST', 'PUT', 'OPTIONS', 'HEAD', 'CONNECT', 'FOO', ''),
          fc.constantFrom('/?', '/', '*', 'http://a/?', '//', '/live/x', '/openapi.json?'),
          inLine(pairsText),
          version,
        )
        .map(([method, path, query, http]) => `${method} ${path}${query} ${http}`),
      headers: fc.array(header, { maxLength: 4 }),
      end: endOfLine,
      body: fc.oneof(body, chunked),
      length: fc.constantFrom('true' as const, 'none' as const),
    })
    .map(requestBytes),
);

const playbackHeader = fc.oneof(
  header,
  fc.constantFrom(
    ...[
      'Range: bytes=0-',
      'Range: bytes=5-1',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Origin: http://a',
    ],
    ...['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Key: x', 'Sec-WebSocket-Version: 13'],
    ...[
      'Sec-WebSocket-Version: 99',
      'Sec-WebSocket-Protocol: a,,b',
      'Sec-WebSocket-Extensions: permessage-deflate',
    ],
  ),
);

const UPGRADE = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];

/** Requests for a stream, up to three on a connection. */
export const playbackBytes = several(
  fc
    .record({
      first: fc
        .tuple(
          fc.constantFrom('GET', 'GET', 'HEAD', 'OPTIONS', 'POST'),
          fc.constantFrom(
            '/live/cam1.flv',
            '/live/cam2.flv',
            '/live/.flv',
            '/live/a%2fb.flv',
            '/live/%zz.flv',
            '/live/%00.flv',
            '//cam1.flv',
            '/live/bad%20name.flv',
            `/live/${'a'.repeat(2000)}.flv`,
          ),
          fc.constantFrom(
            '',
            '?vhost=live.local',
            '?vhost=live.local',
            '?vhost=',
            '?vhost=a.example',
            '?vhost=%00',
            '?auth_key=1-2-3-4',
            '?auth_key=',
            '?vhost=live.local&vhost=b',
            '?',
            '%3fx',
          ),
          version,
        )
        .map(([method, path, query, http]) => `${method} ${path}${query} ${http}`),
      headers: fc
        .tuple(fc.array(playbackHeader, { maxLength: 4 }), fc.boolean())
        .map(([headers, upgrade]) => (upgrade ? [...UPGRADE, ...headers] : headers)),
      end: endOfLine,
      body: fc.constantFrom('', '', '\u0081\0', 'abc'),
      length: fc.constant('none' as const),
    })
    .map(requestBytes),
);

const status = fc.constantFrom(
  ...[
    '200 OK',
    '200 OK',
    '200 OK',
    '404 Not Found',
    '101 Switching Protocols',
    '204 No Content',
    '100 Continue',
    '999 x',
    '0 x',
  ],
);
const answerHeader = fc.constantFrom(
  ...['Content-Type: video/x-flv', 'Connection: close', 'Connection: Upgrade', 'Upgrade: websocket', 'x'],
  ...['Content-Length: 5', 'Content-Length: 99999', 'Content-Length: -1', 'Transfer-Encoding: chunked'],
);

/** The answer of an HTTP-FLV server that means no good. */
export const flvAnswerBytes = fc
  .tuple(status, fc.array(answerHeader, { maxLength: 3 }), flvBytes, fc.boolean())
  .map(([line, headers, flv, chunk]) => {
    const lines = [...headers, ...(chunk ? ['Transfer-Encoding: chunked'] : [])];
    const head = Buffer.from([`HTTP/1.1 ${line}`, ...lines, '', ''].join('\r\n'));
    if (!chunk) return Buffer.concat([head, flv]);
    const size = Buffer.from(`${flv.length.toString(16)}\r\n`);
    return Buffer.concat([head, size, flv, Buffer.from('\r\n0\r\n\r\n')]);
  });
