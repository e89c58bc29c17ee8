import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSecretBox } from '../../src/store/secret-box.ts';
import { createSessionVault } from '../../src/store/session-vault.ts';

const masterKey = randomBytes(32);
const box = createSecretBox(masterKey);
const vault = createSessionVault(masterKey, box);
const claims = {
  accountId: '1000000000000001',
  roleId: '300000000000000001',
  sessionName: 'night-shift',
  policy: null,
  expiresAt: Date.UTC(2026, 0, 1),
};

describe('a session', () => {
  it('opens with its own token and has the secret that it was given', () => {
    fc.assert(
      fc.property(
        fc.record({
          ...Object.fromEntries(['accountId', 'roleId', 'sessionName'].map((name) => [name, fc.string()])),
          policy: fc.option(fc.string({ maxLength: 2048 })),
          expiresAt: fc.integer(),
        }),
        (made) => {
          const { accessKeyId, secret, token } = vault.issue(made as typeof claims);
          expect(vault.secretOf(accessKeyId)).toBe(secret);
          expect(vault.open(token)).toEqual({ ...made, accessKeyId });
        },
      ),
    );
  });

  it('is another one each time', () => {
    const all = Array.from({ length: 1000 }, () => vault.issue(claims));
    for (const part of ['accessKeyId', 'secret', 'token'] as const)
      expect(new Set(all.map((one) => one[part])).size).toBe(1000);
  });

  it('is nobody’s under another master key, and its token tells nothing', () => {
    const other = randomBytes(32);
    const stranger = createSessionVault(other, createSecretBox(other));
    const { accessKeyId, secret, token } = vault.issue(claims);
    expect(stranger.secretOf(accessKeyId)).toBeUndefined();
    expect(stranger.open(token)).toBeUndefined();
    const bytes = Buffer.from(token.slice(3), 'base64url').toString('latin1');
    for (const told of [claims.accountId, claims.sessionName, secret, accessKeyId])
      expect(bytes).not.toContain(told);
  });
});

describe('what was not made here', () => {
  it('opens nothing, whatever it is', () => {
    const base64 = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('base64url'));
    const garbage = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary', maxLength: 300 }),
      base64,
      base64.map((text) => `v1.${text}`),
      base64.map((text) => `STS.${text}`),
      // What the box sealed for another purpose is no token.
      fc.string().map((text) => box.seal(text, 'SLUICEabcdefghijklmnopqr')),
    );
    fc.assert(
      fc.property(garbage, (text) => {
        expect(vault.open(text)).toBeUndefined();
        expect(vault.secretOf(text)).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });

  it('opens nothing when one bit of a token or key id is another', () => {
    const { token, accessKeyId } = vault.issue(claims);
    const flipped = (bytes: Buffer, bit: number): string => {
      const copy = Buffer.from(bytes);
      copy[bit >> 3]! ^= 1 << (bit & 7);
      return copy.toString('base64url');
    };
    const sealed = Buffer.from(token.slice(3), 'base64url');
    for (let bit = 0; bit < sealed.length * 8; bit++)
      expect(vault.open(`v1.${flipped(sealed, bit)}`)).toBeUndefined();
    const id = Buffer.from(accessKeyId.slice(4), 'base64url');
    for (let bit = 0; bit < id.length * 8; bit++)
      expect(vault.secretOf(`STS.${flipped(id, bit)}`)).toBeUndefined();
  });

  it('opens nothing when a token was shortened or lengthened', () => {
    const { token } = vault.issue(claims);
    for (let length = 0; length < token.length - 1; length++)
      expect(vault.open(token.slice(0, length))).toBeUndefined();
    expect(vault.open(`${token}AAAA`)).toBeUndefined();
  });
});
