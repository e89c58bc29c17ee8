import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressGroup, clientAddress, socketClient } from '../../src/base/client-address.ts';
import { AddressRanges } from '../../src/base/net-address.ts';
import { ConnectionCaps } from '../../src/base/connection-caps.ts';
import { readMedia } from '../../src/ingest/frame.ts';
import type { Frame } from '../../src/ingest/frame.ts';
import { Hub } from '../../src/ingest/hub.ts';
import { MergeTick } from '../../src/ingest/merge-tick.ts';
import { PlayerQueue } from '../../src/ingest/player-queue.ts';
import { connectNames, flvRequest, rtmpRequest, targetOf } from '../../src/ingest/peer-names.ts';
import { parseProxyHeader } from '../../src/base/proxy-header.ts';
import { RateWindow } from '../../src/ingest/rate-window.ts';
import { ByteBudget } from '../../src/base/byte-budget.ts';
import { StreamMeter } from '../../src/ingest/stream-meter.ts';
import { encodeAmf0 } from '../../src/wire/rtmp/amf0.ts';
import { videoConfig, videoFrame } from '../support/frames.ts';
import type { TestMedia } from '../support/frames.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { readTags, SAMPLES } from '../support/sample.ts';

const message = (media: TestMedia) => ({ ...media, streamId: 1, chunkStreamId: 6 });
const frame = (media: TestMedia): Frame => ({
  ...readMedia(message(media))!,
  outTimestamp: media.timestamp,
});

describe('clientAddress', () => {
  const trusted = new AddressRanges(['10.0.0.0/8', '127.0.0.1']);
  it.each([
    ['203.0.113.7', '198.51.100.1', '203.0.113.7'],
    ['10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['::ffff:10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['10.0.0.1', '1.1.1.1, 198.51.100.1, 10.0.0.2', '198.51.100.1'],
    ['10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['10.0.0.1', '198.51.100.1:4711', '198.51.100.1'],
    ['10.0.0.1', '[2001:db8::1]:4711', '2001:db8::1'],
    ['10.0.0.1', 'unknown', '10.0.0.1'],
    ['10.0.0.1', undefined, '10.0.0.1'],
  ])('of %s with %s is %s', (socket, forwarded, expected) => {
    expect(clientAddress(socketClient({ remoteAddress: socket }), forwarded, trusted)).toBe(expected);
  });
});

describe('ConnectionCaps', () => {
  it('counts an IPv6 network as one source, and gives back once', () => {
    const caps = new ConnectionCaps({ maxConnections: 3, maxConnectionsPerAddress: 2 });
    expect(addressGroup('2001:db8:1:2:3::1')).toBe(addressGroup('2001:db8:1:2:ffff::2'));
    const release = caps.take('2001:db8::1');
    caps.take('2001:db8::2');
    expect(caps.take('2001:db8::3')).toBe('per-address');
    caps.take('2001:db8:0:1::1');
    expect(caps.take('192.0.2.1')).toBe('total');
    if (typeof release === 'function') release();
    if (typeof release === 'function') release();
    expect(caps.take('2001:db8::3')).toBeTypeOf('function');
    expect(caps.take('2001:db8::4')).toBe('per-address');
  });
});

describe('RateWindow', () => {
  it('gives the rate of the last five seconds, at any pace', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 400 }), fc.integer({ min: 0, max: 1e9 }), (step, start) => {
        const window = new RateWindow(start);
        for (let at = start; at < start + 20_000; at += step) window.add(at, step);
        const rate = window.perSecond(start + 20_000);
        expect(Math.abs(rate - 1000)).toBeLessThan(0.1 * 1000);
        expect(window.perSecond(start + 26_000)).toBe(0);
      }),
    );
  });

  it('divides by what has passed when that is less', () => {
    const window = new RateWindow(0);
    for (let at = 0; at < 2000; at += 40) window.add(at, 1);
    expect(window.perSecond(2000)).toBe(25);
    expect(new RateWindow(0).perSecond(100)).toBe(0);
  });
});

describe('StreamMeter', () => {
  it('measures a real stream', () => {
    const clock = new ManualClock();
    const meter = new StreamMeter(clock);
    const tags = readTags(SAMPLES.sample);
    let at = 0;
    for (const tag of tags) {
      if (tag.timestamp > at) clock.advance(tag.timestamp - at);
      at = Math.max(at, tag.timestamp);
      const input = readMedia(message(tag));
      if (input) meter.add(input, clock.monotonic());
    }
    const stats = meter.stats();
    expect(stats.fps).toBeGreaterThan(23);
    expect(stats.fps).toBeLessThan(27);
    expect(stats.videoKbps).toBeGreaterThan(5);
    expect(stats.audioKbps).toBeGreaterThan(5);
    expect(stats.keyframeIntervalSec).toBeGreaterThan(0);
    expect(stats.video).toMatchObject({ codec: 'h264', flvCodecId: 7 });
    expect(stats.video?.width).toBeGreaterThan(0);
    expect(stats.video?.height).toBeGreaterThan(0);
    expect(stats.audio).toEqual({ codec: 'aac', flvCodecId: 10, sampleRate: 44_100, channels: 2 });
    clock.advance(10_000);
    expect(meter.stats()).toMatchObject({ fps: 0, videoKbps: 0, audioKbps: 0, bytes: stats.bytes });
  });

  it.each([
    ['hevc', { codec: 'hevc', flvCodecId: 12 }],
    ['av1', { codec: 'av1', flvCodecId: 13 }],
  ] as const)('knows %s by its FourCC', (name, expected) => {
    const meter = new StreamMeter(new ManualClock());
    for (const tag of readTags(SAMPLES[name])) {
      const input = readMedia(message(tag));
      if (input) meter.add(input, 0);
    }
    const { video } = meter.stats();
    expect(video).toMatchObject(expected);
    expect(video?.width).toBeGreaterThan(0);
  });

  it('measures the distance of keyframes across the end of 32 bits', () => {
    const meter = new StreamMeter(new ManualClock());
    for (const at of [0xffff_ff00, 0x700]) meter.add(frame(videoFrame(at, 1, { key: true })), 0);
    expect(meter.stats().keyframeIntervalSec).toBe(2.048);
  });
});

describe('Hub', () => {
  it('takes frames from the publisher that holds it, and from nobody else', () => {
    const clock = new ManualClock();
    const tick = new MergeTick(clock, 20);
    const hub = hubOf(tick, 1e6);
    const written: Buffer[] = [];
    const queue = queueOf(clock, (bytes) => written.push(bytes) > 0);
    hub.addPlayer({ queue, begin: () => undefined, dismiss: () => undefined });
    const [mine, other] = [{}, {}];
    const key = frame(videoFrame(0, 1, { key: true }));
    expect(hub.push(mine, key)).toBe(false);
    hub.open(mine);
    expect([hub.push(other, key), hub.push(mine, key)]).toEqual([false, true]);
    hub.close(other, { discard: true });
    clock.advance(20);
    expect(written).toHaveLength(1);
    hub.push(mine, key);
    hub.close(mine, { discard: true });
    clock.advance(20);
    expect([hub.push(mine, key), hub.isLive, written.length]).toEqual([false, false, 1]);
    expect(clock.pending).toBe(0);
  });

  it('gives players a burst while those that others have not taken leave room, then the next keyframe', () => {
    const clock = new ManualClock();
    const hub = hubOf(new MergeTick(clock, 0), 5000);
    const publisher = {};
    hub.open(publisher);
    const push = (mark: number, key: boolean): void =>
      void hub.push(publisher, frame(videoFrame(mark, mark, { key, size: 3000 })));
    hub.push(publisher, frame(videoConfig()));
    push(1, true);
    const join = (takes: boolean): { queue: PlayerQueue; bytes: () => number; writes: Buffer[] } => {
      const writes: Buffer[] = [];
      const queue = queueOf(clock, (bytes) => writes.push(bytes) > 0 && takes);
      hub.addPlayer({ queue, begin: () => undefined, dismiss: () => undefined });
      return { queue, writes, bytes: () => writes.reduce((sum, { length }) => sum + length, 0) };
    };
    const first = join(false);
    const [second, third] = [join(true), join(true)];
    expect(first.bytes()).toBeGreaterThan(3000);
    // The first one holds what there was: these get the configuration, and the next keyframe like everybody.
    expect([second.bytes(), third.bytes()].every((bytes) => bytes > 0 && bytes < 100)).toBe(true);
    push(2, false);
    expect(second.bytes()).toBeLessThan(100);
    push(3, true);
    expect(second.bytes()).toBeGreaterThan(3000);
    first.queue.drained();
    const fourth = join(false);
    expect(fourth.bytes()).toBeGreaterThan(3000);
    expect(join(true).bytes()).toBeLessThan(100);
    fourth.queue.close();
    expect(join(true).bytes()).toBeGreaterThan(3000);
  });
});

function hubOf(tick: MergeTick, burstBytes: number): Hub {
  const [budget, bursts] = [new ByteBudget(1e6), new ByteBudget(burstBytes)];
  return new Hub({ tick, budget, bursts, chunkSize: 4096, gopCacheBytes: 1e6 });
}

function queueOf(clock: ManualClock, write: (bytes: Buffer) => boolean): PlayerQueue {
  return new PlayerQueue({
    sink: { write },
    packaging: 'flv',
    clock,
    maxBytes: 1e6,
    stallMs: 1000,
    onWritten: () => undefined,
    onSkipped: () => undefined,
    onStalled: () => undefined,
  });
}

describe('readMedia', () => {
  it('never throws, and relays nothing that is not audio, video or sound data', () => {
    fc.assert(
      fc.property(fc.constantFrom(8, 9, 15, 18), fc.uint8Array({ maxLength: 64 }), (type, bytes) => {
        const input = readMedia({ ...message({ type, timestamp: 0, payload: Buffer.from(bytes) }) });
        if (input) expect([8, 9, 18]).toContain(input.type);
      }),
      { numRuns: 2000 },
    );
  });

  it('takes @setDataFrame and the AMF3 wrapper off metadata', () => {
    const plain = encodeAmf0('onMetaData', { width: 1 });
    const wrapped = encodeAmf0('@setDataFrame', 'onMetaData', { width: 1 });
    const amf3 = Buffer.concat([Buffer.of(0), wrapped]);
    for (const [type, payload] of [
      [18, plain],
      [18, wrapped],
      [15, amf3],
    ] as const) {
      const input = readMedia(message({ type, timestamp: 0, payload }));
      expect([input?.role, input?.type, input?.payload.toString('hex')]).toEqual([
        'config',
        18,
        plain.toString('hex'),
      ]);
    }
    const cue = readMedia(message({ type: 18, timestamp: 5, payload: encodeAmf0('onCuePoint', { a: 1 }) }));
    expect(cue?.role).toBe('data');
  });
});

describe('names of peers', () => {
  const names = connectNames({ app: '/live/?vhost=a.example', tcUrl: 'rtmp://b.example/live?auth_key=t' });

  it('come from the stream first, then the app, then tcUrl', () => {
    const peer = { kind: 'play', clientAddress: '192.0.2.1' } as const;
    expect(rtmpRequest(names, 'cam1?vhost=&auth_key=s', peer)).toEqual({
      ...peer,
      domain: 'a.example',
      app: 'live',
      stream: 'cam1',
      path: '/live/cam1',
      authKey: 's',
    });
    expect(rtmpRequest(names, 'cam1?vhost=c.example', peer)).toMatchObject({
      domain: 'c.example',
      authKey: 't',
    });
  });

  it('are the raw path over HTTP, and the Host without a vhost', () => {
    expect(flvRequest('/l%69ve/cam%201.flv?auth_key=k', 'a.example:8080', '192.0.2.1')).toEqual({
      kind: 'play',
      domain: 'a.example:8080',
      app: 'l%69ve',
      stream: 'cam%201',
      path: '/l%69ve/cam%201.flv',
      authKey: 'k',
      clientAddress: '192.0.2.1',
    });
    for (const path of ['/', '/cam1.flv', '/a/b/c.flv', '/live/.flv', '/live/cam1.m3u8', '//cam1.flv'])
      expect(flvRequest(path, undefined, '')).toBeUndefined();
  });

  it('are bounded in logs and carry no arguments, however spelled', () => {
    const secret = '1700000000-r-0-0123456789abcdef';
    for (const mark of ['?', '&', '%3f', '%3F', '%26'])
      expect(targetOf({ domain: 'd', app: 'a', stream: `cam1${mark}auth_key=${secret}` })).toBe('d/a/cam1');
    expect(targetOf({ domain: undefined, app: 'a'.repeat(1e5), stream: 's' }).length).toBe(256);
  });
});

describe('parseProxyHeader', () => {
  it('reads IPv6, LOCAL and UNKNOWN', () => {
    const v6 = Buffer.concat([
      Buffer.from('0d0a0d0a000d0a515549540a21210024', 'hex'),
      Buffer.from('20010db8000000000000000000000007', 'hex'),
      Buffer.alloc(20),
      Buffer.of(3),
    ]);
    expect(parseProxyHeader(v6)).toEqual({ length: 52, source: '2001:db8::7' });
    const local = Buffer.from('0d0a0d0a000d0a515549540a20000000', 'hex');
    expect(parseProxyHeader(local)).toEqual({ length: 16, source: undefined });
    expect(parseProxyHeader(Buffer.from('PROXY UNKNOWN\r\n'))).toEqual({ length: 15, source: undefined });
    expect(parseProxyHeader(Buffer.from('PROXY TCP6 2001:db8::7 ::1 1 2\r\nx'))).toEqual({
      length: 32,
      source: '2001:db8::7',
    });
    expect(parseProxyHeader(Buffer.from(`PROXY TCP4 ${' '.repeat(120)}`))).toBe('malformed');
    expect(parseProxyHeader(Buffer.of(3, 0))).toBe('none');
  });

  it('never throws, whatever follows a signature', () => {
    const signature = fc.constantFrom('0d0a0d0a000d0a515549540a', '50524f585920');
    fc.assert(
      fc.property(signature, fc.uint8Array({ maxLength: 120 }), (hex, bytes) => {
        const input = Buffer.concat([Buffer.from(hex, 'hex'), bytes]);
        const header = parseProxyHeader(input);
        if (typeof header === 'object') expect(header.length).toBeLessThanOrEqual(input.length);
        // A line of version 1 may end, and be malformed, before the 12 bytes of version 2 are there.
        const line = input.indexOf('\r\n', 6);
        const undecided = line < 0 ? 12 : Math.min(12, line + 2);
        for (let end = 0; end < Math.min(input.length, undecided); end++)
          expect(parseProxyHeader(input.subarray(0, end))).not.toBe('malformed');
      }),
      { numRuns: 2000 },
    );
  });
});
