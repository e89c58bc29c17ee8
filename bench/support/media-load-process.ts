/** The process of {@link startMediaLoad}: its argument is the load; it answers every message with its counts. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { systemIds } from '../../src/base/ids.ts';
import { RtmpClientSession } from '../../src/wire/rtmp/client-session.ts';
import { audioConfig, audioFrame, videoConfig, videoFrame } from '../../test/support/frames.ts';
import type { MediaCounts, MediaLoad } from './media-load.ts';

const PICTURE_MS = 40;
const SOUND_MS = 23.2;
const PICTURE_BYTES = 4520;
const SOUND_BYTES = 279;
const PICTURES_OF_A_KEYFRAME = 50;
const TICK_MS = 10;
const START_MS = 20_000;

const load = JSON.parse(process.argv[2] ?? '') as MediaLoad;
const counts = { sentBytes: 0, receivedBytes: 0, lost: 0 };

/** A publisher: the same bytes for everybody, encoded once. */
interface Publisher {
  readonly socket: Socket;
  readonly session: RtmpClientSession;
}

function follow(socket: Socket): Socket {
  socket.on('error', () => undefined);
  socket.on('close', () => (counts.lost += 1));
  return socket;
}

/** Resolves when the server lets it publish or play; what it receives later is counted and not looked at. */
function join(mode: 'publish' | 'play', stream: string): Promise<Publisher> {
  const port = load.rtmpPort;
  const tcUrl = `rtmp://127.0.0.1:${port}/live`;
  const session = new RtmpClientSession({
    mode,
    tcUrl,
    app: 'live',
    stream,
    randomBytes: (size) => systemIds.bytes(size),
  });
  const socket = follow(connect({ port, host: '127.0.0.1', noDelay: true }));
  socket.once('connect', () => socket.write(session.start()));
  return new Promise((resolve) => {
    const shake = (bytes: Buffer): void => {
      const { send, events } = session.push(bytes);
      for (const part of send) socket.write(part);
      if (!events.some(({ type }) => type === 'ready')) return;
      socket.off('data', shake);
      socket.on('data', (more: Buffer) => (counts.receivedBytes += more.length));
      resolve({ socket, session });
    };
    socket.on('data', shake);
  });
}

function playFlv(httpPort: number, stream: string): Promise<void> {
  const socket = follow(connect({ port: httpPort, host: '127.0.0.1', noDelay: true }));
  socket.write(`GET /live/${stream}.flv HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
  return new Promise((resolve) => {
    socket.on('data', (bytes: Buffer) => {
      counts.receivedBytes += bytes.length;
      resolve();
    });
  });
}

/** Sends to all publishers what is due; all of a kind get the same bytes. */
function publishTo(publishers: readonly Publisher[]): void {
  const [first] = publishers;
  if (!first) return;
  const send = (media: { type: number; timestamp: number; payload: Buffer }): void => {
    const bytes = first.session.encodeMedia(media);
    for (const { socket } of publishers) {
      socket.write(bytes);
      counts.sentBytes += bytes.length;
    }
  };
  for (const media of [videoConfig(), audioConfig()]) send(media);
  const startedAt = performance.now();
  const size = load.pictureBytes ?? PICTURE_BYTES;
  let [pictures, sounds] = [0, 0];
  setInterval(() => {
    const now = performance.now() - startedAt;
    for (; pictures * PICTURE_MS <= now; pictures++)
      send(
        videoFrame(pictures * PICTURE_MS, pictures, { key: pictures % PICTURES_OF_A_KEYFRAME === 0, size }),
      );
    for (; sounds * SOUND_MS <= now; sounds++) send(audioFrame(Math.round(sounds * SOUND_MS), SOUND_BYTES));
  }, TICK_MS);
}

process.on('disconnect', () => process.exit());
const late = setTimeout(() => {
  console.error('the server does not let everybody publish and play');
  process.exit(1);
}, START_MS);
const publishers: Publisher[] = [];
for (let i = 0; i < load.publishers; i++) publishers.push(await join('publish', `cam${i}`));
publishTo(publishers);
for (let i = 0; i < load.players; i++)
  await (load.over === 'rtmp' ? join('play', 'cam0') : playFlv(load.over.httpPort, 'cam0'));
clearTimeout(late);
const tell = (): void => void process.send?.({ ...counts } satisfies MediaCounts);
process.on('message', tell);
tell();
