import { BitReader, unescapeNal } from './bit-reader.ts';

/** What a sequence header says of a video. */
export interface VideoParameters {
  /** Pixels of the shown picture, cropping applied. */
  width: number;
  height: number;
  /** The codec's own numbers: `profile_idc` and `level_idc`, or AV1's `seq_profile` and `seq_level_idx`. */
  profile: number;
  level: number;
}

/** H.264 profiles whose parameter sets carry the chroma format (ITU-T H.264, 7.3.2.1.1). */
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

/** The most reference frame offsets and such that a valid parameter set has; more means rubbish. */
const MAX_LIST = 255;

/** Parses an H.264 sequence parameter set, NAL header included. Undefined when it is malformed. */
export function parseH264Sps(nal: Uint8Array): VideoParameters | undefined {
  const reader = new BitReader(unescapeNal(nal));
  reader.skip(8);
  const profile = reader.bits(8);
  reader.skip(8);
  const level = reader.bits(8);
  reader.unsigned();
  const chroma = HIGH_PROFILES.has(profile) ? h264Chroma(reader) : 1;
  reader.unsigned();
  if (!skipPictureOrder(reader)) return undefined;
  reader.unsigned();
  reader.skip(1);
  const widthInMbs = reader.unsigned() + 1;
  const heightInUnits = reader.unsigned() + 1;
  const fields = reader.flag() ? 1 : 2;
  if (fields === 2) reader.skip(1);
  reader.skip(1);
  const unit = chromaUnit(chroma);
  const crop = readCrop(reader, { x: unit.x, y: unit.y * fields });
  const size = { width: widthInMbs * 16 - crop.x, height: heightInUnits * 16 * fields - crop.y };
  return checked(reader, { ...size, profile, level });
}

/** Reads the chroma part of a high profile; the chroma format, 0 for separate planes. */
function h264Chroma(reader: BitReader): number {
  const chroma = reader.unsigned();
  const separate = chroma === 3 && reader.flag();
  reader.unsigned();
  reader.unsigned();
  reader.skip(1);
  if (reader.flag()) {
    const lists = chroma === 3 ? 12 : 8;
    for (let i = 0; i < lists; i += 1) if (reader.flag()) skipScalingList(reader, i < 6 ? 16 : 64);
  }
  return separate ? 0 : chroma;
}

function skipScalingList(reader: BitReader, size: number): void {
  let last = 8;
  let next = 8;
  for (let i = 0; i < size; i += 1) {
    if (next !== 0) next = (last + reader.signed() + 256) % 256;
    last = next === 0 ? last : next;
  }
}

/** False when it is malformed. */
function skipPictureOrder(reader: BitReader): boolean {
  const type = reader.unsigned();
  if (type === 0) reader.unsigned();
  if (type !== 1) return true;
  reader.skip(1);
  reader.signed();
  reader.signed();
  const count = reader.unsigned();
  if (count > MAX_LIST) return false;
  for (let i = 0; i < count; i += 1) reader.signed();
  return true;
}

/** Parses an H.265 sequence parameter set, NAL header included. Undefined when it is malformed. */
export function parseHevcSps(nal: Uint8Array): VideoParameters | undefined {
  const reader = new BitReader(unescapeNal(nal));
  reader.skip(16 + 4);
  const subLayers = reader.bits(3);
  reader.skip(1 + 3);
  const profile = reader.bits(5);
  reader.skip(32 + 48);
  const level = reader.bits(8);
  skipSubLayers(reader, subLayers);
  reader.unsigned();
  const chroma = reader.unsigned();
  const separate = chroma === 3 && reader.flag();
  const width = reader.unsigned();
  const height = reader.unsigned();
  const crop = readCrop(reader, chromaUnit(separate ? 0 : chroma));
  return checked(reader, { width: width - crop.x, height: height - crop.y, profile, level });
}

/** Profile and level of the temporal sub-layers (ITU-T H.265, 7.3.3). */
function skipSubLayers(reader: BitReader, count: number): void {
  if (count === 0) return;
  const present: [profile: boolean, level: boolean][] = [];
  for (let i = 0; i < count; i += 1) present.push([reader.flag(), reader.flag()]);
  reader.skip(2 * (8 - count));
  for (const [profile, level] of present) reader.skip((profile ? 88 : 0) + (level ? 8 : 0));
}

/** The unit of cropping in luma samples by `chroma_format_idc`: 4:2:0, 4:2:2, else single samples. */
function chromaUnit(chroma: number): { x: number; y: number } {
  return { x: chroma === 1 || chroma === 2 ? 2 : 1, y: chroma === 1 ? 2 : 1 };
}

function readCrop(reader: BitReader, unit: { x: number; y: number }): { x: number; y: number } {
  if (!reader.flag()) return { x: 0, y: 0 };
  const [left, right, top, bottom] = [
    reader.unsigned(),
    reader.unsigned(),
    reader.unsigned(),
    reader.unsigned(),
  ];
  return { x: (left + right) * unit.x, y: (top + bottom) * unit.y };
}

/** Largest side that any codec level allows with room to spare, in pixels. */
const MAX_SIDE = 65_536;

/** Undefined for a size that cannot be, or when the bits ran out before it. */
export function checked(reader: BitReader, parameters: VideoParameters): VideoParameters | undefined {
  const { width, height } = parameters;
  const isSize = width > 0 && height > 0 && width <= MAX_SIDE && height <= MAX_SIDE;
  return isSize && !reader.overrun ? parameters : undefined;
}
