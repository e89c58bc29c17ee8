import Core from '@alicloud/pop-core';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { formatTimestamp } from '../../src/base/timestamp.ts';
import { connectRtmp } from '../../src/cli/rtmp-client.ts';
import { AvPublisher, decode } from '../support/av/av.ts';
import { collect } from '../support/ingest-harness.ts';
import { markOf } from '../support/frames.ts';
import { pictureNumber, SAMPLES } from '../support/sample.ts';
import { startTestService } from '../support/service.ts';
import type { TestService } from '../support/service.ts';
import { hammer, StubbornEncoder } from '../support/stubborn-encoder.ts';
import type { Target } from '../support/stubborn-encoder.ts';
import { until } from '../support/wait.ts';

const DOMAINS = {
  domains: {
    default: 'live.example.com',
    mappings: { 'push.example.com': 'live.example.com', 'push2.example.com': 'live.example.com' },
  },
};
const STREAM = { DomainName: 'push.example.com', AppName: 'live', StreamName: 'cam1' };

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

async function start(): Promise<{
  sluice: TestService;
  forbid: (more?: object) => Promise<unknown>;
  target: (tcUrl?: string, stream?: string) => Target;
}> {
  const sluice = await startTestService({ config: DOMAINS });
  cleanUp.push(async () => sluice[Symbol.asyncDispose]());
  const sdk = new Core({ ...sluice.key, endpoint: sluice.endpoint, apiVersion: '2016-11-01' });
  const forbid = async (more: object = {}): Promise<unknown> =>
    sdk.request('ForbidLiveStream', { ...STREAM, LiveStreamType: 'publisher', ...more }, { method: 'POST' });
  const port = sluice.service.rtmpPort;
  const target = (tcUrl = 'rtmp://push.example.com/live', stream = 'cam1'): Target => ({
    port,
    tcUrl,
    app: 'live',
    stream,
  });
  return { sluice, forbid, target };
}

/** A player on the stream, and the marks of the frames that it was given. */
async function watch(sluice: TestService): Promise<() => number[]> {
  const seen = collect();
  const player = await connectRtmp({
    mode: 'play',
    host: '127.0.0.1',
    port: sluice.service.rtmpPort,
    app: 'live',
    stream: 'cam1',
    tcUrl: 'rtmp://live.example.com/live',
    onMedia: seen.onMedia,
  });
  cleanUp.push(async () => player.destroy());
  return () => seen.messages.flatMap((message) => markOf(message) ?? []);
}

async function publishing(
  target: Target,
  options: { firstMark: number; reads?: boolean },
): Promise<StubbornEncoder> {
  const encoder = new StubbornEncoder(target, options);
  cleanUp.push(() => encoder.stop());
  await until(() => encoder.started && encoder.sent > 0, 'the publish');
  return encoder;
}

const onlineStreams = async (sluice: TestService): Promise<number> =>
  (await sluice.call('DescribeLiveStreamsOnlineList', { DomainName: 'live.example.com' })).body[
    'TotalNum'
  ] as number;

describe('the main job', () => {
  it('cuts FFmpeg by a call of the SDK, keeps it out until ResumeTime, lets it in again, and has it on record', async () => {
    const { sluice, forbid } = await start();
    const publish = (): AvPublisher => {
      const publisher = new AvPublisher({
        file: SAMPLES.sample,
        url: `${sluice.rtmpUrl('live/cam1')}?vhost=push.example.com`,
      });
      cleanUp.push(() => publisher[Symbol.asyncDispose]());
      return publisher;
    };
    const before = new Date().toISOString().slice(0, 19) + 'Z';
    const first = publish();
    await until(() => first.has('open'), 'FFmpeg to publish', 20_000);
    const played = await decode(`${sluice.endpoint}/live/cam1.flv?vhost=live.example.com`, 8);
    expect(played).toMatchObject({ codec: 'h264', audioCodec: 'aac', width: 320, height: 180 });
    const numbers = played.pictures.map(({ cells }) => pictureNumber(cells));
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));

    const resumeAt = Math.ceil((Date.now() + 5000) / 1000) * 1000;
    await forbid({ ResumeTime: formatTimestamp(resumeAt), Reason: 'test' });
    const answeredAt = Date.now();
    expect(await first.ended).toBe(3);
    const noticed = first.events.find(({ event }) => event === 'error')?.at ?? Infinity;
    expect(noticed - answeredAt).toBeLessThan(1000);

    const refused = publish();
    expect(await refused.ended).toBe(3);
    expect(Date.now()).toBeLessThan(resumeAt);
    expect((await sluice.call('DescribeLiveStreamState', STREAM)).body['StreamState']).toBe('forbidden');

    await sleep(resumeAt - Date.now());
    const again = publish();
    await until(() => again.has('open'), 'FFmpeg to publish again', 20_000);
    const replayed = await decode(`${sluice.rtmpUrl('live/cam1')}?vhost=live.example.com`, 4);
    expect(replayed.pictures.map(({ cells }) => pictureNumber(cells))).not.toContain(undefined);

    const span = { StartTime: before, EndTime: formatTimestamp(Date.now() + 1000) };
    const history = await sluice.call('DescribeLiveStreamsControlHistory', {
      DomainName: 'live.example.com',
      ...span,
    });
    expect(history.body['ControlInfo']).toMatchObject({
      LiveStreamControlInfo: [{ Action: 'ForbidLiveStream', ClientIP: '127.0.0.1' }],
    });
  }, 90_000);
});

describe('ResumeTime', () => {
  it('lets the publisher in at its second and not before, in real time', async () => {
    const { forbid, target } = await start();
    const resumeAt = Math.ceil((Date.now() + 1500) / 1000) * 1000;
    await forbid({ ResumeTime: formatTimestamp(resumeAt) });
    const attempts: { encoder: StubbornEncoder; at: number }[] = [];
    cleanUp.push(() => Promise.all(attempts.map(({ encoder }) => encoder.stop())));
    while (!attempts.some(({ encoder }) => encoder.started)) {
      attempts.push({ encoder: new StubbornEncoder(target(), { firstMark: 0 }), at: Date.now() });
      await sleep(25);
    }
    const first = attempts.find(({ encoder }) => encoder.started)?.at ?? 0;
    expect(attempts.length).toBeGreaterThan(20);
    // An attempt takes some milliseconds from its connection to the question whether it may publish.
    expect(first).toBeGreaterThan(resumeAt - 500);
    expect(Date.now()).toBeGreaterThanOrEqual(resumeAt);
    expect(Date.now()).toBeLessThan(resumeAt + 2000);
  });
});

describe('a block holds', () => {
  it('against an encoder that ignores FIN: not one frame is relayed after the answer', async () => {
    const { sluice, forbid, target } = await start();
    const encoder = await publishing(target(), { firstMark: 0 });
    const marks = await watch(sluice);
    await until(() => marks().length > 5, 'frames at the player');
    const result = forbid();
    await result;
    const relayed = marks().length;
    expect(await encoder.ended).toMatch(/ECONNRESET|EPIPE/);
    expect(encoder.codes).toContain('NetStream.Publish.Rejected');
    expect(await onlineStreams(sluice)).toBe(0);
    await sleep(100);
    expect(marks().length).toBe(relayed);
  });

  it('against one that reconnects every 50 ms for 5 s under every spelling of its name', async () => {
    const { sluice, forbid, target } = await start();
    const encoder = await publishing(target(), { firstMark: 0 });
    const marks = await watch(sluice);
    await until(() => marks().length > 0, 'frames at the player');
    await forbid();
    await encoder.ended;
    const relayed = marks().length;
    const spellings = [
      target(),
      target('rtmp://PUSH.Example.COM/live'),
      target('rtmp://push.example.com:1935/live'),
      target('rtmp://push.example.com./live'),
      target('rtmp://push2.example.com/live'),
      target('rtmp://live.example.com/live'),
      target('rtmp://127.0.0.1/live'),
      target('rtmp://localhost/live'),
      target('rtmp://127.0.0.1/live', 'cam1?vhost=Push.Example.Com'),
      target('rtmp://push.example.com/live', 'cam1?token=changed'),
      target('rtmp://push.example.com/live', 'c%61m1'),
      {
        ...target('rtmp://push.example.com/live?vhost=push2.example.com'),
        app: 'live?vhost=push2.example.com',
      },
      { ...target('rtmp://push.example.com/l%69ve'), app: 'l%69ve' },
    ];
    let turn = 0;
    const attempts = await hammer(() => spellings[turn++ % spellings.length] ?? target(), {
      everyMs: 50,
      forMs: 5000,
      firstMark: 1_000_000,
    });
    cleanUp.push(() => Promise.all(attempts.map((attempt) => attempt.stop())));
    const told = (attempt: StubbornEncoder): boolean =>
      attempt.started || attempt.codes.includes('NetStream.Publish.Unauthorized');
    await until(() => attempts.every(told), 'an answer to every attempt');
    expect(attempts.length).toBeGreaterThan(60);
    expect(attempts.filter(({ started }) => started)).toEqual([]);
    expect(await onlineStreams(sluice)).toBe(0);
    expect(marks().length).toBe(relayed);

    // The same spellings are let in once the stream is resumed: they failed for the block and nothing else.
    await sluice.call('ResumeLiveStream', { ...STREAM, LiveStreamType: 'publisher' });
    for (const [index, spelling] of spellings.entries()) {
      const welcome = await publishing(spelling, { firstMark: 2_000_000 + index * 1000 });
      await welcome.stop();
      await until(async () => (await onlineStreams(sluice)) === 0, 'the end of the publish');
    }
  }, 40_000);

  it('against one that is half-open: it neither reads nor closes, and its place is free at once', async () => {
    const { sluice, forbid, target } = await start();
    const frozen = await publishing(target(), { firstMark: 0, reads: false });
    frozen.freeze();
    await forbid({ Oneshot: 'yes' });
    const next = await publishing(target(), { firstMark: 1000 });
    expect(next.started).toBe(true);
    expect(await onlineStreams(sluice)).toBe(1);
  });

  it('over a restart of the service', async () => {
    const { sluice, forbid } = await start();
    await forbid();
    await sluice.service.close();
    await using second = await startTestService({ config: DOMAINS, data: sluice.data });
    const encoder = new StubbornEncoder(
      { port: second.service.rtmpPort, tcUrl: 'rtmp://push.example.com/live', app: 'live', stream: 'cam1' },
      { firstMark: 0 },
    );
    cleanUp.push(() => encoder.stop());
    await until(() => encoder.codes.length > 0, 'the answer to the publish');
    expect(encoder.codes).toEqual(['NetStream.Publish.Unauthorized']);
    expect(encoder.started).toBe(false);
  });
});
