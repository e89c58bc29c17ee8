import { inspectAudio, inspectVideo } from '../wire/flv/codec.ts';
import type { AudioInfo, VideoInfo } from '../wire/flv/codec.ts';
import { encodeTag } from '../wire/flv/tag.ts';
import { decodeAmf0 } from '../wire/rtmp/amf0.ts';
import { encodeMessage } from '../wire/rtmp/chunk-writer.ts';
import { amf0Body } from '../wire/rtmp/commands.ts';
import { MessageType, RtmpError } from '../wire/rtmp/messages.ts';
import type { RtmpMessage } from '../wire/rtmp/messages.ts';

/** The message stream of every publish and play: a connection does one thing, so one number is enough. */
export const MEDIA_STREAM_ID = 1;

/** How a frame's bytes are wrapped for players. */
export type Packaging = 'rtmp' | 'flv';

/**
 * What a frame is to a player that joins: `config` (metadata, decoder configuration) is repeated to everybody who
 * starts, `key` is where video can begin, the rest follows it.
 */
export type FrameRole = 'config' | 'key' | 'inter' | 'audio' | 'data';

/**
 * A media message, understood as far as relaying needs it; shared by all players. One object from the wire to the
 * cache: a copy that the hub made of each was 8 % of ingest's profile.
 */
export interface Frame {
  readonly type: 8 | 9 | 18;
  /** As sent, unsigned 32 bits. */
  readonly timestamp: number;
  /** Metadata without its `@setDataFrame` wrapper. */
  readonly payload: Buffer;
  readonly role: FrameRole;
  /** What a `config` frame replaces: an older one of the same slot. Empty in all others. */
  readonly slot: string;
  readonly video: VideoInfo | undefined;
  readonly audio: AudioInfo | undefined;
  /** The timestamp that players see, unsigned 32 bits; the hub sets it before anybody else has the frame. */
  outTimestamp: number;
}

/** Data messages are short lists of properties; more values than this are not relayed. */
const MAX_DATA_VALUES = 4096;
const SET_DATA_FRAME = '@setDataFrame';
/** AMF0's marker of a string whose length takes two bytes; that of the other kinds takes four. */
const SHORT_STRING = 2;

/** Reads an audio, video or data message; undefined when there is nothing in it that a player could use. */
export function readMedia(message: RtmpMessage): Frame | undefined {
  switch (message.type) {
    case MessageType.video:
      return readVideo(message);
    case MessageType.audio:
      return readAudio(message);
    default:
      return readData(message);
  }
}

function readVideo({ timestamp, payload }: RtmpMessage): Frame | undefined {
  const video = inspectVideo(payload);
  if (!video) return undefined;
  const isConfig =
    video.kind === 'sequence-header' || (video.kind === 'metadata' && video.fourCc !== undefined);
  const role = isConfig ? 'config' : video.keyframe ? 'key' : 'inter';
  const slot = isConfig ? slotOf('video', video, payload) : '';
  return {
    type: MessageType.video,
    timestamp,
    payload,
    role,
    slot,
    video,
    audio: undefined,
    outTimestamp: 0,
  };
}

function readAudio({ timestamp, payload }: RtmpMessage): Frame | undefined {
  const audio = inspectAudio(payload);
  if (!audio) return undefined;
  const isConfig = audio.kind === 'sequence-header' || audio.kind === 'metadata';
  const role = isConfig ? 'config' : 'audio';
  const slot = isConfig ? slotOf('audio', audio, payload) : '';
  return {
    type: MessageType.audio,
    timestamp,
    payload,
    role,
    slot,
    video: undefined,
    audio,
    outTimestamp: 0,
  };
}

/** The multitrack byte, the FourCC, the track's number and the length of its data. */
const MAX_TRACK_HEAD = 9;

/** Of several tracks each has its own configuration; the end of the message's head names the track. */
function slotOf(medium: string, info: VideoInfo | AudioInfo, payload: Buffer): string {
  const { multitrack, bodyOffset } = info;
  const track = multitrack
    ? payload.toString('latin1', Math.max(1, bodyOffset - MAX_TRACK_HEAD), bodyOffset)
    : '';
  return `${medium} ${info.kind} ${track}`;
}

/** Data that cannot be decoded is left out rather than handed to the decoders of players. */
function readData(message: RtmpMessage): Frame | undefined {
  const body = amf0Body(message);
  const values = decoded(body);
  if (typeof values?.[0] !== 'string') return undefined;
  const wrapped = values[0] === SET_DATA_FRAME;
  const name = wrapped ? values[1] : values[0];
  return {
    type: MessageType.dataAmf0,
    timestamp: message.timestamp,
    payload: wrapped ? withoutSetDataFrame(body) : body,
    role: name === 'onMetaData' ? 'config' : 'data',
    slot: 'metadata',
    video: undefined,
    audio: undefined,
    outTimestamp: 0,
  };
}

/** What follows the marker, length and text of `@setDataFrame`. */
function withoutSetDataFrame(body: Buffer): Buffer {
  return body.subarray((body[0] === SHORT_STRING ? 3 : 5) + SET_DATA_FRAME.length);
}

function decoded(body: Buffer): unknown[] | undefined {
  try {
    return decodeAmf0(body, { values: MAX_DATA_VALUES });
  } catch (error) {
    if (error instanceof RtmpError) return undefined;
    throw error;
  }
}

const CHUNK_STREAMS = { [MessageType.audio]: 4, [MessageType.dataAmf0]: 5, [MessageType.video]: 6 } as const;

/** The bytes of a frame for players. */
export function encodeFrame(frame: Frame, packaging: Packaging, chunkSize: number): Buffer {
  const { type, outTimestamp: timestamp, payload } = frame;
  if (packaging === 'flv') return encodeTag({ type, timestamp, payload });
  const chunkStreamId = CHUNK_STREAMS[type];
  return encodeMessage({ type, streamId: MEDIA_STREAM_ID, chunkStreamId, timestamp, payload }, chunkSize);
}
