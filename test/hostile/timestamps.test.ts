import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { playFlv } from '../../src/cli/flv-player.ts';
import { audioFrame, videoConfig, videoFrame } from '../support/frames.ts';
import type { TestMedia } from '../support/frames.ts';
import { startMediaServer } from '../support/ingest-harness.ts';
import type { MediaServer } from '../support/ingest-harness.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { RtmpPeer } from '../support/rtmp-peer.ts';
import { until } from '../support/wait.ts';

/** 49.7 days after an encoder began to count. */
const WRAP = 2 ** 32;
/** Half of the frames come before it, half of them after. */
const BEFORE = WRAP - 600;
const FRAMES = 30;
const FRAME_MS = 40;
const GOP = 10;

/** What a player got: timestamps of frames, in order of arrival; configurations and data are left out. */
interface Watched {
  readonly times: number[];
}

let clock: ManualClock;
let server: MediaServer;

beforeEach(async () => {
  clock = new ManualClock();
  server = await startMediaServer({ clock, limits: { mergeMs: 0 }, core: { duplicatePublish: 'replace' } });
});

afterEach(async () => {
  let closed = false;
  void server.ingest.close().then(() => (closed = true));
  await until(() => {
    clock.advance(100);
    return closed;
  }, 'ingest to be closed');
  await server[Symbol.asyncDispose]();
});

const isFrame = ({ type, payload }: { type: number; payload: Buffer }): boolean =>
  (type === 9 && payload[1] === 1) || (type === 8 && payload[1] === 1);

/** Two players, over RTMP and HTTP-FLV. */
async function watch(): Promise<readonly [Watched, Watched]> {
  const [rtmp, flv]: [Watched, Watched] = [{ times: [] }, { times: [] }];
  const take =
    ({ times }: Watched) =>
    (media: TestMedia): void => {
      if (isFrame(media)) times.push(media.timestamp);
    };
  await server.rtmp({ mode: 'play', stream: 'cam1', onMedia: take(rtmp) });
  await playFlv({ url: `http://127.0.0.1:${server.httpPort}/live/cam1.flv`, onTag: take(flv) });
  return [rtmp, flv];
}

async function publish(): Promise<RtmpPeer> {
  const peer = await RtmpPeer.publishing(server.ingest.rtmpPort, 'cam1');
  peer.send(videoConfig());
  return peer;
}

/** Sends frames at 25 a second of both clocks, a keyframe for every ten. */
async function flow(peer: RtmpPeer, from: number, count = FRAMES): Promise<void> {
  const stats = (): number => server.core.streams.list()[0]?.publisher.stats().bytes ?? 0;
  for (let i = 0; i < count; i++) {
    const wanted = stats() + 9;
    peer.send(videoFrame((from + i * FRAME_MS) % WRAP, i, { key: i % GOP === 0 }));
    await until(() => stats() >= wanted, 'the frame');
    clock.advance(FRAME_MS);
  }
}

const sentFrom = (from: number, count = FRAMES): number[] =>
  Array.from({ length: count }, (_, i) => (from + i * FRAME_MS) % WRAP);

/** Each timestamp follows the one before it by less than a second, counted in 32 bits. */
function expectOrder(times: readonly number[]): void {
  const steps = times.slice(1).map((time, i) => (time - times[i]!) | 0);
  expect(steps.filter((step) => step < 0 || step > 1000)).toEqual([]);
}

describe('timestamps that pass 2^32', () => {
  it('go on at every player, and what is measured of the stream stays right', async () => {
    const peer = await publish();
    const players = await watch();
    await flow(peer, BEFORE);
    for (const { times } of players) {
      await until(() => times.length === FRAMES, 'every frame');
      expect(times).toEqual(sentFrom(BEFORE));
    }
    expect(server.core.streams.list()[0]?.publisher.stats()).toMatchObject({
      fps: 25,
      keyframeIntervalSec: 0.4,
    });
  });

  it('go on for players that join right before it and right after it', async () => {
    const peer = await publish();
    await flow(peer, BEFORE, 14);
    const early = await watch();
    await flow(peer, BEFORE + 14 * FRAME_MS, 3);
    const late = await watch();
    await flow(peer, BEFORE + 17 * FRAME_MS, 20);
    for (const { times } of [...early, ...late]) {
      await until(() => times.at(-1) === (BEFORE + 36 * FRAME_MS) % WRAP, 'the last frame');
      expectOrder(times);
      // All since the keyframe before they came.
      expect(times.length).toBeGreaterThanOrEqual(20);
    }
  });

  it('may come as differences, as encoders send them', async () => {
    const peer = await publish();
    const players = await watch();
    peer.send(videoFrame(WRAP - 30, 0, { key: true }));
    // Header of type 1 on the same chunk stream: 40 ms later, 9 bytes of video.
    const later = Buffer.from('46' + '000028' + '000009' + '09', 'hex');
    for (let i = 1; i < 4; i++) peer.write(Buffer.concat([later, videoFrame(0, i).payload]));
    for (const { times } of players) {
      await until(() => times.length === 4, 'every frame');
      expect(times).toEqual([WRAP - 30, 10, 50, 90]);
    }
  });
});

describe('a publisher that comes back', () => {
  it.each([
    ['with a clock that begins anew', BEFORE, 0],
    ['with a clock that passed 2^32 meanwhile', BEFORE, 5000],
    ['with a clock that was set back', BEFORE, BEFORE - 3_600_000],
    ['in the middle of 32 bits, its configuration at 0', 3_000_000_000, 0],
    ['in the middle of 32 bits, after it passed 2^32', WRAP - 1160, 3_000_000_000],
  ])('%s: time does not go back at players that stayed', async (_how, first, second) => {
    const before = await publish();
    const players = await watch();
    await flow(before, first);
    const after = await publish();
    await flow(after, second);
    for (const { times } of players) {
      await until(() => times.length === 2 * FRAMES, 'every frame of both');
      expect(times.slice(0, FRAMES)).toEqual(sentFrom(first));
      expectOrder(times);
    }
  });
});

describe('an encoder whose time jumps back', () => {
  it('does not spoil the distance of keyframes that is measured', async () => {
    const peer = await publish();
    await flow(peer, 500_000);
    await flow(peer, 0, 1);
    const stats = (): unknown => server.core.streams.list()[0]?.publisher.stats();
    expect(stats()).toMatchObject({ keyframeIntervalSec: 0.4 });
    peer.send(audioFrame(0));
    await flow(peer, 40, GOP + 1);
    expect(stats()).toMatchObject({ keyframeIntervalSec: 0.4 });
  });
});
