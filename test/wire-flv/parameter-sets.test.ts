import { describe, expect, test } from 'vitest';
import { inspectAudio, inspectVideo } from '../../src/wire/flv/codec.ts';
import { audioParameters, videoParameters } from '../../src/wire/flv/parameter-sets.ts';
import { TagType } from '../../src/wire/flv/tag.ts';
import { readTags, SAMPLES } from '../support/sample.ts';
import { avcHeader, BitWriter, escapeNal, hevcHeader } from './reference.ts';

const video = (payload: Buffer) => videoParameters(payload, inspectVideo(payload)!);
const audio = (payload: Buffer) => audioParameters(payload, inspectAudio(payload)!);

describe('files of FFmpeg', () => {
  const headers = (path: string, type: number): Buffer[] =>
    readTags(path)
      .filter((tag) => tag.type === type)
      .map((tag) => tag.payload);
  test.each([
    ['sample', { width: 320, height: 180, profile: 77, level: 12 }],
    ['hevc', { width: 320, height: 180, profile: 1, level: 60 }],
    ['av1', { width: 320, height: 180, profile: 0, level: 0 }],
  ] as const)('video of %s', (name, expected) => {
    const found = headers(SAMPLES[name], TagType.video).map(video);
    expect(found.filter((parameters) => parameters !== undefined)).toEqual([expected]);
  });
  test.each([
    ['sample', { sampleRate: 44_100, channels: 2 }],
    ['opus', { sampleRate: 48_000, channels: 2 }],
  ] as const)('audio of %s', (name, expected) => {
    const found = headers(SAMPLES[name], TagType.audio).map(audio);
    expect(found.filter((parameters) => parameters !== undefined)).toEqual([expected]);
  });
});

interface H264 {
  profile: number;
  chroma: number;
  order: 0 | 1 | 2;
  mbs: [number, number];
  interlaced: boolean;
  crop: [number, number, number, number] | undefined;
  scaling: boolean;
  level?: number;
  id?: number;
}

function h264Sps(sps: H264): Buffer {
  const w = new BitWriter()
    .bits(8, 0x67)
    .bits(8, sps.profile)
    .bits(8, 0)
    .bits(8, sps.level ?? 31)
    .ue(sps.id ?? 0);
  if (sps.profile >= 100) {
    w.ue(sps.chroma);
    if (sps.chroma === 3) w.bits(1, 0);
    w.ue(0)
      .ue(0)
      .bits(1, 0)
      .bits(1, sps.scaling ? 1 : 0);
    if (sps.scaling) {
      w.bits(1, 1);
      for (let i = 0; i < 16; i += 1) w.se(i % 2 === 0 ? 1 : -1);
      w.bits(1, 1).se(-8); // next scale 0: the rest of the list is not sent
      w.bits(sps.chroma === 3 ? 10 : 6, 0);
    }
  }
  w.ue(4).ue(sps.order);
  if (sps.order === 0) w.ue(2);
  if (sps.order === 1) w.bits(1, 0).se(-3).se(5).ue(2).se(1).se(-1);
  w.ue(3).bits(1, 0);
  w.ue(sps.mbs[0] - 1)
    .ue(sps.mbs[1] / (sps.interlaced ? 2 : 1) - 1)
    .bits(1, sps.interlaced ? 0 : 1);
  if (sps.interlaced) w.bits(1, 0);
  w.bits(1, 1).bits(1, sps.crop ? 1 : 0);
  for (const value of sps.crop ?? []) w.ue(value);
  return escapeNal(w.bits(1, 0).bytes());
}

const hd: H264 = {
  profile: 77,
  chroma: 1,
  order: 0,
  mbs: [120, 68],
  interlaced: false,
  crop: [0, 0, 0, 4],
  scaling: false,
};

describe('H.264', () => {
  test.each<[string, H264, [number, number]]>([
    ['1080p, cropped', hd, [1920, 1080]],
    ['1080i: rows count double', { ...hd, interlaced: true, crop: [0, 0, 0, 2] }, [1920, 1080]],
    ['no crop', { ...hd, crop: undefined }, [1920, 1088]],
    ['all sides', { ...hd, crop: [1, 2, 3, 4] }, [1914, 1074]],
    ['order type 1', { ...hd, order: 1 }, [1920, 1080]],
    ['order type 2', { ...hd, order: 2 }, [1920, 1080]],
    ['high, with scaling lists', { ...hd, profile: 100, scaling: true }, [1920, 1080]],
    ['4:2:2', { ...hd, profile: 122, chroma: 2, crop: [0, 1, 0, 8] }, [1918, 1080]],
    ['4:4:4', { ...hd, profile: 244, chroma: 3, crop: [0, 0, 0, 8], scaling: true }, [1920, 1080]],
  ])('%s', (...[, sps, [width, height]]) => {
    expect(video(avcHeader(h264Sps(sps)))).toEqual({ width, height, profile: sps.profile, level: 31 });
  });
  test('emulation prevention bytes are taken out', () => {
    // Level 0 and a large id make the bytes 00 00 02 behind the profile.
    const sps = h264Sps({ ...hd, level: 0, id: 64 });
    expect(sps.subarray(2, 6)).toEqual(Buffer.of(0, 0, 3, 2));
    expect(video(avcHeader(sps))).toEqual({ width: 1920, height: 1080, profile: 77, level: 0 });
  });
  test.each([
    ['no parameter set', Buffer.from('170000000001640029ffe0', 'hex')],
    ['a set that is cut', avcHeader(h264Sps(hd)).subarray(0, 20)],
    ['a set with its end missing', avcHeader(h264Sps(hd).subarray(0, 6))],
    ['nothing', Buffer.from('1700000000', 'hex')],
    ['a frame', Buffer.from('170100000000', 'hex')],
    ['crop larger than the picture', avcHeader(h264Sps({ ...hd, crop: [5000, 5000, 0, 0] }))],
  ])('undefined: %s', (_name, payload) => {
    expect(video(payload)).toBeUndefined();
  });
});

function hevcSps(options: {
  subLayers: number;
  chroma: number;
  crop?: [number, number, number, number];
}): Buffer {
  const w = new BitWriter().bits(16, 0x4201).bits(4, 0).bits(3, options.subLayers).bits(1, 1);
  w.bits(3, 0).bits(5, 2).bits(32, 0x20000000).bits(48, 0x900000000000).bits(8, 123);
  for (let i = 0; i < options.subLayers; i += 1) w.bits(2, 3);
  if (options.subLayers > 0) w.bits(2 * (8 - options.subLayers), 0);
  for (let i = 0; i < options.subLayers; i += 1) w.bits(48, 5).bits(48, 7);
  w.ue(0).ue(options.chroma);
  if (options.chroma === 3) w.bits(1, 0);
  w.ue(1920)
    .ue(1088)
    .bits(1, options.crop ? 1 : 0);
  for (const value of options.crop ?? []) w.ue(value);
  return escapeNal(w.bits(20, 0x55555).bytes());
}

describe('HEVC', () => {
  test.each<[string, Parameters<typeof hevcSps>[0], [number, number]]>([
    ['4:2:0 cropped', { subLayers: 0, chroma: 1, crop: [0, 0, 0, 4] }, [1920, 1080]],
    ['sub-layers', { subLayers: 3, chroma: 1, crop: [0, 0, 0, 4] }, [1920, 1080]],
    ['4:4:4', { subLayers: 0, chroma: 3, crop: [1, 0, 0, 8] }, [1919, 1080]],
    ['no crop', { subLayers: 6, chroma: 2 }, [1920, 1088]],
  ])('%s', (...[, sps, [width, height]]) => {
    expect(video(hevcHeader(hevcSps(sps)))).toEqual({ width, height, profile: 2, level: 123 });
  });
  test('the same under codec id 12', () => {
    const enhanced = hevcHeader(hevcSps({ subLayers: 0, chroma: 1 }));
    const classic = Buffer.concat([Buffer.from('1c00000000', 'hex'), enhanced.subarray(5)]);
    expect(video(classic)).toMatchObject({ width: 1920, height: 1088 });
  });
});

test('AV1 with timing, several operating points and extension bytes', () => {
  const w = new BitWriter().bits(3, 1).bits(1, 0).bits(1, 0);
  w.bits(1, 1).bits(32, 1).bits(32, 25).bits(1, 1).ue(0); // timing
  w.bits(1, 1).bits(5, 9).bits(32, 1).bits(5, 4).bits(5, 4); // decoder model, 10-bit delays
  w.bits(1, 1).bits(5, 1); // initial delay, two points
  w.bits(12, 0).bits(5, 9).bits(1, 0).bits(1, 1).bits(21, 0).bits(1, 1).bits(4, 3);
  w.bits(12, 1).bits(5, 5).bits(1, 0).bits(1, 0);
  w.bits(4, 11).bits(4, 10).bits(12, 3839).bits(11, 1599);
  const obu = w.bytes();
  const delimiter = Buffer.of(0x12, 0);
  const sequence = Buffer.concat([Buffer.of(0x0e, 0, obu.length), obu]);
  const head = Buffer.from('\x90av01\x81\x29\x0c\x00', 'latin1');
  const expected = { width: 3840, height: 1600, profile: 1, level: 9 };
  expect(video(Buffer.concat([head, delimiter, sequence]))).toEqual(expected);
  expect(video(Buffer.concat([head, delimiter]))).toBeUndefined();
});

describe('audio', () => {
  const aac = (w: BitWriter) => audio(Buffer.concat([Buffer.of(0xaf, 0), w.bytes()]));
  test.each<[string, BitWriter, { sampleRate: number; channels: number } | undefined]>([
    ['AAC LC', new BitWriter().bits(5, 2).bits(4, 3).bits(4, 2), { sampleRate: 48_000, channels: 2 }],
    [
      'an explicit rate',
      new BitWriter().bits(5, 2).bits(4, 15).bits(24, 37_000).bits(4, 1),
      { sampleRate: 37_000, channels: 1 },
    ],
    [
      'HE-AAC: the doubled rate',
      new BitWriter().bits(5, 5).bits(4, 7).bits(4, 2).bits(4, 4),
      { sampleRate: 44_100, channels: 2 },
    ],
    [
      'HE-AAC v2: stereo of mono',
      new BitWriter().bits(5, 29).bits(4, 7).bits(4, 1).bits(4, 4),
      { sampleRate: 44_100, channels: 2 },
    ],
    ['7.1', new BitWriter().bits(5, 2).bits(4, 3).bits(4, 7), { sampleRate: 48_000, channels: 8 }],
    [
      'a long object type',
      new BitWriter().bits(5, 31).bits(6, 10).bits(4, 3).bits(4, 2),
      { sampleRate: 48_000, channels: 2 },
    ],
    ['a reserved rate', new BitWriter().bits(5, 2).bits(4, 13).bits(4, 2), undefined],
  ])('%s', (_name, config, expected) => {
    expect(aac(config)).toEqual(expected);
  });
  test('undefined: empty AAC and Opus headers, other codecs', () => {
    expect(audio(Buffer.of(0xaf, 0))).toBeUndefined();
    expect(audio(Buffer.from('\x90OpusOpusHea', 'latin1'))).toBeUndefined();
    expect(audio(Buffer.from('\x90fLaC1234', 'latin1'))).toBeUndefined();
  });
});
