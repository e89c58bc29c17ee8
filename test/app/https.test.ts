import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectRawTls } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { systemIds } from '../../src/base/ids.ts';
import { formatTimestamp } from '../../src/base/timestamp.ts';
import { connectRtmp } from '../../src/cli/rtmp-client.ts';
import type { RtmpClient } from '../../src/cli/rtmp-client.ts';
import { signV1, signV3 } from '../../src/wire/rpc/signer.ts';
import { startApiServer } from '../support/api-server.ts';
import { videoConfig, videoFrame } from '../support/frames.ts';
import { recordingLogger } from '../support/log-lines.ts';
import { startTestService } from '../support/service.ts';
import type { TestService, TestServiceOptions } from '../support/service.ts';
import { SluiceProcess } from '../support/sluice-process.ts';
import { temporaryFolder } from '../support/temporary.ts';
import {
  connectTls,
  LOCALHOST,
  LOCALHOST_FILES,
  makeCertificate,
  openssl,
  requestTls,
} from '../support/tls.ts';
import { until } from '../support/wait.ts';

const { cert } = LOCALHOST;

function start(files = LOCALHOST_FILES, options: TestServiceOptions = {}): Promise<TestService> {
  return startTestService({ config: { api: { ...files }, rtmps: { ...files } }, ...options });
}

function publish({ service }: TestService): Promise<RtmpClient> {
  return connectRtmp({
    mode: 'publish',
    host: '127.0.0.1',
    port: service.rtmpPort,
    app: 'live',
    stream: 'cam1',
  });
}

/** Sends frames until the test is over. */
function keepSending(publisher: RtmpClient): Disposable {
  publisher.send(videoConfig());
  let sent = 0;
  const timer = setInterval(() => publisher.send(videoFrame(sent++ * 40, 1, { key: true, size: 1000 })), 10);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function signedCall(sluice: TestService, sign: typeof signV3 = signV3) {
  return sign({
    method: 'POST',
    host: `localhost:${sluice.service.httpPort}`,
    action: 'DescribeLiveStreamState',
    version: '2016-11-01',
    ...sluice.key,
    nonce: systemIds.uuid(),
    date: formatTimestamp(Date.now()),
    query: { DomainName: 'live.local', AppName: 'live', StreamName: 'cam1', Format: 'JSON' },
  });
}

const closed = (socket: Socket): Promise<void> => until(() => socket.destroyed, 'the end of the connection');

describe('the public listener with a certificate', () => {
  it('takes calls signed with V3 and V1, and answers what is wrong in the envelope', async () => {
    await using sluice = await start();
    const { httpPort } = sluice.service;
    for (const sign of [signV3, signV1]) {
      const answer = await requestTls(httpPort, cert, signedCall(sluice, sign));
      expect([answer.status, JSON.parse(answer.body)]).toMatchObject([200, { StreamState: 'offline' }]);
    }
    const none = await requestTls(httpPort, cert, {
      method: 'GET',
      target: '/x',
      headers: [],
      body: Buffer.alloc(0),
    });
    expect([none.status, none.body]).toEqual([404, expect.stringContaining('InvalidAction.NotFound')]);
    const socket = await connectTls(httpPort, cert);
    socket.write('GET\r\n\r\n');
    const said = await new Promise<string>((resolve) =>
      socket.once('data', (chunk: Buffer) => resolve(chunk.toString())),
    );
    expect(said).toMatch(/^HTTP\/1.1 400 [^]*MalformedRequest/);
  });

  it('plays HTTP-FLV and, over a WebSocket, WS-FLV', async () => {
    await using sluice = await start();
    const { httpPort } = sluice.service;
    const publisher = await publish(sluice);
    using _sending = keepSending(publisher);
    const http = await connectTls(httpPort, cert);
    const [bytes, messages]: [Buffer[], Buffer[]] = [[], []];
    http.on('data', (chunk: Buffer) => bytes.push(chunk));
    http.write('GET /live/cam1.flv HTTP/1.1\r\nHost: live.local\r\n\r\n');
    const webSocket = new WebSocket(`wss://localhost:${httpPort}/live/cam1.flv`, { ca: cert, family: 4 });
    webSocket.on('message', (chunk: Buffer) => messages.push(chunk));
    await until(
      () => Buffer.concat(bytes).length > 20_000 && Buffer.concat(messages).length > 20_000,
      'media',
    );
    expect(Buffer.concat(bytes).toString('latin1')).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*\r\nFLV/);
    expect(Buffer.concat(messages).toString('latin1', 0, 4)).toBe('FLV\x01');
    const ends = [
      new Promise((resolve) => http.once('close', resolve)),
      new Promise((resolve) => webSocket.once('close', resolve)),
    ];
    const forbid = {
      DomainName: 'live.local',
      AppName: 'live',
      StreamName: 'cam1',
      LiveStreamType: 'publisher',
    };
    const signed = signV3({
      ...{
        method: 'POST',
        host: 'localhost',
        action: 'ForbidLiveStream',
        version: '2016-11-01',
        ...sluice.key,
      },
      ...{ nonce: systemIds.uuid(), date: formatTimestamp(Date.now()), query: forbid },
    });
    expect(await requestTls(httpPort, cert, signed)).toMatchObject({ status: 200 });
    http.end();
    await Promise.all([...ends, publisher.ended]);
  });

  it('answers a request that asks for another protocol as if it had not', async () => {
    await using sluice = await start();
    const raw = { method: 'GET', target: '/live/none.flv', body: Buffer.alloc(0) } as const;
    const headers: [string, string][] = [
      ['connection', 'Upgrade, HTTP2-Settings'],
      ['upgrade', 'h2c'],
      ['http2-settings', 'AAMAAABkAAQAAP__'],
    ];
    expect(await requestTls(sluice.service.httpPort, cert, { ...raw, headers })).toMatchObject({
      status: 404,
    });
  });

  it('speaks TLS 1.2 and 1.3 and http/1.1, and nothing older', async () => {
    await using sluice = await start();
    const port = sluice.service.httpPort;
    const shake = (options: object) =>
      new Promise<string>((resolve) => {
        const socket = connectRawTls(
          { port, host: '127.0.0.1', ca: cert, servername: 'localhost', ...options },
          () => {
            resolve(`${socket.getProtocol()} ${String(socket.alpnProtocol)}`);
            socket.destroy();
          },
        );
        socket.on('error', (error: Error & { code?: string }) => resolve(error.code ?? error.message));
      });
    const ALPNProtocols = ['h2', 'http/1.1'];
    expect(await shake({ ALPNProtocols })).toBe('TLSv1.3 http/1.1');
    expect(await shake({ ALPNProtocols, maxVersion: 'TLSv1.2' })).toBe('TLSv1.2 http/1.1');
    expect(await shake({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })).toBe(
      'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    );
    expect(await shake({ ALPNProtocols: ['h2'] })).toBe('ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL');
  });

  it('survives plain HTTP, rubbish and resets, and says so in the log', async () => {
    const { log, lines } = recordingLogger();
    await using sluice = await start(LOCALHOST_FILES, { log });
    const { httpPort } = sluice.service;
    const peer = (bytes: string | Buffer): Socket => {
      const socket = connect(httpPort, '127.0.0.1', () => socket.write(bytes));
      return socket.on('error', () => undefined).resume();
    };
    const plain = peer('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const rubbish = peer(Buffer.alloc(2000, 7));
    const brief = peer('\x16\x03\x01');
    brief.once('connect', () => setImmediate(() => brief.resetAndDestroy()));
    await Promise.all([plain, rubbish, brief].map(closed));
    // Not a byte of plain text is answered.
    expect([plain.bytesRead < 50, rubbish.bytesRead < 50]).toEqual([true, true]);
    const failures = () => lines.filter((line) => line.includes('TLS handshake failed'));
    await until(() => failures().length >= 2, 'their lines');
    expect(JSON.parse(failures()[0]!)).toMatchObject({ room: 'gateway', level: 20, address: '127.0.0.1' });
    expect(await requestTls(httpPort, cert, signedCall(sluice))).toMatchObject({ status: 200 });
  });

  it('does not wait for handshakes when it closes', async () => {
    const sluice = await start();
    const silent = connect(sluice.service.httpPort, '127.0.0.1')
      .on('error', () => undefined)
      .resume();
    await new Promise((resolve) => silent.once('connect', resolve));
    const at = performance.now();
    await sluice[Symbol.asyncDispose]();
    await closed(silent);
    expect(performance.now() - at).toBeLessThan(1900);
  });
});

describe('a certificate that is replaced', () => {
  /** The common name that a listener shows. */
  const shown = async (port: number, ca: Buffer): Promise<unknown> => {
    const socket = await connectTls(port, ca);
    const { subject } = socket.getPeerCertificate();
    socket.destroy();
    return subject.CN;
  };

  openssl.it('is shown to new connections of both listeners, while old ones go on', async () => {
    await using folder = await temporaryFolder();
    const files = { certificate: join(folder.path, 'cert.pem'), key: join(folder.path, 'key.pem') };
    const old = await makeCertificate(files, { name: 'old' });
    const { log, lines } = recordingLogger();
    await using sluice = await start(files, { log });
    const { httpPort, rtmpsPort = 0 } = sluice.service;
    expect(sluice.service.certificates()).toMatchObject([
      { option: 'api.certificate', subject: 'old', issuer: 'old' },
      { option: 'rtmps.certificate', subject: 'old', issuer: 'old' },
    ]);
    const publisher = await connectRtmp({
      mode: 'publish',
      host: '127.0.0.1',
      port: rtmpsPort,
      ca: old,
      app: 'live',
      stream: 'cam1',
    });
    using _sending = keepSending(publisher);
    const player = await connectTls(httpPort, old);
    let received = 0;
    player.on('data', (chunk: Buffer) => (received += chunk.length));
    player.write('GET /live/cam1.flv HTTP/1.1\r\nHost: live.local\r\n\r\n');
    await until(() => received > 10_000, 'media');

    const renewed = await makeCertificate(files, { name: 'new' });
    await sluice.service.reload();
    expect([await shown(httpPort, renewed), await shown(rtmpsPort, renewed)]).toEqual(['new', 'new']);
    await expect(connectTls(httpPort, old)).rejects.toThrow();
    expect(sluice.service.certificates().map(({ subject }) => subject)).toEqual(['new', 'new']);
    const before = received;
    await until(() => received > before + 10_000, 'more media over the old connection');
    expect(player.destroyed).toBe(false);
    expect(lines.filter((line) => line.includes('certificate renewed'))).toHaveLength(2);
    await publisher.close();
  });

  openssl.it('by SIGHUP, is shown by a running process, which goes on', async () => {
    await using folder = await temporaryFolder();
    const files = { certificate: join(folder.path, 'cert.pem'), key: join(folder.path, 'key.pem') };
    const old = await makeCertificate(files, { name: 'old' });
    const flags = ['--api-certificate', files.certificate, '--api-key', files.key];
    await using process = SluiceProcess.serve(join(folder.path, 'data'), ...flags);
    const { httpPort } = await process.ready();
    expect(await shown(httpPort, old)).toBe('old');
    const renewed = await makeCertificate(files, { name: 'new' });
    process.child.kill('SIGHUP');
    await until(() => process.out.includes('certificate renewed'), 'the new certificate');
    expect(await shown(httpPort, renewed)).toBe('new');
    process.child.kill('SIGTERM');
    expect(await process.ended).toBe(0);
  });
});

openssl.it('another program shakes hands, and is not let renegotiate', async () => {
  await using sluice = await start();
  const client = execFile(openssl.path, [
    ...['s_client', '-connect', `127.0.0.1:${sluice.service.httpPort}`, '-servername', 'localhost'],
    ...['-CAfile', LOCALHOST_FILES.certificate, '-tls1_2', '-legacy_renegotiation'],
  ]);
  let said = '';
  for (const stream of [client.stdout, client.stderr]) stream?.on('data', (text: string) => (said += text));
  await until(() => said.includes('Verify return code: 0 (ok)'), 'the handshake');
  client.stdin?.write('R\n');
  await until(() => client.exitCode !== null || client.signalCode !== null, 'the end of the client');
  expect(said).toMatch(/no renegotiation/i);
  expect(await requestTls(sluice.service.httpPort, cert, signedCall(sluice))).toMatchObject({ status: 200 });
});

it.each([
  ['is silent', false],
  ['sends a byte now and then', true],
])('a TLS peer that %s is cut', async (_what, dribbles) => {
  await using server = await startApiServer({
    inMemory: true,
    server: { certificate: LOCALHOST, handshakeTimeoutMs: 300 },
  });
  const socket = connect(server.port, '127.0.0.1')
    .on('error', () => undefined)
    .resume();
  const hello = Buffer.concat([Buffer.from('1603010400010003fc0303', 'hex'), Buffer.alloc(900)]);
  let at = 0;
  const timer = setInterval(() => {
    if (socket.writable && dribbles) socket.write(hello.subarray(at, ++at));
  }, 20);
  await closed(socket);
  clearInterval(timer);
  expect(at).toBeLessThan(200);
});
