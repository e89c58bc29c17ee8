import fc from 'fast-check';
import { XMLParser } from 'fast-xml-parser';
import { describe, expect, test } from 'vitest';
import {
  type ErrorEnvelope,
  renderError,
  renderSuccess,
  responseHeaders,
  type SuccessEnvelope,
} from '../../src/wire/rpc/envelope.ts';

const REQUEST_ID = 'A57FBFD7-FC9A-54FE-A876-4D5E19577186';
const SUCCESS: SuccessEnvelope = {
  action: 'DescribeLiveStreamsOnlineList',
  format: 'json',
  body: { PageNum: 1, OnlineInfo: { LiveStreamOnlineInfo: [{ StreamName: 'a' }, { StreamName: 'b' }] } },
  jsonEnvelope: 'flat',
  requestId: REQUEST_ID,
};
const ERROR: ErrorEnvelope = {
  format: 'json',
  requestId: REQUEST_ID,
  hostId: 'live.aliyuncs.com',
  code: 'InvalidAction.NotFound',
  message: 'Specified api is not found, please check your url and method.',
  recommend: 'https://docs.example.com/errors?q=InvalidAction.NotFound&requestId=1',
};

const parser = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  htmlEntities: false,
  numberParseOptions: { hex: false, leadingZeros: false },
});

/** Throws when the text is not well-formed. */
function readXml(text: string): unknown {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the successor is a package of its own, for tests only
  return parser.parse(text.slice(text.indexOf('?>') + 2), true);
}

describe('renderSuccess', () => {
  test('flat JSON, the RequestId first', () => {
    expect(renderSuccess(SUCCESS)).toEqual({
      contentType: 'application/json;charset=utf-8',
      text: `{"RequestId":"${REQUEST_ID}","PageNum":1,"OnlineInfo":{"LiveStreamOnlineInfo":[{"StreamName":"a"},{"StreamName":"b"}]}}`,
    });
  });

  test('wrapped JSON', () => {
    const { text } = renderSuccess({ ...SUCCESS, jsonEnvelope: 'wrapped', body: {} });
    expect(text).toBe(`{"DescribeLiveStreamsOnlineListResponse":{"RequestId":"${REQUEST_ID}"}}`);
  });

  test('XML, whatever the JSON envelope', () => {
    for (const jsonEnvelope of ['flat', 'wrapped'] as const) {
      expect(renderSuccess({ ...SUCCESS, format: 'xml', jsonEnvelope })).toEqual({
        contentType: 'text/xml;charset=utf-8',
        text:
          `<?xml version='1.0' encoding='UTF-8'?><DescribeLiveStreamsOnlineListResponse><RequestId>${REQUEST_ID}</RequestId>` +
          '<PageNum>1</PageNum><OnlineInfo><LiveStreamOnlineInfo><StreamName>a</StreamName></LiveStreamOnlineInfo>' +
          '<LiveStreamOnlineInfo><StreamName>b</StreamName></LiveStreamOnlineInfo></OnlineInfo></DescribeLiveStreamsOnlineListResponse>',
      });
    }
  });

  test.each<[string, SuccessEnvelope['body'], string]>([
    ['an empty wrapped list', { OnlineInfo: { LiveStreamOnlineInfo: [] } }, '<OnlineInfo></OnlineInfo>'],
    ['one item', { Urls: { Url: ['u'] } }, '<Urls><Url>u</Url></Urls>'],
    [
      'a direct list',
      { TaskList: [{ Id: 1 }, { Id: 2 }] },
      '<TaskList><Id>1</Id></TaskList><TaskList><Id>2</Id></TaskList>',
    ],
    ['an empty direct list', { TaskList: [] }, ''],
    [
      'booleans and numbers',
      { A: true, B: false, C: 0, D: -1.5 },
      '<A>true</A><B>false</B><C>0</C><D>-1.5</D>',
    ],
    ['an empty string and an empty object', { A: '', B: {} }, '<A></A><B></B>'],
    ['null and undefined', { A: null, B: undefined, C: [null, 1] }, '<C>1</C>'],
    ['markup', { A: `<b a="1">'&'</b>]]>` }, `<A>&lt;b a="1"&gt;'&amp;'&lt;/b&gt;]]&gt;</A>`],
    ['blanks', { A: ' a\tb\r\nc ' }, '<A> a\tb&#13;\nc </A>'],
    [
      'what XML has no way to write',
      { A: 'a\0\x1b\x7f\ufffe\ud800b📺' },
      '<A>a\ufffd\ufffd\x7f\ufffd\ufffdb📺</A>',
    ],
    ['names that are none', { 'a b><c': 1, '1a': 2, '': 3 }, '<a_b__c>1</a_b__c><_1a>2</_1a><_>3</_>'],
  ])('%s in XML', (_name, body, expected) => {
    const { text } = renderSuccess({ ...SUCCESS, action: 'X', format: 'xml', body });
    expect(text).toBe(
      `<?xml version='1.0' encoding='UTF-8'?><XResponse><RequestId>${REQUEST_ID}</RequestId>${expected}</XResponse>`,
    );
    readXml(text);
  });

  test('a parser reads the items of a list', () => {
    const { text } = renderSuccess({ ...SUCCESS, format: 'xml' });
    expect(readXml(text)).toEqual({
      DescribeLiveStreamsOnlineListResponse: {
        RequestId: REQUEST_ID,
        PageNum: '1',
        OnlineInfo: { LiveStreamOnlineInfo: [{ StreamName: 'a' }, { StreamName: 'b' }] },
      },
    });
  });

  test('any text is well-formed XML, and legal text comes back', () => {
    const holds = fc.property(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      (any, graphemes) => {
        // The parser refuses names such as `prototype`, hence the `n`.
        readXml(renderSuccess({ ...SUCCESS, format: 'xml', body: { A: any, [`n${any}`]: any } }).text);
        const legal = `|${graphemes.replace(/[^\t\n\x20-\uffff]/g, '')}|`;
        const { text } = renderSuccess({ ...SUCCESS, action: 'X', format: 'xml', body: { A: legal } });
        expect(readXml(text)).toMatchObject({ XResponse: { A: legal } });
      },
    );
    fc.assert(holds, { numRuns: 500 });
  });
});

describe('renderError', () => {
  test('JSON', () => {
    expect(renderError(ERROR)).toEqual({
      contentType: 'application/json;charset=utf-8',
      text:
        `{"RequestId":"${REQUEST_ID}","HostId":"live.aliyuncs.com","Code":"InvalidAction.NotFound",` +
        '"Message":"Specified api is not found, please check your url and method.",' +
        '"Recommend":"https://docs.example.com/errors?q=InvalidAction.NotFound&requestId=1"}',
    });
  });

  test('XML', () => {
    expect(renderError({ ...ERROR, format: 'xml', message: 'a < b & c' })).toEqual({
      contentType: 'text/xml;charset=utf-8',
      text:
        `<?xml version='1.0' encoding='UTF-8'?><Error><RequestId>${REQUEST_ID}</RequestId>` +
        '<HostId>live.aliyuncs.com</HostId><Code>InvalidAction.NotFound</Code><Message>a &lt; b &amp; c</Message>' +
        '<Recommend><![CDATA[https://docs.example.com/errors?q=InvalidAction.NotFound&requestId=1]]></Recommend></Error>',
    });
  });

  test('an AccessDeniedDetail is an object, last', () => {
    const denied = {
      ...ERROR,
      accessDeniedDetail: { AuthAction: 'live:ForbidLiveStream', PolicyType: '<x>' },
    };
    expect(renderError(denied).text).toMatch(
      /,"AccessDeniedDetail":\{"AuthAction":"live:ForbidLiveStream","PolicyType":"<x>"\}\}$/,
    );
    expect(renderError({ ...denied, format: 'xml' }).text).toMatch(
      /<\/Recommend><AccessDeniedDetail><AuthAction>live:ForbidLiveStream<\/AuthAction><PolicyType>&lt;x&gt;<\/PolicyType><\/AccessDeniedDetail><\/Error>$/,
    );
  });

  test('no text ends the CDATA section or the document early', () => {
    const { text } = renderError({
      ...ERROR,
      format: 'xml',
      recommend: 'a]]><Code>OK</Code>\0',
      message: ']]></Message>',
    });
    expect(readXml(text)).toMatchObject({
      Error: { Code: ERROR.code, Message: ']]></Message>', Recommend: 'a]]><Code>OK</Code>\ufffd' },
    });
  });

  test('every JSON field is a string, whatever it holds', () => {
    const holds = fc.property(fc.string({ unit: 'binary' }), (any) => {
      const { text } = renderError({ ...ERROR, code: any, message: any, recommend: any });
      expect(JSON.parse(text)).toEqual({
        RequestId: REQUEST_ID,
        HostId: ERROR.hostId,
        Code: any,
        Message: any,
        Recommend: any,
      });
    });
    fc.assert(holds);
  });
});

test('responseHeaders', () => {
  expect(responseHeaders(REQUEST_ID, '0'.repeat(32))).toEqual({
    'x-acs-request-id': REQUEST_ID,
    'x-acs-trace-id': '0'.repeat(32),
    'access-control-allow-origin': '*',
    'access-control-expose-headers': '*',
    vary: 'Accept-Encoding',
  });
});
