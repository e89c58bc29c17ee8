/** How a peer is connected. */
export type PeerProtocol = 'rtmp' | 'rtmps' | 'http-flv' | 'ws-flv';

/** What ingest counts; the implementation must neither throw nor wait. */
export interface IngestMeter {
  connectionOpened(protocol: PeerProtocol): void;
  connectionClosed(protocol: PeerProtocol): void;
  /** A connection was turned away before a byte of it was read. */
  connectionRefused(limit: 'total' | 'per-address'): void;
  /** A publisher or player was not admitted; `problem` is one of a small fixed set. */
  peerRefused(kind: 'publish' | 'play', problem: string): void;
  /** Bytes read from RTMP peers. */
  bytesIn(bytes: number): void;
  /** Media bytes handed to the sockets of players. */
  bytesOut(protocol: PeerProtocol, bytes: number): void;
  /** A player that could not follow lost these bytes and goes on at the next keyframe. */
  playerSkipped(protocol: PeerProtocol, bytes: number): void;
  /** A player that did not take anything for too long was disconnected. */
  playerDropped(protocol: PeerProtocol): void;
}
