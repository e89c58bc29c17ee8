/**
 * RTMP message type ids (Adobe RTMP 1.0, sections 5.4 and 7.1).
 */
export const MessageType = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowAckSize: 5,
  setPeerBandwidth: 6,
  audio: 8,
  video: 9,
  dataAmf3: 15,
  commandAmf3: 17,
  dataAmf0: 18,
  commandAmf0: 20,
  aggregate: 22,
} as const;

/** One whole RTMP message, put together from its chunks or to be cut into chunks. */
export interface RtmpMessage {
  /** Message type id, see `MessageType`; types that we do not know are passed on as they are. */
  type: number;
  /** Message stream id: 0 for the connection itself, else a stream that `createStream` made. */
  streamId: number;
  /** Chunk stream id, 2..65599. */
  chunkStreamId: number;
  /** Milliseconds as an unsigned 32-bit integer; it wraps after 49.7 days. */
  timestamp: number;
  payload: Buffer;
}

/** Gives `size` unpredictable bytes; injected so that the wire stays free of chance. */
export type RandomBytes = (size: number) => Uint8Array;

/**
 * The peer broke the protocol or one of our limits. `message` is a short reason without any bytes of the peer,
 * fit for a log line; the connection cannot go on after it.
 */
export class RtmpError extends Error {
  override readonly name = 'RtmpError';
}
