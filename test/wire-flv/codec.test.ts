import { describe, expect, test } from 'vitest';
import { inspectAudio, inspectVideo, type AudioInfo, type VideoInfo } from '../../src/wire/flv/codec.ts';
import { TagType } from '../../src/wire/flv/tag.ts';
import { readTags, SAMPLES } from '../support/sample.ts';

/** `'90' + 'hvc1' + '0102'`: hex with a FourCC in brackets. */
const bytes = (text: string): Buffer =>
  Buffer.concat(
    text
      .split(/[[\]]/)
      .map((part, i) =>
        Buffer.from(i % 2 === 1 ? part : part.replace(/\s/g, ''), i % 2 === 1 ? 'latin1' : 'hex'),
      ),
  );

const video = (info: Partial<VideoInfo>): VideoInfo => ({
  codec: 'h264',
  flvCodecId: undefined,
  fourCc: undefined,
  kind: 'frame',
  keyframe: false,
  compositionTime: 0,
  multitrack: false,
  bodyOffset: 5,
  ...info,
});

const audio = (info: Partial<AudioInfo>): AudioInfo => ({
  codec: 'aac',
  flvCodecId: undefined,
  fourCc: undefined,
  kind: 'frame',
  multitrack: false,
  bodyOffset: 5,
  ...info,
});

describe('video', () => {
  test.each<[string, string, VideoInfo]>([
    ['AVC header', '17 00 000000 01', video({ flvCodecId: 7, kind: 'sequence-header' })],
    ['AVC key frame', '17 01 000050 00', video({ flvCodecId: 7, keyframe: true, compositionTime: 80 })],
    ['AVC frame, negative offset', '27 01 ffffd8 00', video({ flvCodecId: 7, compositionTime: -40 })],
    ['AVC generated key frame', '47 01 000000 00', video({ flvCodecId: 7, keyframe: true })],
    ['AVC end', '17 02 000000', video({ flvCodecId: 7, kind: 'end' })],
    ['AVC command frame', '57 01 000000 00', video({ flvCodecId: 7, kind: 'metadata' })],
    ['HEVC with id 12', '1c 00 000000 01', video({ codec: 'hevc', flvCodecId: 12, kind: 'sequence-header' })],
    [
      'HEVC frame with id 12',
      '1c 01 000028 01',
      video({ codec: 'hevc', flvCodecId: 12, keyframe: true, compositionTime: 40 }),
    ],
    ['H.263 key frame', '12 00', video({ codec: 'h263', flvCodecId: 2, keyframe: true, bodyOffset: 1 })],
    ['an id nobody knows', '2f 01 000000', video({ codec: 'unknown', flvCodecId: 15 })],
    ['HEVC header', '90 [hvc1] 01', video({ codec: 'hevc', fourCc: 'hvc1', kind: 'sequence-header' })],
    [
      'HEVC frame with its offset',
      '91 [hvc1] 000028 00',
      video({ codec: 'hevc', fourCc: 'hvc1', keyframe: true, compositionTime: 40, bodyOffset: 8 }),
    ],
    ['HEVC frame without', 'a3 [hvc1] 00', video({ codec: 'hevc', fourCc: 'hvc1' })],
    [
      'AVC by FourCC',
      '91 [avc1] fffff6 00',
      video({ fourCc: 'avc1', keyframe: true, compositionTime: -10, bodyOffset: 8 }),
    ],
    ['AV1 frame has no offset', '91 [av01] 0a0b0c', video({ codec: 'av1', fourCc: 'av01', keyframe: true })],
    ['VP9 frame', 'a1 [vp09] 00', video({ codec: 'vp9', fourCc: 'vp09' })],
    [
      'AV1 in MPEG-2 TS form',
      '95 [av01] 00',
      video({ codec: 'av1', fourCc: 'av01', kind: 'sequence-header' }),
    ],
    ['end', '92 [hvc1]', video({ codec: 'hevc', fourCc: 'hvc1', kind: 'end' })],
    ['metadata', '94 [hvc1] 02', video({ codec: 'hevc', fourCc: 'hvc1', kind: 'metadata' })],
    [
      'command frame',
      'd1 [hvc1] 000000',
      video({ codec: 'hevc', fourCc: 'hvc1', kind: 'metadata', bodyOffset: 8 }),
    ],
    ['a FourCC nobody knows', '91 [xxxx] 00', video({ codec: 'unknown', fourCc: 'xxxx', keyframe: true })],
    [
      'ModEx before',
      '97 02 aabbcc 01 [hvc1] 000000',
      video({ codec: 'hevc', fourCc: 'hvc1', keyframe: true, bodyOffset: 13 }),
    ],
    [
      'two ModEx',
      '97 00 aa 07 00 bb 03 [hvc1]',
      video({ codec: 'hevc', fourCc: 'hvc1', keyframe: true, bodyOffset: 11 }),
    ],
    [
      'a long ModEx',
      `97 ff 0100 ${'00'.repeat(257)} 03 [av01]`,
      video({ codec: 'av1', fourCc: 'av01', keyframe: true, bodyOffset: 266 }),
    ],
    [
      'multitrack, one track',
      '96 01 [av01] 00 0a',
      video({ codec: 'av1', fourCc: 'av01', keyframe: true, multitrack: true, bodyOffset: 7 }),
    ],
    [
      'multitrack, many tracks',
      '96 10 [hvc1] 00 000001 01',
      video({ codec: 'hevc', fourCc: 'hvc1', kind: 'sequence-header', multitrack: true, bodyOffset: 10 }),
    ],
    [
      'multitrack, many codecs',
      '96 21 [hvc1] 00 000004 000028 00',
      video({
        codec: 'hevc',
        fourCc: 'hvc1',
        keyframe: true,
        multitrack: true,
        compositionTime: 40,
        bodyOffset: 13,
      }),
    ],
  ])('%s', (_name, text, expected) => {
    expect(inspectVideo(bytes(text))).toEqual(expected);
  });
  test.each([
    '',
    '17',
    '17 01 0000',
    '90',
    '90 687663',
    '91 [hvc1] 0000',
    '97',
    '97 05 00',
    '97 ff 01',
    '96',
    '96 01 [av01]',
  ])('too short: %s', (text) => {
    expect(inspectVideo(bytes(text))).toBeUndefined();
  });
});

describe('audio', () => {
  test.each<[string, string, AudioInfo]>([
    ['AAC header', 'af 00 1210', audio({ flvCodecId: 10, kind: 'sequence-header', bodyOffset: 2 })],
    ['AAC frame', 'af 01 21', audio({ flvCodecId: 10, bodyOffset: 2 })],
    ['MP3', '2f ff', audio({ codec: 'mp3', flvCodecId: 2, bodyOffset: 1 })],
    ['G.711 A-law', '72 00', audio({ codec: 'g711a', flvCodecId: 7, bodyOffset: 1 })],
    ['a format nobody knows', 'c0', audio({ codec: 'unknown', flvCodecId: 12, bodyOffset: 1 })],
    ['Opus header', '90 [Opus] 4f', audio({ codec: 'opus', fourCc: 'Opus', kind: 'sequence-header' })],
    ['Opus frame', '91 [Opus] fc', audio({ codec: 'opus', fourCc: 'Opus' })],
    ['end', '92 [mp4a]', audio({ fourCc: 'mp4a', kind: 'end' })],
    ['channel layout', '94 [ac-3] 01', audio({ codec: 'ac3', fourCc: 'ac-3', kind: 'metadata' })],
    [
      'multitrack',
      '95 01 [fLaC] 00',
      audio({ codec: 'flac', fourCc: 'fLaC', multitrack: true, bodyOffset: 7 }),
    ],
    ['ModEx', '97 00 00 01 [Opus]', audio({ codec: 'opus', fourCc: 'Opus', bodyOffset: 8 })],
  ])('%s', (_name, text, expected) => {
    expect(inspectAudio(bytes(text))).toEqual(expected);
  });
  test.each(['', 'af', '90', '91 4f7075', '95 01 [fLaC]'])('too short: %s', (text) => {
    expect(inspectAudio(bytes(text))).toBeUndefined();
  });
});

describe('files of FFmpeg', () => {
  const inspect = (path: string) => {
    const tags = readTags(path);
    const videos = tags.filter((tag) => tag.type === TagType.video).map((tag) => inspectVideo(tag.payload)!);
    const audios = tags.filter((tag) => tag.type === TagType.audio).map((tag) => inspectAudio(tag.payload)!);
    const frames = videos.filter((info) => info.kind === 'frame');
    return {
      codecs: [new Set(videos.map((info) => info.codec)), new Set(audios.map((info) => info.codec))].map(
        (set) => [...set],
      ),
      frames: frames.length,
      keys: frames.flatMap((info, i) => (info.keyframe ? [i] : [])),
      headers: [...videos, ...audios].filter((info) => info.kind === 'sequence-header').length,
      offsets: new Set(videos.map((info) => info.compositionTime)).size,
    };
  };
  test.each([
    ['sample', [['h264'], ['aac']], 250, 2],
    ['hevc', [['hevc'], ['aac']], 50, 2],
    ['av1', [['av1'], []], 50, 1],
    ['opus', [['h264'], ['opus']], 50, 2],
  ] as const)('%s', (...[name, codecs, frames, headers]) => {
    const found = inspect(SAMPLES[name]);
    expect(found).toMatchObject({ codecs, frames, headers, offsets: 1 });
    expect(found.keys).toEqual(Array.from({ length: frames / 25 }, (_, i) => i * 25));
  });
});
