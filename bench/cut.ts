import { setTimeout as sleep } from 'node:timers/promises';
import { connectRtmp } from '../src/cli/rtmp-client.ts';
import type { RtmpClient } from '../src/cli/rtmp-client.ts';
import { markOf, videoConfig, videoFrame } from '../test/support/frames.ts';
import type { Benchmark, Measure, Pace, Readings, Subject } from './support/benchmark.ts';
import { Caller, signedRequest } from './support/calls.ts';
import { startMediaLoad } from './support/media-load.ts';
import type { RunningLoad } from './support/media-load.ts';
import { hasNginx, startNginx, startSluice } from './support/processes.ts';
import { quantile } from './support/statistics.ts';

const LIVE = 200;
const CUTS = 100;
/** Pictures of the background's streams: 200 of them together send 20 Mbit/s. */
const BACKGROUND_BYTES = 250;
/** The stream that is cut sends a picture every millisecond, so that the last relayed one tells when relaying ended. */
const PICTURE_MS = 1;
const LIVE_BEFORE_MS = 60;
/** Frames go out every 40 ms: the calls come at every moment in between, one after the other. */
const PHASE_STEP_MS = 7;
const PHASES_MS = 40;
const MOST_WAIT_MS = 5000;
/** A frame that was relayed after the reset would arrive in this time. */
const WATCH_AFTER_MS = 30;

/** A server and its way to cut a stream. */
interface Cutter extends AsyncDisposable {
  readonly rtmpPort: number;
  readonly httpPort: number;
  /** The request that cuts a stream, made before the clock starts. */
  readonly request: (stream: string) => Buffer;
}

/** Milliseconds of one cut. */
interface Cut {
  /** From the request's sending to the arrival of the last frame at a player; 0 when none came after the sending. */
  readonly lastFrame: number;
  /** From the request's sending until the publisher's socket was gone. */
  readonly reset: number;
}

/** How long a stream that shall end goes on. */
export const cut: Benchmark = {
  name: 'cut',
  title: 'Cut with 200 live publishers',
  about: `200 publishers are live in the background (100 kbit/s each). ${CUTS} times a further publisher that sends a
picture every millisecond is cut by one call on a keep-alive connection: a V3-signed, durable ForbidLiveStream here,
\`/control/drop/publisher\` (neither signed nor durable) at nginx-rtmp. Times are from the sending of the call to the
arrival of the last picture at a player of the stream, and to the end of the publisher's connection.`,
  measures: [
    milliseconds('lastFrameP50', 'last relayed frame, p50', 5),
    milliseconds('lastFrameP99', 'last relayed frame, p99', 15),
    milliseconds('resetP50', 'publisher sees the reset, p50', 20),
    milliseconds('resetP99', 'publisher sees the reset, p99', 35),
  ],
  open,
};

function milliseconds(key: string, label: string, limit: number): Measure {
  return { key, label, unit: 'ms', digits: 1, target: { of: 'value', bound: 'at most', limit } };
}

async function open(pace: Pace): Promise<[Subject, ...Subject[]]> {
  const paced = pace.quick ? { live: 3, cuts: 3 } : { live: LIVE, cuts: CUTS };
  const ours = subject('Sluice', await sluice(pace), paced);
  return hasNginx() ? [ours, subject('nginx-rtmp', await nginx(), paced)] : [ours];
}

async function sluice(pace: Pace): Promise<Cutter> {
  const config = {
    api: { throttle: { ForbidLiveStream: 1_000_000 } },
    ingest: { limits: { maxConnectionsPerAddress: 1000 } },
  };
  const server = await startSluice(config, pace);
  const { rtmpPort, httpPort, key } = server;
  const signer = { host: `127.0.0.1:${httpPort}`, ...key };
  return {
    rtmpPort,
    httpPort,
    request: (stream) =>
      signedRequest(signer, 'ForbidLiveStream', {
        RegionId: 'cn-shanghai',
        DomainName: 'live.local',
        AppName: 'live',
        StreamName: stream,
        LiveStreamType: 'publisher',
      }),
    [Symbol.asyncDispose]: () => Promise.resolve(server[Symbol.asyncDispose]()),
  };
}

async function nginx(): Promise<Cutter> {
  const server = await startNginx();
  return {
    ...server,
    request: (stream) =>
      Buffer.from(`GET /control/drop/publisher?app=live&name=${stream} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`),
  };
}

function subject(name: string, server: Cutter, { live, cuts }: { live: number; cuts: number }): Subject {
  let background: RunningLoad | undefined;
  let number = 0;
  const measure = async (): Promise<Readings> => {
    const { rtmpPort } = server;
    background = await startMediaLoad({
      rtmpPort,
      publishers: live,
      players: 0,
      over: 'rtmp',
      pictureBytes: BACKGROUND_BYTES,
    });
    try {
      const measured: Cut[] = [];
      while (measured.length < cuts) measured.push(await cutOnce(server, number++));
      return readingsOf(measured);
    } finally {
      await background[Symbol.asyncDispose]();
    }
  };
  return { name, measure, [Symbol.asyncDispose]: () => Promise.resolve(server[Symbol.asyncDispose]()) };
}

function readingsOf(cuts: readonly Cut[]): Readings {
  const [frames, resets] = [cuts.map(({ lastFrame }) => lastFrame), cuts.map(({ reset }) => reset)];
  return {
    lastFrameP50: quantile(frames, 0.5),
    lastFrameP99: quantile(frames, 0.99),
    resetP50: quantile(resets, 0.5),
    resetP99: quantile(resets, 0.99),
  };
}

async function cutOnce({ rtmpPort: port, httpPort, request }: Cutter, number: number): Promise<Cut> {
  const stream = `victim${number}`;
  const phase = (number * PHASE_STEP_MS) % PHASES_MS;
  const target = { host: '127.0.0.1', port, app: 'live', stream };
  const publisher = await connectRtmp({ mode: 'publish', ...target });
  let lastFrameAt = 0;
  let arrived = 0;
  const onMedia = (message: { type: number; payload: Buffer }): void => {
    if (markOf(message) === undefined) return;
    lastFrameAt = performance.now();
    arrived += 1;
  };
  const player = await connectRtmp({ mode: 'play', ...target, onMedia });
  const caller = await Caller.open(httpPort);
  const timer = send(publisher);
  try {
    await sleep(LIVE_BEFORE_MS + phase);
    for (let waited = 0; arrived === 0 && waited < MOST_WAIT_MS; waited += PICTURE_MS)
      await sleep(PICTURE_MS);
    if (arrived === 0) throw new Error(`${stream} did not reach its player`);
    const bytes = request(stream);
    const sentAt = performance.now();
    const answered = caller.call(bytes);
    const { at } = await publisher.ended;
    await answered;
    await sleep(WATCH_AFTER_MS);
    return { lastFrame: Math.max(0, lastFrameAt - sentAt), reset: at - sentAt };
  } finally {
    clearInterval(timer);
    caller.close();
    for (const client of [publisher, player]) client.destroy();
  }
}

function send(publisher: RtmpClient): NodeJS.Timeout {
  publisher.send(videoConfig());
  let sent = 0;
  return setInterval(() => {
    publisher.send(videoFrame(sent * PICTURE_MS, sent, { key: sent % 50 === 0, size: 200 }));
    sent += 1;
  }, PICTURE_MS);
}
