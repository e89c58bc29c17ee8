import { randomBytes, randomUUID } from 'node:crypto';

/** Identifiers and secrets as every room takes them, so that tests can foresee them. */
export interface Ids {
  /** Lower-case UUID v4. */
  uuid(): string;
  /** Upper-case UUID v4, the form of the vendor's RequestId. */
  requestId(): string;
  /** `bytes` random bytes. */
  bytes(bytes: number): Buffer;
  /** `length` characters out of A-Z a-z 0-9, from a cryptographic source. */
  token(length: number): string;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function token(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length * 2)) {
      // 248 is the largest multiple of 62 below 256: higher bytes would favour the first letters.
      if (byte < 248 && text.length < length) text += ALPHABET.charAt(byte % ALPHABET.length);
    }
  }
  return text;
}

/** Identifiers from the system's cryptographic source. */
export const systemIds: Ids = {
  uuid: () => randomUUID(),
  requestId: () => randomUUID().toUpperCase(),
  bytes: (bytes) => randomBytes(bytes),
  token,
};
