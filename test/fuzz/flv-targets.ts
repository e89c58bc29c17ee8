import fc from 'fast-check';
import { expect } from 'vitest';
import { inspectAudio, inspectVideo } from '../../src/wire/flv/codec.ts';
import { audioParameters, videoParameters } from '../../src/wire/flv/parameter-sets.ts';
import { encodeTag, flvHeader, FlvError, FlvReader } from '../../src/wire/flv/tag.ts';
import type { FlvTag } from '../../src/wire/flv/tag.ts';
import type { FuzzTarget } from './fuzz.ts';
import { reading, sameInPieces } from './readings.ts';
import type { Reading } from './readings.ts';

const MAX_PAYLOAD = 1024 * 1024;
const HEADER = flvHeader({ audio: true, video: true });

function readTags(pieces: readonly Buffer[]): Reading<FlvTag> {
  return reading(FlvError, (out) => {
    const reader = new FlvReader({ maxPayload: MAX_PAYLOAD });
    for (const piece of pieces) {
      reader.push(piece);
      for (let tag = reader.next(); tag; tag = reader.next()) out.push(tag);
    }
  });
}

const tag = fc
  .record({
    type: fc.constantFrom(8, 9, 18, 0xff),
    timestamp: fc.constantFrom(0, 40, 0xffffff, 0xffffffff),
    payload: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  })
  .map(encodeTag);

/** A file of tags; damaged, it is the FLV of a hostile server. */
export const flvBytes: fc.Arbitrary<Buffer> = fc
  .array(tag, { maxLength: 6 })
  .map((tags) => Buffer.concat([HEADER, ...tags]));

const flv: FuzzTarget = {
  name: 'flv',
  made: flvBytes,
  runs: 300,
  check(input) {
    const { values } = sameInPieces(input, readTags);
    expect(values.reduce((sum, { payload }) => sum + payload.length, 0)).toBeLessThanOrEqual(input.length);
    const again = Buffer.concat([HEADER, ...values.map(encodeTag)]);
    expect(readTags([again])).toEqual({ values, problem: undefined });
  },
};

/** How media messages begin: with every kind of header, and far enough to get into the parameter sets. */
const BEGINNINGS = [
  ...[
    '17',
    '1700000000',
    '170000000001640029ffe10100',
    '1700000000016400',
    '1c00000000',
    '2701',
    'af00',
    'af01',
  ],
  ...['9068766331', '9168766331', '9161763031', '9361763031', '95', '96', '97ff', '9700', '904f707573'],
].map((hex) => Buffer.from(hex, 'hex'));
const HVCC = Buffer.concat([Buffer.from('\x90hvc1', 'latin1'), Buffer.alloc(22, 1)]);
const AV1C = Buffer.from('\x90av01\x81\x29\x0c\x00', 'latin1');
const OPUS = Buffer.from('\x90OpusOpusHead', 'latin1');

const codecs: FuzzTarget = {
  name: 'codecs',
  made: fc
    .tuple(
      fc.constantFrom(...BEGINNINGS, Buffer.concat([HVCC, Buffer.of(255, 33, 255, 255)]), AV1C, OPUS),
      fc.uint8Array({ maxLength: 200, size: 'max' }),
    )
    .map((parts) => Buffer.concat(parts)),
  runs: 1000,
  check(input) {
    const video = inspectVideo(input);
    const audio = inspectAudio(input);
    for (const info of [video, audio]) if (info) expect(info.bodyOffset).toBeLessThanOrEqual(input.length);
    const picture = video && videoParameters(input, video);
    for (const side of picture ? [picture.width, picture.height] : []) {
      expect(side).toBeGreaterThan(0);
      expect(side).toBeLessThanOrEqual(65_536);
    }
    const sound = audio && audioParameters(input, audio);
    if (!sound) return;
    expect(sound.sampleRate).toBeGreaterThan(0);
    expect(sound.channels).toBeGreaterThan(0);
  },
};

export const FLV_TARGETS = [flv, codecs];
