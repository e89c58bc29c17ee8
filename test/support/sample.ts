import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BAR_LUMA } from '../../scripts/make-sample/picture.ts';
import { FlvReader, type FlvTag } from '../../src/wire/flv/tag.ts';

const root = new URL('../../', import.meta.url);

/** Paths of the media that scripts/make-sample.ts made; all show its test picture at 25 pictures a second. */
export const SAMPLES = {
  /** 10 s, H.264 main and AAC 44.1 kHz stereo. */
  sample: fileURLToPath(new URL('assets/sample.flv', root)),
  /** 2 s, HEVC by FourCC and AAC. */
  hevc: fileURLToPath(new URL('test/fixtures/hevc.flv', root)),
  /** 2 s, AV1 by FourCC, no sound. */
  av1: fileURLToPath(new URL('test/fixtures/av1.flv', root)),
  /** 2 s, H.264 and Opus by FourCC. */
  opus: fileURLToPath(new URL('test/fixtures/opus.flv', root)),
};

/** All tags of an FLV file. */
export function readTags(path: string): FlvTag[] {
  const reader = new FlvReader();
  reader.push(readFileSync(path));
  const tags: FlvTag[] = [];
  for (let tag = reader.next(); tag; tag = reader.next()) tags.push(tag);
  return tags;
}

/**
 * The number of a decoded test picture, 0 to 255, from the mean luma of its 8x4 cells (row by row, as `decode` in
 * test/support/av gives them); undefined when the cells do not show the test picture.
 */
export function pictureNumber(cells: readonly number[]): number | undefined {
  const isTestPicture =
    cells.length === 32 && BAR_LUMA.every((luma, i) => Math.abs(luma - (cells[i] ?? 0)) < 12);
  if (!isTestPicture) return undefined;
  return cells.slice(24).reduce((number, luma) => number * 2 + (luma > 124 ? 1 : 0), 0);
}
