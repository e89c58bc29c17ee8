import { describe, expect, it } from 'vitest';
import { DomainDirectory } from '../../src/core/domains.ts';
import type { DomainSettings } from '../../src/core/domains.ts';

const settings: DomainSettings = {
  defaultDomain: 'live.local',
  mode: 'open',
  mappings: { 'Push.Example.com': 'play.example.com', 'push2.example.com': 'play.example.com' },
  auth: {
    'push.example.com': { mainKey: 'push-key', ttlSeconds: 60 },
    'play.example.com': { mainKey: 'play-key', ttlSeconds: 60 },
  },
  registered: [],
  owners: {},
};
const names = { domain: 'x.example', app: 'live', stream: 'cam1' };

describe('DomainDirectory', () => {
  const directory = new DomainDirectory(settings);

  it.each([
    'play.example.com',
    'PLAY.example.com.',
    'push.example.com',
    'PUSH.EXAMPLE.COM:1935',
    'push2.example.com',
  ])('makes one key of %s', (domain) => {
    expect(directory.key({ ...names, domain })).toMatchObject({
      ok: true,
      key: { domain: 'play.example.com', app: 'live', stream: 'cam1' },
    });
  });

  it.each([
    undefined,
    '',
    'localhost',
    'LOCALHOST:1935',
    '127.0.0.1',
    '10.1.2.3:1935',
    '[::1]',
    '[::1]:1935',
    '::1',
    'localhost.',
    '127.1',
    '0x7f.0.0.1',
  ])('takes %s for the default domain', (domain) => {
    expect(directory.key({ ...names, domain })).toMatchObject({ ok: true, key: { domain: 'live.local' } });
  });

  it('tells what is wrong with a name', () => {
    expect(directory.key({ ...names, domain: 'a b' })).toEqual({ ok: false, problem: 'bad-domain' });
    expect(directory.key({ ...names, app: 'a/b' })).toEqual({ ok: false, problem: 'bad-app' });
    expect(directory.key({ ...names, app: 'metrics' })).toEqual({ ok: false, problem: 'reserved-app' });
    expect(directory.key({ ...names, stream: '%25%35%31' })).toEqual({ ok: false, problem: 'bad-stream' });
  });

  it('knows only registered domains in registered mode', () => {
    const registered = new DomainDirectory({
      ...settings,
      mode: 'registered',
      registered: ['third.example'],
      owners: {},
    });
    for (const domain of ['push.example.com', 'third.example', 'live.local', 'localhost']) {
      expect(registered.key({ ...names, domain })).toMatchObject({ ok: true });
    }
    expect(registered.key({ ...names, domain: 'other.example' })).toEqual({
      ok: false,
      problem: 'unknown-domain',
    });
  });

  it('asks players for the key of the named domain, else of its main domain', () => {
    const keyOf = (main: string, named: string): string | undefined =>
      directory.playAuth({ main, named })?.mainKey;
    expect(keyOf('play.example.com', 'push.example.com')).toBe('push-key');
    expect(keyOf('play.example.com', 'push2.example.com')).toBe('play-key');
    expect(keyOf('other.example', 'other.example')).toBeUndefined();
  });

  it('asks publishers for the key of a push domain, whichever domain they name', () => {
    const keysOf = (of: DomainDirectory, named: string): string[] =>
      of.publishAuths({ main: 'play.example.com', named }).map(({ mainKey }) => mainKey);
    for (const named of ['push.example.com', 'push2.example.com', 'play.example.com'])
      expect(keysOf(directory, named)).toEqual(['push-key']);
    const { 'play.example.com': playAuth } = settings.auth;
    if (!playAuth) throw new Error('no key');
    const onlyMain = new DomainDirectory({ ...settings, auth: { 'play.example.com': playAuth } });
    for (const named of ['push.example.com', 'play.example.com'])
      expect(keysOf(onlyMain, named)).toEqual(['play-key']);
    expect(keysOf(new DomainDirectory({ ...settings, auth: {} }), 'push.example.com')).toEqual([]);
  });

  it('refuses settings that name no domain or map an alias to an alias', () => {
    expect(() => new DomainDirectory({ ...settings, defaultDomain: 'a b' })).toThrow(
      '"a b" is not a domain name',
    );
    expect(
      () =>
        new DomainDirectory({
          ...settings,
          mappings: { 'a.example': 'b.example', 'b.example': 'c.example' },
        }),
    ).toThrow('itself an alias');
  });
});
