import type { RtmpMessage } from './messages.ts';

const EXTENDED = 0xffffff;

/**
 * A message as chunks. The first chunk always has the full (fmt 0) header and the rest have fmt 3, so that the bytes
 * depend on nothing sent before and can be shared by every player of a stream. An extended timestamp is repeated in
 * every chunk, as the specification and all common players have it. A message without payload is one header.
 */
export function encodeMessage(message: RtmpMessage, chunkSize: number): Buffer {
  const { payload, chunkStreamId } = message;
  const timestamp = message.timestamp >>> 0;
  const extended = timestamp >= EXTENDED ? 4 : 0;
  const basic = basicHeaderSize(chunkStreamId);
  const chunks = Math.max(1, Math.ceil(payload.length / chunkSize));
  const out = Buffer.allocUnsafe(11 + chunks * (basic + extended) + payload.length);

  let at = writeBasicHeader(out, 0, { fmt: 0, chunkStreamId });
  out.writeUIntBE(extended === 0 ? timestamp : EXTENDED, at, 3);
  out.writeUIntBE(payload.length, at + 3, 3);
  out[at + 6] = message.type;
  out.writeUInt32LE(message.streamId, at + 7);
  at += 11;
  for (let from = 0; ;) {
    if (extended !== 0) at = out.writeUInt32BE(timestamp, at);
    const to = Math.min(from + chunkSize, payload.length);
    at += payload.copy(out, at, from, to);
    if (to === payload.length) return out;
    from = to;
    at = writeBasicHeader(out, at, { fmt: 3, chunkStreamId });
  }
}

function basicHeaderSize(chunkStreamId: number): number {
  if (chunkStreamId < 64) return 1;
  return chunkStreamId < 320 ? 2 : 3;
}

function writeBasicHeader(out: Buffer, at: number, header: { fmt: number; chunkStreamId: number }): number {
  const { fmt, chunkStreamId } = header;
  if (chunkStreamId < 64) return out.writeUInt8((fmt << 6) | chunkStreamId, at);
  if (chunkStreamId < 320) {
    out[at] = fmt << 6;
    return out.writeUInt8(chunkStreamId - 64, at + 1);
  }
  out[at] = (fmt << 6) | 1;
  return out.writeUInt16LE(chunkStreamId - 64, at + 1);
}
