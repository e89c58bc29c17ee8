import { describe, expect, test } from 'vitest';
import { splitAggregate } from '../../src/wire/rtmp/aggregate.ts';
import * as control from '../../src/wire/rtmp/control.ts';
import { RtmpError, type RtmpMessage } from '../../src/wire/rtmp/messages.ts';

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');

describe('control messages', () => {
  test.each<[string, RtmpMessage, number, string]>([
    ['Set Chunk Size', control.setChunkSize(4096), 1, '00001000'],
    ['Acknowledgement wraps', control.acknowledgement(2 ** 32 + 5), 3, '00000005'],
    ['Window Acknowledgement Size', control.windowAckSize(2_500_000), 5, '002625a0'],
    ['Set Peer Bandwidth', control.setPeerBandwidth(2_500_000), 6, '002625a0 02'],
    ['StreamBegin', control.streamBegin(1), 4, '0000 00000001'],
    ['StreamEOF', control.streamEof(1), 4, '0001 00000001'],
    ['SetBufferLength', control.setBufferLength(1, 3000), 4, '0003 00000001 00000bb8'],
    ['StreamIsRecorded', control.streamIsRecorded(1), 4, '0004 00000001'],
    ['PingRequest', control.pingRequest(0xfedcba98), 4, '0006 fedcba98'],
    ['PingResponse', control.pingResponse(7), 4, '0007 00000007'],
  ])('%s', (...[, message, type, payload]) => {
    expect(message).toEqual({ type, streamId: 0, chunkStreamId: 2, timestamp: 0, payload: hex(payload) });
  });

  test('user control is parsed back', () => {
    expect(control.parseUserControl(control.pingRequest(0xfedcba98))).toEqual({
      event: 'pingRequest',
      time: 0xfedcba98,
    });
    expect(control.parseUserControl(control.streamEof(3))).toEqual({ event: 'streamEof', streamId: 3 });
    expect(control.parseUserControl(control.setBufferLength(1, 3000))).toEqual({
      event: 'setBufferLength',
      streamId: 1,
      milliseconds: 3000,
    });
    expect(control.parseUserControl({ ...control.streamEof(1), payload: hex('001a ff') })).toEqual({
      event: 'unknown',
      type: 26,
    });
  });

  test.each(['', '00', '0006', '0003 00000001'])('too short: %s', (payload) => {
    const message = { ...control.streamEof(1), payload: hex(payload) };
    expect(() => control.parseUserControl(message)).toThrow(RtmpError);
  });
  test('a value too short', () => {
    expect(() => control.parseControlValue({ ...control.windowAckSize(1), payload: hex('0001') })).toThrow(
      RtmpError,
    );
  });
});

describe('aggregate', () => {
  const aggregate = (payload: string, timestamp = 1000): RtmpMessage => ({
    type: 22,
    streamId: 1,
    chunkStreamId: 4,
    timestamp,
    payload: hex(payload),
  });
  const audio = '08 000002 000064 00 000000 af01 0000000d';
  const video = '09 000001 00006e 00 000007 17 0000000c';

  test('parts move with the first one to the time of the aggregate and keep its stream', () => {
    expect(splitAggregate(aggregate(audio + video))).toEqual([
      { type: 8, streamId: 1, chunkStreamId: 4, timestamp: 1000, payload: hex('af01') },
      { type: 9, streamId: 1, chunkStreamId: 4, timestamp: 1010, payload: hex('17') },
    ]);
  });
  test('times with the extension byte, and wrapping', () => {
    const early = '09 000001 fffff0 ff 000000 17 0000000c';
    const late = '09 000001 000010 00 000000 17 0000000c';
    const parts = splitAggregate(aggregate(early + late, 0xfffffff0));
    expect(parts.map((part) => part.timestamp)).toEqual([0xfffffff0, 0x10]);
  });
  test('the last back pointer may be missing', () => {
    expect(splitAggregate(aggregate(audio.slice(0, -9)))).toHaveLength(1);
    expect(splitAggregate(aggregate(''))).toEqual([]);
  });
  test.each([
    ['a truncated header', '08 0000'],
    ['a truncated part', '08 000005 000064 00 000000 af01'],
    ['an aggregate inside', '16 000000 000064 00 000000 0000000b'],
    ['too many parts', '08 000000 000000 00 000000 0000000b'.repeat(4097)],
  ])('refused: %s', (_name, payload) => {
    expect(() => splitAggregate(aggregate(payload))).toThrow(RtmpError);
  });
});
