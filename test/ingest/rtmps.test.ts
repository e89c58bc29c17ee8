import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { markOf, videoConfig, videoFrame } from '../support/frames.ts';
import { collect, startMediaServer } from '../support/ingest-harness.ts';
import type { MediaServerOptions } from '../support/ingest-harness.ts';
import { LOCALHOST } from '../support/tls.ts';
import { until } from '../support/wait.ts';

const { cert, key } = LOCALHOST;
const RTMPS = { ingest: { rtmps: { host: '127.0.0.1', port: 0, cert, key } } };

const start = (options: MediaServerOptions = {}) => startMediaServer({ ...RTMPS, ...options });

describe('RTMPS', () => {
  it('publishes and plays; a cut closes it at once', async () => {
    await using server = await start();
    const port = server.ingest.rtmpsPort!;
    const publisher = await server.rtmp({ mode: 'publish', stream: 'cam1', port, ca: cert });
    const seen = collect();
    const player = await server.rtmp({ mode: 'play', stream: 'cam1', port, ca: cert, ...seen });
    publisher.send(videoConfig());
    publisher.send(videoFrame(0, 1, { key: true, size: 100_000 }));
    await until(() => seen.messages.some((message) => markOf(message) === 1), 'the frame');
    expect(server.core.streams.list()[0]?.publisher).toMatchObject({ protocol: 'rtmps' });
    const at = performance.now();
    expect(await server.forbid({})).toEqual({ publishers: 1, players: 1 });
    const end = await publisher.ended;
    expect(end.code).toBe('NetStream.Publish.Rejected');
    expect(end.at - at).toBeLessThan(500);
    expect((await player.ended).code).toBe('NetStream.Play.Stop');
    await until(() => server.counts['closed rtmps'] === 2, 'both to be gone');
  });

  it('does not wait for a publisher that keeps sending', async () => {
    await using server = await start();
    const port = server.ingest.rtmpsPort!;
    const publisher = await server.rtmp({ mode: 'publish', stream: 'cam1', port, ca: cert });
    const sender = setInterval(() => publisher.send(videoFrame(0, 1, { key: true, size: 50_000 })), 1);
    await until(() => server.core.streams.list()[0]!.publisher.stats().bytes > 500_000, 'media');
    await server.forbid({});
    await until(() => server.counts['closed rtmps'] === 1, 'the connection to be gone', 500);
    clearInterval(sender);
    await publisher.ended;
  });

  it('survives peers that are no TLS, break off, or never begin', async () => {
    await using server = await start({ limits: { handshakeMs: 200 } });
    const port = server.ingest.rtmpsPort!;
    const plain = connect(port, '127.0.0.1', () => plain.write(Buffer.alloc(1537, 3)));
    const brief = connect(port, '127.0.0.1', () => brief.destroy());
    const silent = connect(port, '127.0.0.1');
    const sockets = [plain, brief, silent];
    for (const socket of sockets) socket.on('error', () => undefined).resume();
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.on('close', resolve))));
    // TLS, but then no RTMP.
    const tls = connectTls({ port, host: '127.0.0.1', ca: cert, servername: 'localhost' });
    tls.on('error', () => undefined).resume();
    await new Promise((resolve) => tls.on('close', resolve));
    await until(() => server.closings().length === 4, 'a line for each');
    expect(server.closings().filter((line) => line.startsWith('closed: TLS handshake failed'))).toHaveLength(
      3,
    );
    expect(server.closings()).toContain('closed: no handshake in time');
    const publisher = await server.rtmp({ mode: 'publish', stream: 'cam1', port, ca: cert });
    await publisher.close();
  });

  it('believes the PROXY header of a trusted proxy before TLS', async () => {
    const ingest = { ...RTMPS.ingest, trustedProxies: ['127.0.0.1'] };
    await using server = await startMediaServer({ ingest });
    const raw = connect(server.ingest.rtmpsPort!, '127.0.0.1');
    raw.write('PROXY TCP4 203.0.113.7 192.0.2.1 40000 1936\r\n');
    const tls = connectTls({ socket: raw, ca: cert, servername: 'localhost' });
    await new Promise((resolve) => tls.on('secureConnect', resolve));
    tls.write(Buffer.from('rubbish'));
    await until(() => server.closings().length === 1, 'its line');
    const line = server.log.find(({ message }) => message.startsWith('closed: '));
    expect([line?.message, line?.bindings['address']]).toEqual([
      'closed: handshake: not RTMP version 3',
      '203.0.113.7',
    ]);
    tls.destroy();
  });

  it('says in one line what keeps it from starting', async () => {
    const rtmps = { ...RTMPS.ingest.rtmps, key: Buffer.from('no key') };
    await expect(startMediaServer({ ingest: { rtmps } })).rejects.toThrow(
      /^the RTMPS certificate cannot be used: /,
    );
    await using server = await start();
    const rtmp = { host: '127.0.0.1', port: server.ingest.rtmpPort };
    await expect(startMediaServer({ ingest: { rtmp } })).rejects.toThrow(
      `port ${rtmp.port} is in use (rtmp.host 127.0.0.1, rtmp.port ${rtmp.port}): stop what uses it`,
    );
    await expect(startMediaServer({ ingest: { rtmps: { ...RTMPS.ingest.rtmps, ...rtmp } } })).rejects.toThrow(
      `port ${rtmp.port} is in use (rtmp.host 127.0.0.1, rtmps.port ${rtmp.port}): stop what uses it`,
    );
  });
});
