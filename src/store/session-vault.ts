import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import type { SessionClaims, SessionVault } from '../core/sessions.ts';
import type { SecretBox } from './secret-box.ts';

const PREFIX = 'STS.';
const OWNER = 'session';
const RANDOM_BYTES = 12;
const TAG_BYTES = 9;
const SECRET_BYTES = 30;

/**
 * Sessions out of the master key: a key id is random bytes and a tag that shows that it was made here, its secret is
 * derived from it, and the token is the claims in the box. Whoever has the master key can make sessions; the sealed
 * secrets of the access keys are open to them too.
 */
export function createSessionVault(masterKey: Buffer, box: SecretBox): SessionVault {
  const key = Buffer.from(hkdfSync('sha256', masterKey, '', 'sluice sessions', 32));
  const derive = (purpose: string, id: Buffer, bytes: number): Buffer =>
    createHmac('sha256', key).update(purpose).update(id).digest().subarray(0, bytes);
  const secretOf = (id: Buffer): string => derive('secret', id, SECRET_BYTES).toString('base64url');
  return {
    issue(claims) {
      const id = randomBytes(RANDOM_BYTES);
      const tagged = Buffer.concat([id, derive('id', id, TAG_BYTES)]);
      const accessKeyId = PREFIX + tagged.toString('base64url');
      const token = box.seal(JSON.stringify({ ...claims, accessKeyId }), OWNER);
      return { accessKeyId, secret: secretOf(id), token };
    },
    secretOf(accessKeyId) {
      if (!accessKeyId.startsWith(PREFIX)) return undefined;
      const tagged = Buffer.from(accessKeyId.slice(PREFIX.length), 'base64url');
      if (tagged.length !== RANDOM_BYTES + TAG_BYTES) return undefined;
      const id = tagged.subarray(0, RANDOM_BYTES);
      const genuine = timingSafeEqual(tagged.subarray(RANDOM_BYTES), derive('id', id, TAG_BYTES));
      return genuine ? secretOf(id) : undefined;
    },
    open(token) {
      try {
        return JSON.parse(box.open(token, OWNER)) as SessionClaims;
      } catch {
        return undefined;
      }
    },
  };
}
