import { BitReader } from './bit-reader.ts';
import { checked, type VideoParameters } from './sps.ts';

const OBU_SEQUENCE_HEADER = 1;

/** Finds and parses the sequence header among AV1 OBUs (AV1 specification, 5.3 to 5.5). Undefined when there is none. */
export function parseAv1Obus(bytes: Uint8Array): VideoParameters | undefined {
  for (let at = 0; at < bytes.length;) {
    const header = bytes[at] ?? 0;
    const hasExtension = (header & 4) !== 0;
    at += hasExtension ? 2 : 1;
    let size = bytes.length - at;
    if ((header & 2) !== 0) {
      const coded = leb128(bytes, at);
      size = coded.value;
      at = coded.end;
    }
    if (((header >> 3) & 15) === OBU_SEQUENCE_HEADER) return sequenceHeader(bytes.subarray(at, at + size));
    at += size;
  }
  return undefined;
}

/** An unsigned number of up to 4 bytes in LEB128: longer ones cannot be sizes within a message. */
function leb128(bytes: Uint8Array, from: number): { value: number; end: number } {
  let value = 0;
  let at = from;
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = bytes[at] ?? 0;
    at += 1;
    value |= (byte & 0x7f) << shift;
    if ((byte & 0x80) === 0) break;
  }
  return { value, end: at };
}

function sequenceHeader(bytes: Uint8Array): VideoParameters | undefined {
  const reader = new BitReader(bytes);
  const profile = reader.bits(3);
  reader.skip(1);
  const level = reader.flag() ? reader.bits(5) : operatingPoints(reader);
  if (level === undefined) return undefined;
  const widthBits = reader.bits(4) + 1;
  const heightBits = reader.bits(4) + 1;
  const width = reader.bits(widthBits) + 1;
  const height = reader.bits(heightBits) + 1;
  return checked(reader, { width, height, profile, level });
}

/** Reads timing and operating points of a full header; the level of the first point. */
function operatingPoints(reader: BitReader): number | undefined {
  const timing = reader.flag() ? timingInfo(reader) : { hasModel: false, delayBits: 0 };
  const hasInitialDelay = reader.flag();
  const count = reader.bits(5) + 1;
  let first: number | undefined;
  for (let i = 0; i < count; i += 1) {
    reader.skip(12);
    const level = reader.bits(5);
    if (level > 7) reader.skip(1);
    if (timing.hasModel && reader.flag()) reader.skip(2 * timing.delayBits + 1);
    if (hasInitialDelay && reader.flag()) reader.skip(4);
    first ??= level;
  }
  return first;
}

function timingInfo(reader: BitReader): { hasModel: boolean; delayBits: number } {
  reader.skip(64);
  if (reader.flag()) reader.unsigned();
  if (!reader.flag()) return { hasModel: false, delayBits: 0 };
  const delayBits = reader.bits(5) + 1;
  reader.skip(32 + 5 + 5);
  return { hasModel: true, delayBits };
}
