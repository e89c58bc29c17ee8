/**
 * How fast the media path of the wire room is, on one core and without sockets: the sample stream is cut into chunks,
 * read back, inspected and encoded again for players.
 *
 *   npx tsx bench/wire.ts
 */
import { readFileSync } from 'node:fs';
import { inspectAudio, inspectVideo } from '../src/wire/flv/codec.ts';
import { encodeTag, FlvReader, TagType, type FlvTag } from '../src/wire/flv/tag.ts';
import { ChunkReader } from '../src/wire/rtmp/chunk-reader.ts';
import { encodeMessage } from '../src/wire/rtmp/chunk-writer.ts';
import type { RtmpMessage } from '../src/wire/rtmp/messages.ts';

const SECONDS = 1.5;
const flv = readFileSync(new URL('../assets/sample.flv', import.meta.url));

function readFlv(): FlvTag[] {
  const reader = new FlvReader();
  reader.push(flv);
  const tags: FlvTag[] = [];
  for (let tag = reader.next(); tag; tag = reader.next()) tags.push(tag);
  return tags;
}

/** The sample's messages with payloads of `scale` times their length, to stand for higher bit rates. */
function scaled(scale: number): RtmpMessage[] {
  return readFlv().map(({ type, timestamp, payload }) => ({
    type,
    timestamp,
    streamId: 1,
    chunkStreamId: type === TagType.audio ? 4 : 6,
    payload: Buffer.concat(Array.from({ length: scale }, () => payload)),
  }));
}

/** `run` handles all of `messages` once; prints messages and megabits per second of one core. */
function measure(name: string, messages: RtmpMessage[], run: () => void): void {
  const bits = messages.reduce((sum, message) => sum + message.payload.length * 8, 0);
  for (let i = 0; i < 5; i += 1) run();
  const start = performance.now();
  let rounds = 0;
  while (performance.now() - start < SECONDS * 1000) {
    run();
    rounds += 1;
  }
  const seconds = (performance.now() - start) / 1000;
  const rate = (total: number): string => Math.round((total * rounds) / seconds).toLocaleString('en');
  console.log(
    `${name.padEnd(44)} ${rate(messages.length).padStart(12)} msg/s ${rate(bits / 1e6).padStart(8)} Mbit/s`,
  );
}

function read(bytes: Buffer, options: { chunkSize: number; cut: number }): void {
  const reader = new ChunkReader();
  reader.setChunkSize(options.chunkSize);
  for (let at = 0; at < bytes.length; at += options.cut) {
    reader.push(bytes.subarray(at, at + options.cut));
    while (reader.next());
  }
}

for (const [scale, label] of [
  [1, '86 kbit/s'],
  [24, '2 Mbit/s'],
] as const) {
  const messages = scaled(scale);
  console.log(`\nstream of about ${label}`);
  for (const chunkSize of [128, 4096, 65_536]) {
    const bytes = Buffer.concat(messages.map((message) => encodeMessage(message, chunkSize)));
    for (const cut of [1448, 65_536])
      measure(`read, chunks of ${chunkSize}, reads of ${cut}`, messages, () =>
        read(bytes, { chunkSize, cut }),
      );
    measure(`encodeMessage, chunks of ${chunkSize}`, messages, () => {
      for (const message of messages) encodeMessage(message, chunkSize);
    });
  }
  measure('encodeTag', messages, () => {
    for (const message of messages) encodeTag(message);
  });
  measure('inspectVideo or inspectAudio', messages, () => {
    for (const { type, payload } of messages) {
      if (type === TagType.video) inspectVideo(payload);
      else inspectAudio(payload);
    }
  });
}
