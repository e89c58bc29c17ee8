import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { connectRtmp } from '../../src/cli/rtmp-client.ts';
import type { RtmpClient } from '../../src/cli/rtmp-client.ts';
import { FlvReader } from '../../src/wire/flv/tag.ts';
import type { FlvTag } from '../../src/wire/flv/tag.ts';
import { markOf, videoConfig, videoFrame } from '../support/frames.ts';
import { startTestService } from '../support/service.ts';
import type { TestService } from '../support/service.ts';
import { until } from '../support/wait.ts';

const STREAM = { DomainName: 'live.local', AppName: 'live', StreamName: 'cam1', LiveStreamType: 'publisher' };

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

async function start(): Promise<{ sluice: TestService; publisher: RtmpClient }> {
  const sluice = await startTestService();
  cleanUp.push(async () => sluice[Symbol.asyncDispose]());
  const publisher = await connectRtmp({
    mode: 'publish',
    host: '127.0.0.1',
    port: sluice.service.rtmpPort,
    app: 'live',
    stream: 'cam1',
  });
  cleanUp.push(() => publisher.close());
  publisher.send(videoConfig());
  publisher.send(videoFrame(0, 1, { key: true }));
  await until(
    async () => (await sluice.call('DescribeLiveStreamState', STREAM)).body['StreamState'] === 'online',
    'the stream',
  );
  return { sluice, publisher };
}

function get(
  url: string,
  options: { method?: string; headers?: Record<string, string> } = {},
): Promise<{ response: IncomingMessage; text: string }> {
  return new Promise((resolve, reject) => {
    const call = request(url, { agent: false, ...options }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve({ response, text }));
    });
    call.on('error', reject);
    call.end();
  });
}

describe('playback and API on one port', () => {
  it('plays over WebSocket, and ends it with a close frame when the stream is forbidden', async () => {
    const { sluice, publisher } = await start();
    const reader = new FlvReader();
    const tags: FlvTag[] = [];
    const socket = new WebSocket(`${sluice.endpoint.replace('http', 'ws')}/live/cam1.flv`);
    const closed = new Promise<{ code: number; reason: string }>((resolve) =>
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })),
    );
    socket.on('message', (data: Buffer) => {
      reader.push(data);
      for (let tag = reader.next(); tag; tag = reader.next()) tags.push(tag);
    });
    await until(() => tags.some((tag) => markOf(tag) === 1), 'the keyframe');
    publisher.send(videoFrame(40, 2));
    await until(() => tags.some((tag) => markOf(tag) === 2), 'the next frame');
    expect((await sluice.call('ForbidLiveStream', STREAM)).status).toBe(200);
    expect(await closed).toEqual({ code: 1000, reason: 'forbidden' });

    const refused = new WebSocket(`${sluice.endpoint.replace('http', 'ws')}/live/cam1.flv`);
    const error = await new Promise<Error>((resolve) => refused.once('error', resolve));
    expect(error.message).toContain('403');
  });

  it('answers calls and players that offer HTTP/2 by Upgrade as Java’s clients do', async () => {
    const { sluice } = await start();
    const headers = {
      connection: 'Upgrade, HTTP2-Settings',
      upgrade: 'h2c',
      'http2-settings': 'AAMAAABkAAQAAP__',
    };
    const api = await get(`${sluice.endpoint}/?Action=DescribeLiveStreamState&Format=JSON`, { headers });
    expect(api.response.statusCode).toBe(400);
    expect(JSON.parse(api.text)).toMatchObject({
      HostId: expect.any(String) as string,
      Code: expect.any(String) as string,
    });
    const player = await new Promise<IncomingMessage>((resolve, reject) => {
      const call = request(`${sluice.endpoint}/live/cam1.flv`, { agent: false, headers }, resolve);
      call.on('error', reject);
      cleanUp.push(async () => call.destroy());
      call.end();
    });
    expect(player.statusCode).toBe(200);
    expect(player.headers['content-type']).toBe('video/x-flv');
    player.on('error', () => undefined);
  });

  it('tells players why not, browsers that they may, and everybody else in the envelope', async () => {
    const { sluice } = await start();
    const missing = await get(`${sluice.endpoint}/live/other.flv`);
    expect(missing.response.statusCode).toBe(404);
    expect(missing.text).toContain('not live');
    expect(missing.response.headers['access-control-allow-origin']).toBe('*');
    const preflight = await get(`${sluice.endpoint}/live/cam1.flv`, {
      method: 'OPTIONS',
      headers: { origin: 'https://a.example' },
    });
    expect(preflight.response.statusCode).toBe(204);
    expect(preflight.response.headers['access-control-allow-origin']).toBe('*');
    const elsewhere = await get(`${sluice.endpoint}/live/cam1.m3u8`);
    expect(elsewhere.response.statusCode).toBe(404);
    expect(elsewhere.text).toContain('<Code>InvalidAction.NotFound</Code>');
  });
});
