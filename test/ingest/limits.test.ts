import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { videoConfig, videoFrame } from '../support/frames.ts';
import { startMediaServer } from '../support/ingest-harness.ts';
import { RtmpPeer } from '../support/rtmp-peer.ts';
import { until } from '../support/wait.ts';

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
