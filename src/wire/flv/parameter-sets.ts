import { parseAv1Obus } from './av1.ts';
import { BitReader } from './bit-reader.ts';
import type { AudioInfo, VideoInfo } from './codec.ts';
import { parseH264Sps, parseHevcSps, type VideoParameters } from './sps.ts';

/** What a sequence header says of the sound. */
export interface AudioParameters {
  /** Samples per second. */
  sampleRate: number;
  channels: number;
}

/**
 * Size and profile of a video from the body of its sequence header: avcC, hvcC or av1C. `info` is what `inspectVideo`
 * said of the payload. Undefined for another kind of message, another codec, or a malformed header. Never throws.
 */
export function videoParameters(
  payload: Buffer,
  info: Pick<VideoInfo, 'codec' | 'kind' | 'bodyOffset'>,
): VideoParameters | undefined {
  if (info.kind !== 'sequence-header') return undefined;
  const body = payload.subarray(info.bodyOffset);
  switch (info.codec) {
    case 'h264':
      return fromAvcC(body);
    case 'hevc':
      return fromHvcC(body);
    case 'av1':
      return parseAv1Obus(body.subarray(4));
    default:
      return undefined;
  }
}

/**
 * Sample rate and channels from the body of an audio sequence header: AudioSpecificConfig of AAC or the Opus head.
 * Undefined for another kind of message, another codec, or a malformed header. Never throws.
 */
export function audioParameters(
  payload: Buffer,
  info: Pick<AudioInfo, 'codec' | 'kind' | 'bodyOffset'>,
): AudioParameters | undefined {
  if (info.kind !== 'sequence-header') return undefined;
  const body = payload.subarray(info.bodyOffset);
  if (info.codec === 'aac') return fromAudioSpecificConfig(body);
  return info.codec === 'opus' ? fromOpusHead(body) : undefined;
}

/** AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3): the first sequence parameter set. */
function fromAvcC(body: Buffer): VideoParameters | undefined {
  if (body.length < 8 || (body.readUInt8(5) & 0x1f) === 0) return undefined;
  const end = 8 + body.readUInt16BE(6);
  return end <= body.length ? parseH264Sps(body.subarray(8, end)) : undefined;
}

const HEVC_SPS = 33;

/** HEVCDecoderConfigurationRecord (ISO/IEC 14496-15, 8.3.3): arrays of parameter sets by NAL type. */
function fromHvcC(body: Buffer): VideoParameters | undefined {
  const arrays = body[22] ?? 0;
  let at = 23;
  for (let i = 0; i < arrays && at + 3 <= body.length; i += 1) {
    const type = body.readUInt8(at) & 0x3f;
    const count = body.readUInt16BE(at + 1);
    at += 3;
    for (let j = 0; j < count && at + 2 <= body.length; j += 1) {
      const end = at + 2 + body.readUInt16BE(at);
      if (type === HEVC_SPS) return parseHevcSps(body.subarray(at + 2, end));
      at = end;
    }
  }
  return undefined;
}

const AAC_RATES = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
];
const AAC_CHANNELS = [0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8];

/** Object types that announce a doubled sample rate: SBR and PS (ISO/IEC 14496-3, 1.6.2.1). */
const SBR = 5;
const PARAMETRIC_STEREO = 29;

function fromAudioSpecificConfig(body: Buffer): AudioParameters | undefined {
  const reader = new BitReader(body);
  const objectType = aacObjectType(reader);
  let sampleRate = aacSampleRate(reader);
  let channels = AAC_CHANNELS[reader.bits(4)] ?? 0;
  if (objectType === SBR || objectType === PARAMETRIC_STEREO) sampleRate = aacSampleRate(reader);
  if (objectType === PARAMETRIC_STEREO) channels = 2;
  return reader.overrun || sampleRate === 0 || channels === 0 ? undefined : { sampleRate, channels };
}

function aacObjectType(reader: BitReader): number {
  const type = reader.bits(5);
  return type === 31 ? 32 + reader.bits(6) : type;
}

function aacSampleRate(reader: BitReader): number {
  const index = reader.bits(4);
  return index === 15 ? reader.bits(24) : (AAC_RATES[index] ?? 0);
}

const OPUS_HEAD = 'OpusHead';
/** Opus always decodes at this rate, whatever its head says of the input (RFC 7845, 5.1). */
const OPUS_RATE = 48_000;

/** The identification header of Opus in Ogg (RFC 7845, 5.1). */
function fromOpusHead(body: Buffer): AudioParameters | undefined {
  if (body.length < 19 || body.toString('latin1', 0, 8) !== OPUS_HEAD) return undefined;
  const channels = body.readUInt8(9);
  return channels === 0 ? undefined : { sampleRate: OPUS_RATE, channels };
}
