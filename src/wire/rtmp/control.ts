import { MessageType, RtmpError, type RtmpMessage } from './messages.ts';

/** Protocol and user control messages travel on this chunk stream, message stream 0. */
const CONTROL_CHUNK_STREAM = 2;

/** User control event types (Adobe RTMP 1.0, 7.1.7). */
const UserEvent = {
  streamBegin: 0,
  streamEof: 1,
  streamDry: 2,
  setBufferLength: 3,
  streamIsRecorded: 4,
  pingRequest: 6,
  pingResponse: 7,
} as const;

/** A user control message, parsed. Times are the sender's clock in milliseconds, to be echoed. */
export type UserControl =
  | { event: 'streamBegin' | 'streamEof' | 'streamDry' | 'streamIsRecorded'; streamId: number }
  | { event: 'setBufferLength'; streamId: number; milliseconds: number }
  | { event: 'pingRequest' | 'pingResponse'; time: number }
  | { event: 'unknown'; type: number };

/** Says that our chunks carry up to `size` bytes from now on. */
export function setChunkSize(size: number): RtmpMessage {
  return control(MessageType.setChunkSize, uint32(size));
}

/** Tells the peer the total of bytes that we received, modulo 2^32. */
export function acknowledgement(receivedBytes: number): RtmpMessage {
  return control(MessageType.acknowledgement, uint32(receivedBytes));
}

/** Asks the peer to acknowledge after every `size` bytes. */
export function windowAckSize(size: number): RtmpMessage {
  return control(MessageType.windowAckSize, uint32(size));
}

/** Limits the peer's unacknowledged bytes; 0 hard, 1 soft, 2 dynamic. */
export function setPeerBandwidth(size: number, limit: 0 | 1 | 2 = 2): RtmpMessage {
  return control(MessageType.setPeerBandwidth, Buffer.concat([uint32(size), Buffer.of(limit)]));
}

export function streamBegin(streamId: number): RtmpMessage {
  return userControl(UserEvent.streamBegin, streamId);
}

export function streamEof(streamId: number): RtmpMessage {
  return userControl(UserEvent.streamEof, streamId);
}

export function streamIsRecorded(streamId: number): RtmpMessage {
  return userControl(UserEvent.streamIsRecorded, streamId);
}

/** How much a player buffers, in milliseconds. */
export function setBufferLength(streamId: number, milliseconds: number): RtmpMessage {
  return userControl(UserEvent.setBufferLength, streamId, milliseconds);
}

/** `time` is our clock in milliseconds, modulo 2^32. */
export function pingRequest(time: number): RtmpMessage {
  return userControl(UserEvent.pingRequest, time);
}

/** Answers a ping with the `time` that it carried. */
export function pingResponse(time: number): RtmpMessage {
  return userControl(UserEvent.pingResponse, time);
}

/** @throws RtmpError when it is too short for its event */
export function parseUserControl(message: RtmpMessage): UserControl {
  const { payload } = message;
  if (payload.length < 2) throw new RtmpError('user control message too short');
  const type = payload.readUInt16BE(0);
  const name = userEventName(type);
  if (name === undefined) return { event: 'unknown', type };
  const first = readUint32(payload, 2);
  switch (name) {
    case 'pingRequest':
    case 'pingResponse':
      return { event: name, time: first };
    case 'setBufferLength':
      return { event: name, streamId: first, milliseconds: readUint32(payload, 6) };
    default:
      return { event: name, streamId: first };
  }
}

/** The 32-bit value of an Acknowledgement or Window Acknowledgement Size message. @throws RtmpError when too short */
export function parseControlValue(message: RtmpMessage): number {
  return readUint32(message.payload, 0);
}

type UserEventName = keyof typeof UserEvent;

const USER_EVENT_NAMES = new Map<number, UserEventName>(
  Object.entries(UserEvent).map(([name, type]) => [type, name as UserEventName]),
);

function userEventName(type: number): UserEventName | undefined {
  return USER_EVENT_NAMES.get(type);
}

function control(type: number, payload: Buffer): RtmpMessage {
  return { type, streamId: 0, chunkStreamId: CONTROL_CHUNK_STREAM, timestamp: 0, payload };
}

function userControl(event: number, ...values: number[]): RtmpMessage {
  return control(MessageType.userControl, Buffer.concat([Buffer.of(0, event), ...values.map(uint32)]));
}

function uint32(value: number): Buffer {
  const out = Buffer.allocUnsafe(4);
  out.writeUInt32BE(value >>> 0);
  return out;
}

function readUint32(payload: Buffer, at: number): number {
  if (payload.length < at + 4) throw new RtmpError('control message too short');
  return payload.readUInt32BE(at);
}
