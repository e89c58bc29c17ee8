import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/app/config.ts';
import { signUrl } from '../../src/app/sign-url.ts';
import type { SignUrl } from '../../src/app/sign-url.ts';
import { checkUrlAuth } from '../../src/core/url-auth.ts';
import { connectRtmp } from '../../src/cli/rtmp-client.ts';
import { startTestService } from '../support/service.ts';

const AUTH = { 'live.example.com': { mainKey: 'k1', ttlSeconds: 600 } };
const config = loadConfig({
  env: {
    SLUICE_DOMAINS_AUTH: JSON.stringify(AUTH),
    SLUICE_DOMAINS_MAPPINGS: 'push.example.com=live.example.com',
  },
});
const NOW = Date.UTC(2026, 10, 22);

function sign(url: string, more: Partial<SignUrl> = {}) {
  return signUrl(config, { url, now: NOW, rand: 'r1', ...more });
}

function check(url: string, path: string, nowMs: number) {
  const authKey = new URL(url).searchParams.get('auth_key') ?? undefined;
  return checkUrlAuth({ mainKey: 'k1', ttlSeconds: 600 }, { path, authKey, nowMs });
}

describe('signUrl', () => {
  it.each([
    ['rtmp://live.example.com/live/cam1', '/live/cam1'],
    ['rtmps://live.example.com:1936/live/cam1', '/live/cam1'],
    ['rtmp://push.example.com/live/cam1', '/live/cam1'],
    ['rtmp://203.0.113.5/live/cam1?vhost=live.example.com', '/live/cam1'],
    ['http://live.example.com:8080/live/cam1.flv', '/live/cam1.flv'],
    ['wss://live.example.com/live/cam1.flv', '/live/cam1.flv'],
    ['rtmp://live.example.com/live/caf%C3%A9', '/live/caf%C3%A9'],
  ])('signs %s so that it is valid until it expires, and no longer', (url, path) => {
    const signed = sign(url);
    expect(signed.expiresAt).toBe(NOW + 600_000);
    expect(check(signed.url, path, NOW)).toBeUndefined();
    expect(check(signed.url, path, signed.expiresAt)).toBeUndefined();
    expect(check(signed.url, path, signed.expiresAt + 1)).toBe('auth-expired');
    expect(check(signed.url, `${path}x`, NOW)).toBe('auth-mismatch');
  });

  it('lets the expiry be chosen', () => {
    const expiresAt = NOW + 5000;
    const signed = sign('rtmp://live.example.com/live/cam1', { expiresAt });
    expect(signed.expiresAt).toBe(expiresAt);
    expect(check(signed.url, '/live/cam1', expiresAt)).toBeUndefined();
    expect(check(signed.url, '/live/cam1', expiresAt + 1)).toBe('auth-expired');
  });

  it('replaces a signature and keeps other arguments', () => {
    const once = sign('rtmp://live.example.com/live/cam1?vhost=live.example.com&x=1').url;
    const twice = sign(once, { rand: 'r2' }).url;
    expect([...new URL(twice).searchParams.keys()]).toEqual(['vhost', 'x', 'auth_key']);
    expect(check(twice, '/live/cam1', NOW)).toBeUndefined();
  });

  it.each([
    ['ftp://live.example.com/live/cam1', /cannot be signed/],
    ['rtmp://live.example.com/cam1', /cannot be signed/],
    ['http://live.example.com/live/cam1', /cannot be signed/],
    ['rtmp://user@live.example.com/live/cam1', /cannot be signed/],
    ['rtmp://other.example.com/live/cam1', /other\.example\.com has no URL authentication/],
  ])('refuses %s', (url, problem) => {
    expect(() => sign(url)).toThrow(problem);
  });

  it('refuses an expiry that has passed', () => {
    expect(() => sign('rtmp://live.example.com/live/cam1', { expiresAt: NOW })).toThrow(/expired already/);
  });

  it('opens a real service', async () => {
    await using sluice = await startTestService({ config: { domains: { auth: AUTH } } });
    const target = { host: '127.0.0.1', port: sluice.service.rtmpPort, app: 'live' };
    const tcUrl = 'rtmp://live.example.com/live';
    await expect(connectRtmp({ mode: 'publish', ...target, tcUrl, stream: 'cam1' })).rejects.toThrow(
      /no auth_key/,
    );
    const { url } = sign('rtmp://live.example.com/live/cam1', { now: Date.now() });
    const stream = url.slice(url.lastIndexOf('/') + 1);
    const publisher = await connectRtmp({ mode: 'publish', ...target, tcUrl, stream });
    const flv = sign(`${sluice.endpoint}/live/cam1.flv?vhost=live.example.com`, { now: Date.now() });
    const answer = await fetch(flv.url);
    expect(answer.status).toBe(200);
    await answer.body?.cancel();
    await publisher.close();
  });
});
