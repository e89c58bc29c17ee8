/** What the first bytes of a video message say. Positions are from the beginning of the payload. */
export interface VideoInfo {
  codec: VideoCodec;
  /** Codec id of the classic header (7 AVC, 12 HEVC as used in China, ...); undefined in enhanced RTMP. */
  flvCodecId: number | undefined;
  /** FourCC of enhanced RTMP as spelled, e.g. `hvc1`; undefined in the classic header. */
  fourCc: string | undefined;
  kind: MediaKind;
  /** True for a frame that decoding can begin with; false for sequence headers. */
  keyframe: boolean;
  /** Presentation minus decoding time in milliseconds, signed; 0 where the header has none. */
  compositionTime: number;
  /** Enhanced RTMP: several tracks in one message; then all of this is about the first one. */
  multitrack: boolean;
  /** Where the codec's own bytes begin: the decoder configuration or the frame. */
  bodyOffset: number;
}

/** What the first bytes of an audio message say. */
export interface AudioInfo {
  codec: AudioCodec;
  /** Sound format of the classic header (10 AAC, 2 MP3, ...); undefined in enhanced RTMP. */
  flvCodecId: number | undefined;
  /** FourCC of enhanced RTMP as spelled, e.g. `Opus`; undefined in the classic header. */
  fourCc: string | undefined;
  kind: MediaKind;
  multitrack: boolean;
  bodyOffset: number;
}

/** `sequence-header`: decoder configuration; `end`: end of sequence; `metadata`: colour, channel layout or a command. */
export type MediaKind = 'sequence-header' | 'frame' | 'end' | 'metadata';
export type VideoCodec =
  'h264' | 'hevc' | 'vvc' | 'av1' | 'vp8' | 'vp9' | 'h263' | 'screen' | 'vp6' | 'mpeg4' | 'unknown';
export type AudioCodec =
  | 'aac'
  | 'opus'
  | 'mp3'
  | 'flac'
  | 'ac3'
  | 'eac3'
  | 'pcm'
  | 'adpcm'
  | 'g711a'
  | 'g711u'
  | 'nellymoser'
  | 'speex'
  | 'unknown';

/** Ids 12 (HEVC), 13 (AV1) and 14 (VVC) are not Adobe's, but in wide use. */
const VIDEO_IDS: Partial<Record<number, VideoCodec>> = {
  2: 'h263',
  3: 'screen',
  4: 'vp6',
  5: 'vp6',
  6: 'screen',
  7: 'h264',
  8: 'h263',
  9: 'mpeg4',
  12: 'hevc',
  13: 'av1',
  14: 'vvc',
};

const VIDEO_FOUR_CCS: Partial<Record<string, VideoCodec>> = {
  avc1: 'h264',
  hvc1: 'hevc',
  vvc1: 'vvc',
  av01: 'av1',
  vp08: 'vp8',
  vp09: 'vp9',
};

const AUDIO_IDS: Partial<Record<number, AudioCodec>> = {
  0: 'pcm',
  1: 'adpcm',
  2: 'mp3',
  3: 'pcm',
  4: 'nellymoser',
  5: 'nellymoser',
  6: 'nellymoser',
  7: 'g711a',
  8: 'g711u',
  10: 'aac',
  11: 'speex',
  13: 'opus',
  14: 'mp3',
};

const AUDIO_FOUR_CCS: Partial<Record<string, AudioCodec>> = {
  mp4a: 'aac',
  Opus: 'opus',
  '.mp3': 'mp3',
  fLaC: 'flac',
  'ac-3': 'ac3',
  'ec-3': 'eac3',
};

const FRAME_KEY = 1;
/** Used by servers only, for a key frame that they made. */
const FRAME_GENERATED_KEY = 4;
const FRAME_COMMAND = 5;
const AUDIO_EX_HEADER = 9;

/** Packet types of enhanced RTMP v2; audio has the same numbers as far as the meaning is the same. */
const Packet = {
  sequenceStart: 0,
  codedFrames: 1,
  sequenceEnd: 2,
  codedFramesX: 3,
  metadata: 4,
  mpeg2TsSequenceStart: 5,
  videoMultitrack: 6,
  audioMultitrack: 5,
  modEx: 7,
} as const;

/** Reads the header of a video message; undefined when it is too short to tell. Never throws. */
export function inspectVideo(payload: Buffer): VideoInfo | undefined {
  const first = payload[0];
  if (first === undefined) return undefined;
  return (first & 0x80) === 0 ? classicVideo(payload, first) : enhancedVideo(payload, first);
}

/** Reads the header of an audio message; undefined when it is too short to tell. Never throws. */
export function inspectAudio(payload: Buffer): AudioInfo | undefined {
  const first = payload[0];
  if (first === undefined) return undefined;
  const format = first >> 4;
  if (format === AUDIO_EX_HEADER) return enhancedAudio(payload, first);
  const isAac = format === 10;
  if (isAac && payload.length < 2) return undefined;
  return {
    codec: AUDIO_IDS[format] ?? 'unknown',
    flvCodecId: format,
    fourCc: undefined,
    kind: isAac && payload[1] === 0 ? 'sequence-header' : 'frame',
    multitrack: false,
    bodyOffset: isAac ? 2 : 1,
  };
}

function classicVideo(payload: Buffer, first: number): VideoInfo | undefined {
  const frameType = first >> 4;
  const id = first & 0x0f;
  const hasPacketType = id === 7 || id >= 12;
  if (hasPacketType && payload.length < 5) return undefined;
  const kind = frameType === FRAME_COMMAND ? 'metadata' : hasPacketType ? packetKind(payload[1]) : 'frame';
  return {
    codec: VIDEO_IDS[id] ?? 'unknown',
    flvCodecId: id,
    fourCc: undefined,
    kind,
    keyframe: kind === 'frame' && isKey(frameType),
    compositionTime: hasPacketType && kind === 'frame' ? payload.readIntBE(2, 3) : 0,
    multitrack: false,
    bodyOffset: hasPacketType ? 5 : 1,
  };
}

function packetKind(type: number | undefined): MediaKind {
  return type === 0 ? 'sequence-header' : type === 1 ? 'frame' : 'end';
}

function enhancedVideo(payload: Buffer, first: number): VideoInfo | undefined {
  const frameType = (first >> 4) & 7;
  const header = exHeader(payload, first & 0x0f, Packet.videoMultitrack);
  if (header === undefined) return undefined;
  const { packet, fourCc, multitrack } = header;
  const codec = VIDEO_FOUR_CCS[fourCc] ?? 'unknown';
  const kind = frameType === FRAME_COMMAND ? 'metadata' : videoKind(packet);
  const timed = packet === Packet.codedFrames && (codec === 'h264' || codec === 'hevc' || codec === 'vvc');
  if (timed && payload.length < header.end + 3) return undefined;
  return {
    codec,
    flvCodecId: undefined,
    fourCc,
    kind,
    keyframe: kind === 'frame' && isKey(frameType),
    compositionTime: timed ? payload.readIntBE(header.end, 3) : 0,
    multitrack,
    bodyOffset: header.end + (timed ? 3 : 0),
  };
}

function videoKind(packet: number): MediaKind {
  switch (packet) {
    case Packet.sequenceStart:
    case Packet.mpeg2TsSequenceStart:
      return 'sequence-header';
    case Packet.codedFrames:
    case Packet.codedFramesX:
      return 'frame';
    case Packet.sequenceEnd:
      return 'end';
    default:
      return 'metadata';
  }
}

function enhancedAudio(payload: Buffer, first: number): AudioInfo | undefined {
  const header = exHeader(payload, first & 0x0f, Packet.audioMultitrack);
  if (header === undefined) return undefined;
  const { packet, fourCc, multitrack, end } = header;
  return {
    codec: AUDIO_FOUR_CCS[fourCc] ?? 'unknown',
    flvCodecId: undefined,
    fourCc,
    kind: audioKind(packet),
    multitrack,
    bodyOffset: end,
  };
}

function audioKind(packet: number): MediaKind {
  switch (packet) {
    case Packet.sequenceStart:
      return 'sequence-header';
    case Packet.codedFrames:
      return 'frame';
    case Packet.sequenceEnd:
      return 'end';
    default:
      return 'metadata';
  }
}

function isKey(frameType: number): boolean {
  return frameType === FRAME_KEY || frameType === FRAME_GENERATED_KEY;
}

interface ExHeader {
  packet: number;
  fourCc: string;
  multitrack: boolean;
  /** Where the header of enhanced RTMP ends. */
  end: number;
}

/**
 * Reads what follows the first byte in enhanced RTMP v2: any ModEx parts, the multitrack byte, the FourCC and, with
 * several tracks, the head of the first one.
 */
function exHeader(payload: Buffer, packetType: number, multitrackType: number): ExHeader | undefined {
  let packet = packetType;
  let at = 1;
  while (packet === Packet.modEx) {
    const size = (payload[at] ?? 0) + 1;
    const long = size === 256 && at + 3 <= payload.length;
    at += long ? 3 + payload.readUInt16BE(at + 1) + 1 : 1 + size;
    const next = payload[at];
    if (next === undefined) return undefined;
    packet = next & 0x0f;
    at += 1;
  }
  if (packet !== multitrackType) return fourCcAt(payload, { at, packet, multitrack: false });
  const tracks = payload[at];
  if (tracks === undefined) return undefined;
  const header = fourCcAt(payload, { at: at + 1, packet: tracks & 0x0f, multitrack: true });
  if (header === undefined) return undefined;
  // The track's number, and its length unless it is the only one.
  header.end += tracks >> 4 === 0 ? 1 : 4;
  return header.end <= payload.length ? header : undefined;
}

function fourCcAt(
  payload: Buffer,
  from: { at: number; packet: number; multitrack: boolean },
): ExHeader | undefined {
  const end = from.at + 4;
  if (end > payload.length) return undefined;
  return {
    packet: from.packet,
    fourCc: payload.toString('latin1', from.at, end),
    multitrack: from.multitrack,
    end,
  };
}
