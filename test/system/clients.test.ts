import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { connectRtmp } from '../../src/cli/rtmp-client.ts';
import { AvPublisher, decode } from '../support/av/av.ts';
import type { Decoded } from '../support/av/av.ts';
import { program } from '../support/programs.ts';
import { pictureNumber, readTags, SAMPLES } from '../support/sample.ts';
import { startTestService } from '../support/service.ts';
import type { TestService } from '../support/service.ts';
import { until } from '../support/wait.ts';

const ffmpeg = program('ffmpeg');
const rtmpdump = program('rtmpdump');
const tls = (name: string): string => fileURLToPath(new URL(`../fixtures/tls/${name}.pem`, import.meta.url));

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

async function start(config: Record<string, unknown> = {}): Promise<TestService> {
  const sluice = await startTestService({ config });
  cleanUp.push(async () => sluice[Symbol.asyncDispose]());
  return sluice;
}

interface Run {
  readonly ended: Promise<number | null>;
  /** What it wrote to stderr. */
  readonly output: () => string;
  readonly stop: (signal: NodeJS.Signals) => void;
}

/** Runs a program until it ends, or until the test does. */
function run(path: string, args: readonly string[]): Run {
  const child = spawn(path, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(0, 50_000)));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  cleanUp.push(() => {
    child.kill('SIGKILL');
    return ended;
  });
  return { ended, output: () => output, stop: (signal) => child.kill(signal) };
}

const sizeOf = async (file: string): Promise<number> => (await stat(file).catch(() => undefined))?.size ?? 0;

const online = async (sluice: TestService, stream: string): Promise<Record<string, unknown> | undefined> => {
  const { body } = await sluice.call('DescribeLiveStreamsOnlineList', {
    DomainName: 'live.local',
    StreamName: stream,
  });
  const { LiveStreamOnlineInfo } = body['OnlineInfo'] as { LiveStreamOnlineInfo: Record<string, unknown>[] };
  return LiveStreamOnlineInfo[0];
};

/** Every picture is the test picture, and each is the one after the picture before it. */
function expectTestPictures({ error, pictures }: Decoded, count: number): void {
  expect(error).toBeUndefined();
  expect(pictures).toHaveLength(count);
  const numbers = pictures.map(({ cells }) => pictureNumber(cells));
  expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? NaN) + index));
}

async function publish(sluice: TestService, file: string): Promise<void> {
  const publisher = new AvPublisher({ file, url: sluice.rtmpUrl('live/cam1') });
  cleanUp.push(async () => publisher[Symbol.asyncDispose]());
  await until(() => publisher.has('open'), 'FFmpeg to publish', 20_000);
}

describe('FFmpeg through node-av', () => {
  it.each([
    { what: 'HEVC in enhanced RTMP', file: SAMPLES.hevc, codec: 'hevc', audio: true },
    { what: 'Opus beside H.264', file: SAMPLES.opus, codec: 'h264', audio: true },
  ])(
    'publishes and plays $what',
    async ({ file, codec, audio }) => {
      const sluice = await start();
      await publish(sluice, file);
      const played = await decode(`${sluice.endpoint}/live/cam1.flv`, 8);
      expectTestPictures(played, 8);
      expect(played.codec).toBe(codec);
      expect(played.audioFrames > 0).toBe(audio);
      expectTestPictures(await decode(sluice.rtmpUrl('live/cam1'), 8), 8);
      expect(await online(sluice, 'cam1')).toMatchObject({ Width: 320, Height: 180 });
    },
    60_000,
  );

  it('plays AV1 that our own publisher sends', async () => {
    const sluice = await start();
    const publisher = await connectRtmp({
      mode: 'publish',
      host: '127.0.0.1',
      port: sluice.service.rtmpPort,
      app: 'live',
      stream: 'cam1',
    });
    cleanUp.push(() => publisher.close());
    const tags = readTags(SAMPLES.av1);
    const length = (tags.at(-1)?.timestamp ?? 0) + 40;
    let round = 0;
    const send = (): void => {
      for (const tag of tags) publisher.send({ ...tag, timestamp: tag.timestamp + round * length });
      round += 1;
    };
    send();
    const timer = setInterval(send, length);
    cleanUp.push(async () => clearInterval(timer));
    const played = await decode(`${sluice.endpoint}/live/cam1.flv`, 8);
    expectTestPictures(played, 8);
    expect(played.codec).toMatch(/av1/);
    expect(await online(sluice, 'cam1')).toMatchObject({ Width: 320, Height: 180 });
  }, 60_000);
});

describe('Debian’s programs', () => {
  ffmpeg.it(
    'ffmpeg publishes over RTMP, and what is measured agrees with the file',
    async () => {
      const sluice = await start();
      run(ffmpeg.path, [
        '-re',
        '-stream_loop',
        '-1',
        '-i',
        SAMPLES.sample,
        '-c',
        'copy',
        '-f',
        'flv',
        sluice.rtmpUrl('live/cam1'),
      ]);
      await until(
        async () => Number((await online(sluice, 'cam1'))?.['FrameRate'] ?? 0) > 20,
        'a measured frame rate',
        20_000,
      );
      const info = await online(sluice, 'cam1');
      expect(info).toMatchObject({
        Width: 320,
        Height: 180,
        VideoCodecId: 7,
        AudioCodecId: 10,
        PublishType: 'edge',
      });
      expect(Math.abs(Number(info?.['FrameRate']) - 25)).toBeLessThan(4);
      expectTestPictures(await decode(`${sluice.endpoint}/live/cam1.flv`, 5), 5);
    },
    60_000,
  );

  ffmpeg.it(
    'ffmpeg publishes over RTMPS, and is cut there as well',
    async () => {
      const sluice = await start({ rtmps: { certificate: tls('cert'), key: tls('key') } });
      const url = `rtmps://127.0.0.1:${sluice.service.rtmpsPort ?? 0}/live/cam1`;
      const encoder = run(ffmpeg.path, [
        '-re',
        '-stream_loop',
        '-1',
        '-i',
        SAMPLES.sample,
        '-c',
        'copy',
        '-f',
        'flv',
        url,
      ]);
      await until(
        async () => (await online(sluice, 'cam1')) !== undefined,
        'the stream to be online',
        20_000,
      );
      expectTestPictures(await decode(sluice.rtmpUrl('live/cam1'), 5), 5);
      const names = {
        DomainName: 'live.local',
        AppName: 'live',
        StreamName: 'cam1',
        LiveStreamType: 'publisher',
      };
      expect((await sluice.call('ForbidLiveStream', names)).status).toBe(200);
      expect(await encoder.ended).not.toBe(0);
      const again = run(ffmpeg.path, ['-re', '-i', SAMPLES.sample, '-c', 'copy', '-f', 'flv', url]);
      expect(await again.ended).not.toBe(0);
    },
    60_000,
  );

  rtmpdump.it(
    'rtmpdump plays with the complex handshake; the file that it wrote decodes',
    async () => {
      const sluice = await start();
      await publish(sluice, SAMPLES.sample);
      const folder = await mkdtemp(join(tmpdir(), 'sluice-rtmpdump-'));
      cleanUp.push(() => rm(folder, { recursive: true, force: true }));
      const file = join(folder, 'out.flv');
      // Only with the hash and size of a SWF does rtmpdump use digests: it checks ours and proves its own.
      const swf = ['-w', '0'.repeat(64), '-x', '1000'];
      const player = run(rtmpdump.path, [
        '-V',
        '--live',
        '-r',
        sluice.rtmpUrl('live/cam1'),
        ...swf,
        '-o',
        file,
      ]);
      await until(async () => (await sizeOf(file)) > 60_000, 'a recording', 20_000);
      player.stop('SIGINT');
      await player.ended;
      expect(player.output()).toContain('Genuine Adobe Flash Media Server');
      expectTestPictures(await decode(file, 20), 20);
    },
    60_000,
  );
});
