import { describe, expect, it } from 'vitest';
import type { RtmpRefusedError } from '../../src/cli/rtmp-client.ts';
import { signUrlPath } from '../../src/core/url-auth.ts';
import { videoFrame } from '../support/frames.ts';
import { startMediaServer } from '../support/ingest-harness.ts';
import type { MediaServer } from '../support/ingest-harness.ts';
import { RtmpPeer } from '../support/rtmp-peer.ts';
import { until } from '../support/wait.ts';

const AUTH = {
  'push.example.com': { mainKey: 'push-key-1', backupKey: 'push-key-2', ttlSeconds: 60 },
  'play.example.com': { mainKey: 'play-key-1', ttlSeconds: 60 },
};
const DOMAINS = { mappings: { 'push.example.com': 'play.example.com' }, auth: AUTH };
const PUSH = 'rtmp://push.example.com/live';
const PLAY = 'rtmp://play.example.com/live';

const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;
const signed = (path: string, key: string, at = inSeconds(0)): string =>
  `auth_key=${signUrlPath(path, { key, unixSeconds: at, rand: 'r' })}`;

/** What a refused publisher or player is told. */
async function refusalOf(attempt: Promise<{ destroy(): void }>): Promise<string> {
  const [outcome] = await Promise.allSettled([attempt]);
  if (outcome.status === 'rejected') return (outcome.reason as RtmpRefusedError).end.description ?? '';
  outcome.value.destroy();
  return 'admitted';
}

async function statusOf(server: MediaServer, path: string, headers = {}): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${server.httpPort}${path}`, { headers });
  await answer.body?.cancel();
  return answer.status;
}

describe('URL authentication', () => {
  it('holds for publishing, with both keys of the domain that is named', async () => {
    await using server = await startMediaServer({ domains: DOMAINS });
    const publish = (stream: string, tcUrl = PUSH): Promise<string> =>
      refusalOf(server.rtmp({ mode: 'publish', stream, tcUrl }));
    const path = '/live/cam1';
    expect(await publish('cam1')).toMatch(/no auth_key/);
    expect(await publish('cam1?auth_key=x')).toMatch(/not of the form/);
    expect(await publish(`cam1?${signed(path, 'play-key-1')}`)).toMatch(/does not match/);
    expect(await publish(`cam2?${signed(path, 'push-key-1')}`)).toMatch(/does not match/);
    expect(await publish(`cam1?${signed(path, 'push-key-1', inSeconds(-62))}`)).toMatch(/expired/);
    expect(await publish(`cam1?${signed(path, 'push-key-1')}`)).toBe('admitted');
    await until(() => server.core.streams.list().length === 0, 'the end');
    expect(await publish(`cam1?x=1&${signed(path, 'push-key-2')}`)).toBe('admitted');
    await until(() => server.core.streams.list().length === 0, 'the end');
    // Naming the main domain does not get around the push domain's keys: players have the other one.
    expect(await publish(`cam1?${signed(path, 'play-key-1')}`, PLAY)).toMatch(/does not match/);
    expect(await publish(`cam1?${signed(path, 'push-key-1')}`, PLAY)).toBe('admitted');
    // Nothing that could be replayed is kept.
    expect(JSON.stringify([server.log, server.store.refused])).not.toMatch(/auth_key=|push-key|-r-0-/);
    expect(server.store.refused.map(({ problem, target }) => `${problem} ${target}`)).toEqual([
      'auth-missing push.example.com/live/cam1',
      'auth-malformed push.example.com/live/cam1',
      'auth-mismatch push.example.com/live/cam1',
      'auth-mismatch push.example.com/live/cam2',
      'auth-expired push.example.com/live/cam1',
      'auth-mismatch play.example.com/live/cam1',
    ]);
  });

  it('holds for playing; over HTTP the suffix is part of what is signed', async () => {
    await using server = await startMediaServer({ domains: DOMAINS });
    const query = signed('/live/cam1', 'push-key-1');
    const publisher = await server.rtmp({ mode: 'publish', stream: `cam1?${query}`, tcUrl: PUSH });
    publisher.send(videoFrame(0, 1, { key: true }));
    const play = (stream: string): Promise<string> =>
      refusalOf(server.rtmp({ mode: 'play', stream, tcUrl: PLAY }));
    expect(await play('cam1')).toMatch(/no auth_key/);
    expect(await play(`cam1?${signed('/live/cam1', 'push-key-1')}`)).toMatch(/does not match/);
    expect(await play(`cam1?${signed('/live/cam1', 'play-key-1')}`)).toBe('admitted');
    const flv = '/live/cam1.flv?vhost=play.example.com&';
    expect(await statusOf(server, flv)).toBe(403);
    expect(await statusOf(server, flv + signed('/live/cam1', 'play-key-1'))).toBe(403);
    expect(await statusOf(server, flv + signed('/live/cam1.flv', 'play-key-1'))).toBe(200);
    expect(server.counts['play refused auth-missing']).toBe(2);
    await publisher.close();
  });
});

describe('a domain without URL authentication', () => {
  const trusted = { ingest: { trustedProxies: ['127.0.0.1'] } };
  const v1 = (source: string): Buffer => Buffer.from(`PROXY TCP4 ${source} 192.0.2.1 40000 1935\r\n`);
  const v2 = (source: number[]): Buffer =>
    Buffer.concat([
      Buffer.from('0d0a0d0a000d0a515549540a2111000c', 'hex'),
      Buffer.from([...source, 192, 0, 2, 1, 0x9c, 0x40, 7, 0x8f]),
    ]);

  /** What a publisher whose connection begins with these bytes is told; their pieces come one by one. */
  async function publishAs(server: MediaServer, ...pieces: Buffer[]): Promise<string> {
    const peer = new RtmpPeer(server.ingest.rtmpPort);
    for (const piece of pieces) {
      peer.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await peer.handshake();
    if (peer.isClosed) return 'closed';
    peer.command('connect', 1, { app: 'live', tcUrl: 'rtmp://127.0.0.1/live' });
    peer.command('publish', 3, null, 'cam1', 'live');
    await until(() => peer.codes().length > 0, 'an answer');
    peer.destroy();
    await until(() => server.core.streams.list().length === 0, 'the end');
    return peer.codes()[0]!;
  }

  it('admits peers of this machine only, wherever a trusted proxy says that they are', async () => {
    await using server = await startMediaServer(trusted);
    expect(await publishAs(server)).toBe('NetStream.Publish.Start');
    expect(await publishAs(server, v1('127.0.0.9'))).toBe('NetStream.Publish.Start');
    expect(await publishAs(server, v1('203.0.113.7'))).toBe('NetStream.Publish.Unauthorized');
    expect(await publishAs(server, v2([203, 0, 113, 8]))).toBe('NetStream.Publish.Unauthorized');
    const split = v2([203, 0, 113, 9]);
    expect(await publishAs(server, split.subarray(0, 5), split.subarray(5, 20), split.subarray(20))).toBe(
      'NetStream.Publish.Unauthorized',
    );
    expect(await publishAs(server, Buffer.from('PROXY TCP4 nonsense\r\n'))).toBe('closed');
    expect(server.store.refused.map(({ clientAddress, problem }) => [clientAddress, problem])).toEqual([
      ['203.0.113.7', 'not-loopback'],
      ['203.0.113.8', 'not-loopback'],
      ['203.0.113.9', 'not-loopback'],
    ]);
  });

  it('does not believe a PROXY header or X-Forwarded-For of anybody else', async () => {
    await using server = await startMediaServer();
    expect(await publishAs(server, v1('127.0.0.1'))).toBe('closed');
    const publisher = await server.rtmp({ mode: 'publish', stream: 'cam1' });
    expect(await statusOf(server, '/live/cam1.flv', { 'x-forwarded-for': '203.0.113.7' })).toBe(200);
    await publisher.close();
  });

  it('looks at X-Forwarded-For of a trusted proxy, and not at what its client made up', async () => {
    await using server = await startMediaServer(trusted);
    const publisher = await server.rtmp({ mode: 'publish', stream: 'cam1' });
    const status = (forwarded: string): Promise<number> =>
      statusOf(server, '/live/cam1.flv', { 'x-forwarded-for': forwarded });
    expect(await status('203.0.113.7')).toBe(403);
    expect(await status('127.0.0.9, 203.0.113.7')).toBe(403);
    expect(await status('127.0.0.9')).toBe(200);
    await publisher.close();
  });

  it('admits everybody when told to', async () => {
    await using server = await startMediaServer({ ...trusted, core: { allowUnauthenticated: true } });
    expect(await publishAs(server, v1('203.0.113.7'))).toBe('NetStream.Publish.Start');
  });
});

describe('names', () => {
  it('says which name is wrong', async () => {
    await using server = await startMediaServer({
      domains: { mode: 'registered', registered: ['play.example.com'] },
    });
    const publish = (stream: string, options = {}): Promise<string> =>
      refusalOf(server.rtmp({ mode: 'publish', stream, ...options }));
    expect(await publish('cam1', { tcUrl: 'rtmp://other.example.com/live' })).toMatch(/not registered/);
    expect(await publish('cam1?vhost=a..b')).toMatch(/not a valid host name/);
    expect(await publish('cam1', { app: 'hooks' })).toMatch(/reserved/);
    expect(await publish('cam1', { app: 'a/b' })).toMatch(/app name is not valid/);
    expect(await publish('*')).toMatch(/stream name is not valid/);
    expect(await publish('x'.repeat(257))).toMatch(/stream name is not valid/);
    expect(await publish('x'.repeat(256))).toBe('admitted');
    const longest = Math.max(...server.store.refused.map(({ target }) => target.length));
    expect(longest).toBeLessThanOrEqual(256);
    const [first] = server.store.started;
    expect(first?.publisher).toMatchObject({ pushDomain: 'live.local', clientAddress: '127.0.0.1' });
  });
});
