import type { Ids } from '../../base/ids.ts';

/** An id of a user, group or role in the vendor's form: 18 digits that never were another one's. */
export function newEntityId(ids: Ids): string {
  const digits = BigInt(`0x${ids.bytes(16).toString('hex')}`) % 10n ** 17n;
  return `2${digits.toString().padStart(17, '0')}`;
}

/** An id of an account in the vendor's form: 16 digits. */
export function newAccountId(ids: Ids): string {
  const digits = BigInt(`0x${ids.bytes(16).toString('hex')}`) % 10n ** 15n;
  return `1${digits.toString().padStart(15, '0')}`;
}
