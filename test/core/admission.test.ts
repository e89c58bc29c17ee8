import { describe, expect, it } from 'vitest';
import { admit } from '../../src/core/admission.ts';
import type { PeerRequest } from '../../src/core/admission.ts';
import { BlockSet } from '../../src/core/blocks.ts';
import { DomainDirectory } from '../../src/core/domains.ts';
import { signUrlPath } from '../../src/core/url-auth.ts';
import { ManualClock } from '../support/manual-clock.ts';

const clock = new ManualClock();
const domains = new DomainDirectory({
  defaultDomain: 'live.local',
  mode: 'open',
  mappings: { 'push.example.com': 'play.example.com' },
  auth: { 'signed.example.com': { mainKey: 'key', ttlSeconds: 60 } },
  registered: [],
  owners: {},
});
const request: PeerRequest = {
  kind: 'publish',
  domain: 'push.example.com',
  app: 'live',
  stream: 'cam1',
  path: '/live/cam1',
  authKey: undefined,
  clientAddress: '127.0.0.1',
};
const problemOf = (
  change: Partial<PeerRequest>,
  allowUnauthenticated = false,
  blocks = new BlockSet(),
): string => {
  const admission = admit({ ...request, ...change }, { clock, domains, blocks, allowUnauthenticated });
  return admission.ok ? 'admitted' : admission.problem;
};

describe('admit', () => {
  it('admits peers of this machine to a domain without URL authentication, in any spelling of loopback', () => {
    for (const clientAddress of ['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1'])
      expect(problemOf({ clientAddress })).toBe('admitted');
    for (const clientAddress of ['10.0.0.1', '8.8.8.8', '::ffff:8.8.8.8', 'fe80::1', '']) {
      expect(problemOf({ clientAddress })).toBe('not-loopback');
      expect(problemOf({ clientAddress }, true)).toBe('admitted');
    }
  });

  it('asks for the auth_key of a domain that has one, of everybody', () => {
    const domain = 'signed.example.com';
    const authKey = signUrlPath('/live/cam1', { key: 'key', unixSeconds: clock.now() / 1000, rand: 'r' });
    expect(problemOf({ domain })).toBe('auth-missing');
    expect(problemOf({ domain }, true)).toBe('auth-missing');
    expect(problemOf({ domain, authKey, clientAddress: '8.8.8.8' })).toBe('admitted');
    expect(problemOf({ domain, authKey, stream: 'cam2', path: '/live/cam2' })).toBe('auth-mismatch');
  });

  it('is not talked out of the key of a push domain by another name of the stream', () => {
    const signed = new DomainDirectory({
      defaultDomain: 'live.local',
      mode: 'open',
      mappings: { 'push.example.com': 'play.example.com', 'push2.example.com': 'play.example.com' },
      auth: {
        'push.example.com': { mainKey: 'push-key', ttlSeconds: 60 },
        'play.example.com': { mainKey: 'play-key', ttlSeconds: 60 },
      },
      registered: [],
      owners: {},
    });
    const sign = (key: string): string =>
      signUrlPath('/live/cam1', { key, unixSeconds: clock.now() / 1000, rand: 'r' });
    const ask = (kind: PeerRequest['kind'], domain: string, authKey?: string): string => {
      const deps = { clock, domains: signed, blocks: new BlockSet(), allowUnauthenticated: true };
      const admission = admit({ ...request, kind, domain, authKey }, deps);
      return admission.ok ? 'admitted' : admission.problem;
    };
    for (const domain of ['push.example.com', 'push2.example.com', 'play.example.com']) {
      expect(ask('publish', domain)).toBe('auth-missing');
      expect(ask('publish', domain, sign('play-key'))).toBe('auth-mismatch');
      expect(ask('publish', domain, sign('push-key'))).toBe('admitted');
    }
    expect(ask('play', 'play.example.com', sign('play-key'))).toBe('admitted');
    expect(ask('play', 'play.example.com', sign('push-key'))).toBe('auth-mismatch');
  });

  it('refuses a forbidden stream however its names are spelled', () => {
    const blocks = new BlockSet();
    const key = { domain: 'play.example.com', app: 'live', stream: 'cam1' };
    const block = {
      key,
      accountId: '1',
      version: 1,
      resumeAt: null,
      reason: null,
      actor: 'ak',
      createdAt: 0,
      updatedAt: 0,
    };
    blocks.apply({ key, version: 1, block });
    for (const domain of ['push.example.com', 'PLAY.example.com:1935', 'play.example.com.']) {
      for (const stream of ['cam1', 'c%61m1'])
        expect(problemOf({ domain, stream }, false, blocks)).toBe('blocked');
    }
    expect(problemOf({ stream: 'cam2' }, false, blocks)).toBe('admitted');
  });
});
