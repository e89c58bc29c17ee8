import { expect, test } from 'vitest';
import { decode } from '../support/av/av.ts';
import { pictureNumber, SAMPLES } from '../support/sample.ts';

/** The committed media are what they are said to be: FFmpeg decodes them to the numbered test pictures, in order. */
test.each([
  ['sample', 'h264', 'aac', 100],
  ['hevc', 'hevc', 'aac', 40],
  ['av1', 'libdav1d', '', 40],
  ['opus', 'h264', 'opus', 40],
] as const)('%s', async (...[name, codec, audioCodec, count]) => {
  const decoded = await decode(SAMPLES[name], count);
  expect(decoded).toMatchObject({ codec, audioCodec, width: 320, height: 180 });
  expect(decoded.pictures.map((picture) => pictureNumber(picture.cells))).toEqual(
    Array.from({ length: count }, (_, i) => i),
  );
});
