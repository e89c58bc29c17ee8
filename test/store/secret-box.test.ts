import { describe, expect, it } from 'vitest';
import { createSecretBox } from '../../src/store/secret-box.ts';

const box = createSecretBox(Buffer.alloc(32, 1));

describe('secret box', () => {
  it('opens what it sealed, and never seals alike twice', () => {
    const [one, two] = [box.seal('sécret', 'AK1'), box.seal('sécret', 'AK1')];
    expect(box.open(one, 'AK1')).toBe('sécret');
    expect(one).not.toBe(two);
    expect(one).not.toContain('cret');
  });

  it('does not open for another owner, with another key, or after any change', () => {
    const sealed = box.seal('secret', 'AK1');
    expect(() => box.open(sealed, 'AK2')).toThrow();
    expect(() => createSecretBox(Buffer.alloc(32, 2)).open(sealed, 'AK1')).toThrow();
    const bytes = Buffer.from(sealed.slice(3), 'base64url');
    for (let index = 0; index < bytes.length; index++) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(index) ^ 1, index);
      expect(() => box.open(`v1.${changed.toString('base64url')}`, 'AK1')).toThrow();
    }
    for (const text of ['', 'v1.', 'v1.AAAA', sealed.slice(0, -4), `v2${sealed.slice(2)}`])
      expect(() => box.open(text, 'AK1')).toThrow();
  });

  it('takes a key of 32 bytes only', () => {
    expect(() => createSecretBox(Buffer.alloc(16))).toThrow(RangeError);
  });
});
