import { readMedia } from '../../src/ingest/frame.ts';
import { connectNames, rtmpRequest, targetOf } from '../../src/ingest/peer-names.ts';
import { STRANGER_LIMITS } from '../../src/ingest/rtmp-connection.ts';
import { inspectAudio, inspectVideo } from '../../src/wire/flv/codec.ts';
import { audioParameters, videoParameters } from '../../src/wire/flv/parameter-sets.ts';
import { flvHeader, FlvError, FlvReader } from '../../src/wire/flv/tag.ts';
import { splitAggregate } from '../../src/wire/rtmp/aggregate.ts';
import { encodeAmf0 } from '../../src/wire/rtmp/amf0.ts';
import { ChunkReader } from '../../src/wire/rtmp/chunk-reader.ts';
import { encodeMessage } from '../../src/wire/rtmp/chunk-writer.ts';
import { parseCommand } from '../../src/wire/rtmp/commands.ts';
import { ServerHandshake } from '../../src/wire/rtmp/handshake.ts';
import { RtmpError } from '../../src/wire/rtmp/messages.ts';
import type { RtmpMessage } from '../../src/wire/rtmp/messages.ts';
import { filled, hex } from './family.ts';
import type { Family } from './family.ts';
import { cut, survives } from './readings.ts';

const message = (type: number, payload: Buffer): RtmpMessage => ({
  type,
  streamId: 1,
  chunkStreamId: 3,
  timestamp: 0,
  payload,
});

/** Reads chunks as they come in pieces of a size, within the limits of strangers or of publishers. */
const chunks =
  (pieces: number, limits = {}) =>
  (bytes: Buffer): void => {
    const reader = new ChunkReader(limits);
    survives(RtmpError, () => {
      for (const piece of cut(bytes, pieces)) {
        reader.push(piece);
        while (reader.next());
      }
    });
  };

const command = (bytes: Buffer): void => void survives(RtmpError, () => parseCommand(message(20, bytes)));

const RTMP: readonly Family[] = [
  {
    // It ends after 3,073 bytes, and what is there is copied for each byte that comes alone.
    name: 'handshake in single bytes',
    input: (size) => Buffer.concat([Buffer.of(3), Buffer.alloc(Math.min(size, 3072))]),
    read(bytes) {
      const handshake = new ServerHandshake({ randomBytes: (size) => new Uint8Array(size) });
      for (const piece of cut(bytes, 1)) handshake.push(piece);
    },
    perByte: { blocks: 20, bytes: 1537 },
  },
  {
    name: 'messages of one byte on the wire',
    input: (size) => filled(size, Buffer.of(0xc3), hex('03 000000 000000 14 00000000')),
    read: chunks(65_536, STRANGER_LIMITS),
    perByte: { blocks: 40, bytes: 1 },
  },
  {
    name: 'a command in chunks of one byte, that come as single bytes',
    input: (size) =>
      filled(
        2 * size - 1,
        hex('00 c3'),
        hex('02 000000 000004 01 00000000 00000001 03 000000'),
        hex(size.toString(16).padStart(6, '0')),
        hex('14 00000000'),
      ),
    read: chunks(1, STRANGER_LIMITS),
    perByte: { blocks: 60, bytes: 30 },
  },
  {
    name: 'pings',
    input: (size) => filled(size, hex('02 000000 000006 04 00000000 0006 00000001')),
    read: chunks(65_536, STRANGER_LIMITS),
    perByte: { blocks: 10, bytes: 2 },
  },
  {
    name: 'a video message in reads of 100 bytes',
    input: (size) => encodeMessage(message(9, Buffer.alloc(size * 20)), 128),
    read: chunks(100),
    perByte: { blocks: 3, bytes: 6 },
  },
  {
    name: 'AMF0: members',
    input: (size) => filled(size, hex('0001 61 05'), encodeAmf0('connect', 1), Buffer.of(3)),
    read: command,
    perByte: { blocks: 10, bytes: 4 },
  },
  {
    name: 'AMF0: nested objects',
    input: (size) => filled(size, hex('03 0001 61'), encodeAmf0('connect', 1)),
    read: command,
    perByte: { blocks: 10, bytes: 4 },
  },
  {
    name: 'AMF0 of metadata: empty strings',
    input: (size) => filled(size, hex('02 0000'), encodeAmf0('onMetaData')),
    read: (bytes) => void readMedia(message(18, bytes)),
    perByte: { blocks: 10, bytes: 4 },
  },
  {
    name: 'an app of slashes',
    input: (size) =>
      encodeAmf0('connect', 1, { app: `a${'/'.repeat(size)}x`, tcUrl: `rtmp://${'@'.repeat(size)}` }),
    read(bytes) {
      const connect = parseCommand(message(20, bytes));
      if (connect.name !== 'connect') throw new Error('no connect');
      targetOf(rtmpRequest(connectNames(connect), connect.app, { kind: 'publish', clientAddress: '' }));
    },
    perByte: { blocks: 10, bytes: 10 },
  },
  {
    name: 'an aggregate of empty parts',
    input: (size) => filled(size, hex('09 000000 000000 00 000000 0000000b')),
    read: (bytes) => void survives(RtmpError, () => splitAggregate(message(22, bytes))),
    perByte: { blocks: 2, bytes: 1 },
  },
];

/** Reads a media message as the meter of a stream does. */
function inspect(bytes: Buffer): void {
  const [video, audio] = [inspectVideo(bytes), inspectAudio(bytes)];
  if (video) videoParameters(bytes, video);
  if (audio) audioParameters(bytes, audio);
}

const HVCC = Buffer.concat([hex('9068766331'), Buffer.alloc(22)]);

const FLV: readonly Family[] = [
  {
    name: 'FLV tags without payload in single bytes',
    input: (size) =>
      filled(size, hex('09 000000 000000 00 000000 0000000b'), flvHeader({ audio: true, video: true })),
    read(bytes) {
      const reader = new FlvReader();
      survives(FlvError, () => {
        for (const piece of cut(bytes, 1)) {
          reader.push(piece);
          while (reader.next());
        }
      });
    },
    perByte: { blocks: 30, bytes: 20 },
  },
  {
    name: 'ModEx after ModEx',
    input: (size) => filled(size, hex('00 aa 07'), Buffer.of(0x97)),
    read: inspect,
    perByte: { blocks: 5, bytes: 1 },
  },
  {
    name: 'hvcC of empty sets',
    input: (size) => filled(size, Buffer.of(0), HVCC, hex('01 20 ffff')),
    read: inspect,
    perByte: { blocks: 5, bytes: 1 },
  },
  {
    name: 'AV1 of empty OBUs',
    input: (size) => filled(size, hex('1200'), hex('9061763031 81000c00')),
    read: inspect,
    perByte: { blocks: 10, bytes: 1 },
  },
  ...['00', 'ff', '000003'].map((fill) => ({
    name: `a parameter set of ${fill}`,
    input: (size: number) =>
      filled(
        size,
        hex(fill),
        hex('1700000000 0164001f ffe1'),
        hex(size.toString(16).padStart(4, '0')),
        hex('676400'),
      ),
    read: inspect,
    perByte: { blocks: 10, bytes: 1 },
  })),
];

export const MEDIA_FAMILIES: readonly Family[] = [...RTMP, ...FLV];
