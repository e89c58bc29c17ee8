import { describe, expect, test } from 'vitest';
import { decodeAmf0, encodeAmf0, type AmfValue } from '../../src/wire/rtmp/amf0.ts';
import { amf0Body, parseCommand } from '../../src/wire/rtmp/commands.ts';
import { MessageType, RtmpError, type RtmpMessage } from '../../src/wire/rtmp/messages.ts';
import { parseTcUrl, splitName } from '../../src/wire/rtmp/names.ts';
import * as responses from '../../src/wire/rtmp/responses.ts';

function message(values: AmfValue[], type: number = MessageType.commandAmf0): RtmpMessage {
  const payload = encodeAmf0(...values);
  return { type, streamId: 1, chunkStreamId: 3, timestamp: 0, payload };
}

const parse = (...values: AmfValue[]) => parseCommand(message(values));
const base = (transactionId: number) => ({ streamId: 1, transactionId });

describe('parseCommand', () => {
  test('connect of a plain client', () => {
    const argument = { app: 'live', tcUrl: 'rtmp://a/live', flashVer: 'FMLE/3.0', type: 'nonprivate' };
    expect(parse('connect', 1, argument)).toEqual({
      ...base(1),
      name: 'connect',
      app: 'live',
      tcUrl: 'rtmp://a/live',
      flashVer: 'FMLE/3.0',
      objectEncoding: 0,
      fourCcList: undefined,
      capsEx: undefined,
    });
  });
  test('connect of enhanced RTMP; list members of a wrong type are dropped', () => {
    const argument = { app: 'live', objectEncoding: 3, fourCcList: ['hvc1', 7, 'Opus'], capsEx: 12 };
    expect(parse('connect', 1, argument)).toMatchObject({
      tcUrl: '',
      objectEncoding: 3,
      fourCcList: ['hvc1', 'Opus'],
      capsEx: 12,
    });
  });
  test.each<[string, AmfValue[], object]>([
    ['createStream', ['createStream', 2, null], { name: 'createStream', ...base(2) }],
    ['a command without null', ['createStream', 2], { name: 'createStream', ...base(2) }],
    [
      'releaseStream',
      ['releaseStream', 2, null, 'cam1'],
      { name: 'releaseStream', stream: 'cam1', ...base(2) },
    ],
    ['FCPublish', ['FCPublish', 3, null, 'cam1'], { name: 'FCPublish', stream: 'cam1', ...base(3) }],
    ['FCUnpublish', ['FCUnpublish', 6, null, 'cam1'], { name: 'FCUnpublish', stream: 'cam1', ...base(6) }],
    [
      'publish',
      ['publish', 5, null, 'cam1?k=v', 'record'],
      { name: 'publish', stream: 'cam1?k=v', type: 'record', ...base(5) },
    ],
    [
      'publish without type',
      ['publish', 5, null, 'cam1'],
      { name: 'publish', stream: 'cam1', type: 'live', ...base(5) },
    ],
    [
      'play',
      ['play', 4, null, 'cam1'],
      { name: 'play', stream: 'cam1', start: -2, duration: -1, reset: true, ...base(4) },
    ],
    [
      'play with all',
      ['play', 4, null, 'cam1', -1000, 5, false],
      { name: 'play', stream: 'cam1', start: -1000, duration: 5, reset: false, ...base(4) },
    ],
    ['deleteStream', ['deleteStream', 7, null, 1], { name: 'deleteStream', deletedStreamId: 1, ...base(7) }],
    ['closeStream', ['closeStream', 0, null], { name: 'closeStream', ...base(0) }],
    [
      'getStreamLength',
      ['getStreamLength', 3, null, 'a'],
      { name: 'getStreamLength', stream: 'a', ...base(3) },
    ],
    [
      'pause',
      ['pause', 0, null, true, 1500],
      { name: 'pause', paused: true, milliseconds: 1500, ...base(0) },
    ],
    ['_checkbw', ['_checkbw', 3, null], { name: '_checkbw', ...base(3) }],
    ['unknown', ['play2', NaN, null], { name: 'unknown', command: 'play2', ...base(0) }],
    ['a prototype member', ['toString', 1], { name: 'unknown', command: 'toString', ...base(1) }],
  ])('%s', (_name, values, expected) => {
    expect(parse(...values)).toEqual(expected);
  });
  test('AMF3 wrapper, with and without its format byte', () => {
    const plain = message(['createStream', 2, null], MessageType.commandAmf3);
    const wrapped = { ...plain, payload: Buffer.concat([Buffer.of(0), plain.payload]) };
    expect(parseCommand(wrapped)).toEqual({ name: 'createStream', ...base(2) });
    expect(parseCommand(plain)).toEqual({ name: 'createStream', ...base(2) });
  });
  test('the body of data messages, type 18 and 15', () => {
    const values = ['@setDataFrame', 'onMetaData', { width: 320 }];
    const plain = message(values, MessageType.dataAmf0);
    const wrapped = {
      ...plain,
      type: MessageType.dataAmf3,
      payload: Buffer.concat([Buffer.of(0), plain.payload]),
    };
    expect(decodeAmf0(amf0Body(plain))).toEqual(values);
    expect(decodeAmf0(amf0Body(wrapped))).toEqual(values);
  });
  test.each<[string, AmfValue[]]>([
    ['nothing', []],
    ['a name that is a number', [1, 2]],
    ['connect without an object', ['connect', 1]],
    ['connect with an array', ['connect', 1, []]],
    ['connect without an app', ['connect', 1, { tcUrl: 'rtmp://a/b' }]],
    ['publish without a name', ['publish', 1, null]],
    ['publish with a number', ['publish', 1, null, 5]],
    ['publish with an empty name', ['publish', 1, null, '']],
    ['play with an object', ['play', 1, null, {}]],
  ])('refused: %s', (_name, values) => {
    expect(() => parse(...values)).toThrow(RtmpError);
  });
});

describe('responses', () => {
  const read = (response: RtmpMessage) => decodeAmf0(response.payload);
  const connect = { transactionId: 1, objectEncoding: 0, fourCcList: undefined, capsEx: undefined };

  test('connectResult to a plain client says nothing of enhanced RTMP', () => {
    const [name, transactionId, , information] = read(responses.connectResult(connect));
    expect([name, transactionId]).toEqual(['_result', 1]);
    expect(information).toMatchObject({ code: 'NetConnection.Connect.Success', objectEncoding: 0 });
    expect(information).not.toHaveProperty('fourCcList');
  });
  test('connectResult names the shared codecs', () => {
    const enhanced = { ...connect, fourCcList: ['hvc1', 'xxxx', 'av01'], capsEx: 0xff };
    expect(read(responses.connectResult(enhanced))[3]).toMatchObject({
      fourCcList: ['hvc1', 'av01'],
      capsEx: 12,
    });
    const all = responses.connectResult({ ...connect, fourCcList: ['*'] });
    expect(read(all)[3]).toMatchObject({ fourCcList: [...responses.SUPPORTED_FOUR_CCS] });
  });
  test('the others', () => {
    expect(read(responses.createStreamResult(4, 1))).toEqual(['_result', 4, null, 1]);
    expect(read(responses.emptyResult(2))).toEqual(['_result', 2, null, undefined]);
    expect(read(responses.onBWDone())).toEqual(['onBWDone', 0, null]);
    const status = { level: 'status', code: 'NetStream.Publish.Start', description: 'go' } as const;
    const sent = responses.onStatus(1, status);
    expect(read(sent)).toEqual(['onStatus', 0, null, status]);
    expect(sent).toMatchObject({ type: 20, streamId: 1, timestamp: 0 });
    expect(read(responses.onFCPublish('cam1'))[3]).toMatchObject({ code: 'NetStream.Publish.Start' });
    expect(read(responses.onFCUnpublish('cam1'))[3]).toMatchObject({ code: 'NetStream.Unpublish.Success' });
    expect(read(responses.sampleAccess(1))).toEqual(['|RtmpSampleAccess', true, true]);
  });
});

describe('names', () => {
  test.each([
    ['rtmp://Push.Example.com/live', 'Push.Example.com', ''],
    ['rtmps://push.example.com:443/live/inst/', 'push.example.com', ''],
    ['rtmp://user:pw@host:1935/live?vhost=a.b&x=1', 'host', 'vhost=a.b&x=1'],
    ['rtmp://[2001:db8::1]:1935/live', '2001:db8::1', ''],
    ['rtmp://host', 'host', ''],
    ['rtmp://host?vhost=x', 'host', 'vhost=x'],
    ['rtmp:///live', undefined, ''],
    ['live', undefined, ''],
    ['', undefined, ''],
    [`rtmp://${'a'.repeat(100_000)}`, undefined, ''],
  ])('parseTcUrl %s', (url, ...expected) => {
    const parsed = parseTcUrl(url);
    expect([parsed.host, parsed.query.toString()]).toEqual(expected);
  });
  test('splitName', () => {
    expect(splitName('cam1?auth_key=1-2-3&x=?').name).toBe('cam1');
    expect(splitName('cam1?auth_key=1-2-3&x=?').query.get('x')).toBe('?');
    expect(splitName('cam1').query.size).toBe(0);
  });
});
