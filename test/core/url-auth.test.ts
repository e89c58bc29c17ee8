import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkUrlAuth, signUrlPath } from '../../src/core/url-auth.ts';

const auth = { mainKey: 'main-key', backupKey: 'backup-key', ttlSeconds: 1800 };
const path = '/live/cam1';
const at = 1_800_000_000;
const sign = (key: string): string => signUrlPath(path, { key, unixSeconds: at, rand: '0' });

describe('type-A URL authentication', () => {
  it('gives the published hash', () => {
    const signed = signUrlPath('/video/standard/1K.html', {
      key: 'aliyuncdnexp1234',
      unixSeconds: 1444435200,
      rand: '0',
    });
    expect(signed).toBe('1444435200-0-0-80cd3862d699b7118eed99103f2a3a4f');
  });

  it('accepts both keys until the ttl has passed, to the second', () => {
    for (const key of ['main-key', 'backup-key']) {
      const authKey = sign(key);
      expect(checkUrlAuth(auth, { path, authKey, nowMs: (at + 1800) * 1000 })).toBeUndefined();
      expect(checkUrlAuth(auth, { path, authKey, nowMs: (at + 1800) * 1000 + 1 })).toBe('auth-expired');
    }
  });

  it('tells what is wrong', () => {
    const check = (authKey: string | undefined, of = path): unknown =>
      checkUrlAuth(auth, { path: of, authKey, nowMs: at * 1000 });
    expect(check(undefined)).toBe('auth-missing');
    expect(check('')).toBe('auth-missing');
    expect(check('1-2-3')).toBe('auth-malformed');
    expect(check(sign('third-key'))).toBe('auth-mismatch');
    expect(check(sign('main-key'), '/live/cam2')).toBe('auth-mismatch');
    expect(check(sign('main-key').toUpperCase())).toBeUndefined();
  });

  it('never accepts a changed character', () => {
    const good = sign('main-key');
    fc.assert(
      fc.property(
        fc.nat(good.length - 1),
        fc.constantFrom(...'0123456789abcdef-'.split('')),
        (index, character) => {
          const changed = good.slice(0, index) + character + good.slice(index + 1);
          fc.pre(changed !== good);
          expect(checkUrlAuth(auth, { path, authKey: changed, nowMs: at * 1000 })).toBeDefined();
        },
      ),
    );
  });
});
