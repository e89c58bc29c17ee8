import { encodeAmf0 } from '../../src/wire/rtmp/amf0.ts';

/** A message as a publisher sends it. */
export interface TestMedia {
  readonly type: number;
  readonly timestamp: number;
  readonly payload: Buffer;
}

/** H.264 by its classic header; `mark` is a number that a test finds again in what a player receives. */
export function videoFrame(
  timestamp: number,
  mark: number,
  options: { key?: boolean; size?: number } = {},
): TestMedia {
  const payload = Buffer.alloc(Math.max(9, options.size ?? 9));
  payload.set([options.key ? 0x17 : 0x27, 1, 0, 0, 0]);
  payload.writeUInt32BE(mark, 5);
  return { type: 9, timestamp, payload };
}

/** The number that {@link videoFrame} was given; undefined for anything else. */
export function markOf(media: { type: number; payload: Buffer }): number | undefined {
  if (media.type !== 9 || media.payload.length < 9 || media.payload[1] !== 1) return undefined;
  return media.payload.readUInt32BE(5);
}

/** An H.264 decoder configuration; `version` tells one from another. */
export function videoConfig(version = 1): TestMedia {
  return {
    type: 9,
    timestamp: 0,
    payload: Buffer.from([0x17, 0, 0, 0, 0, 1, 0x64, 0, version, 0xff, 0xe0, 0]),
  };
}

/** An AAC decoder configuration: LC, 44.1 kHz, stereo. */
export function audioConfig(): TestMedia {
  return { type: 8, timestamp: 0, payload: Buffer.from([0xaf, 0, 0x12, 0x10]) };
}

export function audioFrame(timestamp: number, size = 6): TestMedia {
  const payload = Buffer.alloc(size, 0x55);
  payload.set([0xaf, 1]);
  return { type: 8, timestamp, payload };
}

/** `@setDataFrame` with onMetaData. */
export function metadata(values: Record<string, string | number> = { width: 640, height: 360 }): TestMedia {
  return { type: 18, timestamp: 0, payload: encodeAmf0('@setDataFrame', 'onMetaData', values) };
}
