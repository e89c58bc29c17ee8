import { MessageType, RtmpError, type RtmpMessage } from './messages.ts';

const HEADER = 11;
const BACK_POINTER = 4;
/** The most messages taken out of one aggregate. */
const MAX_PARTS = 4096;

/**
 * The messages inside an aggregate message (type 22), as views of its payload. Timestamps are moved so that the first
 * one is the aggregate's own (Adobe RTMP 1.0, 7.1.6). An aggregate inside an aggregate is refused.
 * @throws RtmpError when it is truncated or has too many parts
 */
export function splitAggregate(message: RtmpMessage): RtmpMessage[] {
  const { payload } = message;
  const parts: RtmpMessage[] = [];
  let offset = 0;
  for (let at = 0; at < payload.length;) {
    if (parts.length >= MAX_PARTS) throw new RtmpError('aggregate: too many messages');
    if (at + HEADER > payload.length) throw new RtmpError('aggregate: truncated');
    const end = at + HEADER + payload.readUIntBE(at + 1, 3);
    if (end > payload.length) throw new RtmpError('aggregate: truncated');
    const timestamp = (payload.readUIntBE(at + 4, 3) | (payload.readUInt8(at + 7) << 24)) >>> 0;
    if (parts.length === 0) offset = message.timestamp - timestamp;
    parts.push(part(message, { at, end, timestamp: (timestamp + offset) >>> 0 }));
    at = end + BACK_POINTER;
  }
  return parts;
}

/** The stream ids inside an aggregate are not trusted: what is inside belongs to the aggregate's own stream. */
function part(message: RtmpMessage, from: { at: number; end: number; timestamp: number }): RtmpMessage {
  const type = message.payload.readUInt8(from.at) & 0x1f;
  if (type === MessageType.aggregate) throw new RtmpError('aggregate: nested');
  const { streamId, chunkStreamId } = message;
  const payload = message.payload.subarray(from.at + HEADER, from.end);
  return { type, streamId, chunkStreamId, timestamp: from.timestamp, payload };
}
