import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { audioFrame, metadata, videoConfig, videoFrame } from '../support/frames.ts';
import { startMediaServer } from '../support/ingest-harness.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { RtmpPeer } from '../support/rtmp-peer.ts';
import { until } from '../support/wait.ts';

describe('deadlines', () => {
  it('ends who does not shake hands within 5 s', async () => {
    const clock = new ManualClock();
    await using server = await startMediaServer({ clock });
    const silent = new RtmpPeer(server.ingest.rtmpPort);
    const slow = new RtmpPeer(server.ingest.rtmpPort);
    await until(() => server.counts['opened rtmp'] === 2, 'both');
    slow.write(Buffer.of(3));
    clock.advance(4999);
    slow.write(Buffer.of(0));
    await until(() => server.counts['bytes in'] === 2, 'the second byte');
    expect([silent.isClosed, slow.isClosed]).toEqual([false, false]);
    clock.advance(1);
    await until(() => silent.isClosed && slow.isClosed, 'both to be closed');
    await until(() => server.closings().length === 2, 'their lines');
    expect(server.closings()).toEqual(Array.from({ length: 2 }, () => 'closed: no handshake in time'));
    await endOf(clock, server);
  });

  it('ends who neither publishes nor plays within 10 s', async () => {
    const clock = new ManualClock();
    await using server = await startMediaServer({ clock });
    const idle = await RtmpPeer.connected(server.ingest.rtmpPort);
    // Talking is not publishing.
    for (let i = 0; i < 3; i++) idle.command('createStream', 2 + i, null);
    clock.advance(9999);
    await until(() => idle.commands('_result').length === 4, 'answers');
    expect(idle.isClosed).toBe(false);
    clock.advance(1);
    await until(() => idle.isClosed, 'the end');
    await until(() => server.closings().length === 1, 'its line');
    expect(server.closings()).toEqual(['closed: neither publish nor play in time']);
    await endOf(clock, server);
  });

  it('ends a publisher that sends no media for 10 s, whatever else it sends', async () => {
    const clock = new ManualClock();
    await using server = await startMediaServer({ clock });
    const publisher = await RtmpPeer.publishing(server.ingest.rtmpPort, 'cam1');
    publisher.send(videoConfig());
    await until(() => server.core.streams.list()[0]!.publisher.stats().bytes > 0, 'media');
    clock.advance(9000);
    publisher.send(videoFrame(0, 1));
    await until(() => server.core.streams.list()[0]!.publisher.stats().bytes > 20, 'more media');
    clock.advance(9999);
    const pings = (): number =>
      publisher.messages.filter(({ type, payload }) => type === 4 && payload[1] === 7).length;
    publisher.send({ type: 4, payload: Buffer.from('000600000001', 'hex'), chunkStreamId: 2 });
    await until(() => pings() === 1, 'the answer to a ping');
    expect(publisher.isClosed).toBe(false);
    clock.advance(1);
    await until(() => publisher.isClosed, 'the end');
    expect(server.store.ended).toMatchObject([{ reason: 'the publisher sent no media for too long' }]);
    expect(server.core.streams.list()).toEqual([]);
    await endOf(clock, server);
  });
});

describe('a publisher without media', () => {
  const aggregate = Buffer.alloc(15);
  aggregate[0] = 9;
  it.each([
    ['video without a byte', { type: 9, payload: Buffer.alloc(0) }],
    ['audio without a byte', { type: 8, payload: Buffer.alloc(0) }],
    ['an aggregate of them', { type: 22, payload: aggregate }],
    ['metadata', metadata()],
  ])('is ended though it sends %s', async (_what, message) => {
    const clock = new ManualClock();
    await using server = await startMediaServer({ clock });
    const publisher = await RtmpPeer.publishing(server.ingest.rtmpPort, 'cam1');
    publisher.send(audioFrame(0));
    await until(() => server.core.streams.list()[0]!.publisher.stats().audioKbps >= 0, 'media');
    for (let second = 0; second < 10; second += 2) {
      const received = server.counts['bytes in']!;
      publisher.send(message);
      await until(() => server.counts['bytes in']! > received, 'the message');
      expect(publisher.isClosed).toBe(false);
      clock.advance(2000);
    }
    await until(() => publisher.isClosed, 'the end');
    expect(server.store.ended).toMatchObject([{ reason: 'the publisher sent no media for too long' }]);
    await endOf(clock, server);
  });
});

describe('a publisher that stopped', () => {
  it('may send no media until it publishes again', async () => {
    await using server = await startMediaServer();
    const peer = await RtmpPeer.publishing(server.ingest.rtmpPort, 'cam1');
    peer.command('FCUnpublish', 4, null, 'cam1');
    await until(() => peer.codes().includes('NetStream.Unpublish.Success'), 'the end of the publish');
    peer.command('publish', 5, null, 'cam2', 'live');
    peer.send(videoFrame(0, 1, { key: true, size: 300_000 }));
    await until(() => server.core.streams.list()[0]?.publisher.stats().bytes === 300_000, 'a large frame');
    peer.command('deleteStream', 0, null, 1);
    await until(() => peer.codes().filter((code) => code.includes('Unpublish')).length === 2, 'the end');
    // The head of a message of 8 MB, and one byte of it.
    peer.write(Buffer.from('06000000' + '7a1200' + '09' + '01000000' + '17', 'hex'));
    await until(() => peer.isClosed, 'the connection to end');
    await until(() => server.closings().length === 1, 'its line');
    expect(server.closings()).toEqual(['closed: message too long']);
  });
});

describe('numbers of connections', () => {
  it('resets who comes when one address has too many, and lets in when one has gone', async () => {
    await using server = await startMediaServer({ limits: { maxConnectionsPerAddress: 2 } });
    const port = server.ingest.rtmpPort;
    const [first] = await Promise.all([RtmpPeer.connected(port), RtmpPeer.connected(port)]);
    const third = new RtmpPeer(port);
    await until(() => third.isClosed, 'the reset');
    expect(server.counts['refused per-address']).toBe(1);
    const elsewhere = connect({ host: '127.0.0.1', port, localAddress: '127.0.0.2' });
    await until(() => server.counts['opened rtmp'] === 3, 'one from another address');
    first.destroy();
    await until(() => server.counts['closed rtmp'] === 1, 'one to go');
    const fourth = await RtmpPeer.connected(port);
    expect(fourth.isClosed).toBe(false);
    elsewhere.destroy();
  });

  it('counts players over HTTP too, in all', async () => {
    await using server = await startMediaServer({ limits: { maxConnections: 2 } });
    const publisher = await RtmpPeer.publishing(server.ingest.rtmpPort, 'cam1');
    publisher.send(videoConfig());
    const url = `http://127.0.0.1:${server.httpPort}/live/cam1.flv`;
    const abort = new AbortController();
    expect((await fetch(url, { signal: abort.signal })).status).toBe(200);
    expect((await fetch(url)).status).toBe(503);
    abort.abort();
    await until(() => server.counts['closed http-flv'] === 1, 'the player to go');
    const again = await fetch(url);
    expect(again.status).toBe(200);
    await again.body?.cancel();
    expect(server.counts['refused total']).toBe(1);
  });
});

describe('closing', () => {
  it('ends players and publishers in order, within a second, and leaves nothing', async () => {
    const server = await startMediaServer();
    const publisher = await RtmpPeer.publishing(server.ingest.rtmpPort, 'cam1');
    const player = await server.rtmp({ mode: 'play', stream: 'cam1' });
    const stalled = await RtmpPeer.connected(server.ingest.rtmpPort);
    stalled.socket.pause();
    const silent = new RtmpPeer(server.ingest.rtmpPort, { allowHalfOpen: true });
    const answer = await fetch(`http://127.0.0.1:${server.httpPort}/live/cam1.flv`);
    const at = performance.now();
    await server.ingest.close();
    expect(performance.now() - at).toBeLessThan(1200);
    expect((await player.ended).code).toBe('NetStream.Play.Stop');
    await answer.arrayBuffer();
    await until(() => publisher.isClosed, 'the publisher');
    expect(server.store.ended).toMatchObject([{ reason: 'the server is closing' }]);
    expect(server.core.streams.countPlayers()).toBe(0);
    expect(server.counts['closed rtmp']).toBe(server.counts['opened rtmp']);
    expect(server.counts['closed http-flv']).toBe(1);
    await expect(server.rtmp({ mode: 'publish', stream: 'cam1' })).rejects.toThrow('ECONNREFUSED');
    await server.ingest.close();
    await server[Symbol.asyncDispose]();
    stalled.destroy();
    silent.destroy();
  });
});

/** No timer of the server is left but the feed's; closing needs the clock to move. */
async function endOf(
  clock: ManualClock,
  server: Awaited<ReturnType<typeof startMediaServer>>,
): Promise<void> {
  const closing = server.ingest.close();
  clock.advance(2000);
  await closing;
  expect(clock.pending).toBe(1);
}
