import type { Ids } from '../../base/ids.ts';
import type { AccessKey } from '../access-keys.ts';
import type { AccountPlan } from '../account-changes.ts';
import type { AccountView } from '../directory.ts';
import type { NewKey } from '../ports.ts';
import type { Principal } from '../principals.ts';
import { found, RamError } from './ram-error.ts';

/** The most keys of a RAM user, active or not (the vendor's value). */
export const MAX_USER_KEYS = 2;

/** The most keys of an account's owner that the API makes (the vendor's value); the command line may make more. */
export const MAX_OWNER_KEYS = 5;

/** Id and secret of an access key. */
export interface KeyPair {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
}

/** A new pair: an id of 24 characters and a secret of 32. */
export function makeKeyPair(ids: Ids): KeyPair {
  return { accessKeyId: `SLUICE${ids.token(18)}`, accessKeySecret: ids.token(32) };
}

/** Whose keys a change is about. */
export interface KeyHolder {
  readonly accountId: string;
  /** Null: the account's owner. */
  readonly userId: string | null;
}

/**
 * The user that a call names, or else the caller itself. A caller that is gone by now holds nothing, so that no key is
 * made that belongs to nobody.
 * @throws RamError `not-found`; `no-user` when a session names nobody, because sessions have no keys to manage.
 */
export function keyHolder(
  account: AccountView,
  { principal, userName }: { principal: Principal; userName: string | undefined },
): KeyHolder {
  const { accountId } = principal;
  if (userName !== undefined) return { accountId, userId: found('user', account.users.get(userName)).id };
  if (principal.kind === 'session') throw new RamError({ kind: 'no-user' });
  if (principal.kind === 'owner') return { accountId, userId: null };
  const known = [...account.users.values()].find(({ id }) => id === principal.user.id);
  return { accountId, userId: found('user', known).id };
}

/** Adds a key to those that its holder has. @throws RamError `limit` */
export function createKey(
  { accountId, userId }: KeyHolder,
  held: readonly AccessKey[],
  { ids, now }: { ids: Ids; now: number },
): AccountPlan<NewKey> {
  const limit = userId === null ? MAX_OWNER_KEYS : MAX_USER_KEYS;
  if (held.length >= limit) throw new RamError({ kind: 'limit', thing: 'access-key' });
  const { accessKeyId, accessKeySecret: secret } = makeKeyPair(ids);
  const key = { accessKeyId, secret, accountId, userId, note: null, root: false, createdAt: now };
  return { keys: [{ kind: 'create', key }], result: key };
}

/** One of a holder's keys. */
export interface ChosenKey {
  readonly accessKeyId: string;
  /** Also the last one that lets its owner in. */
  readonly force?: boolean;
}

/** Enables or disables one of a holder's keys. @throws RamError `not-found`, `last-key` */
export function setKeyStatus(
  held: readonly AccessKey[],
  { accessKeyId, status, force = false }: ChosenKey & { readonly status: AccessKey['status'] },
): AccountPlan<undefined> {
  const key = keyAmong(held, accessKeyId);
  if (key.status === status) return { result: undefined };
  if (status === 'disabled' && !force) guardLastKey(key, held);
  return { keys: [{ kind: 'status', accessKeyId, status }], result: undefined };
}

/** Deletes one of a holder's keys. @throws RamError `not-found`, `last-key` */
export function deleteKey(
  held: readonly AccessKey[],
  { accessKeyId, force = false }: ChosenKey,
): AccountPlan<undefined> {
  const key = keyAmong(held, accessKeyId);
  if (!force) guardLastKey(key, held);
  return { keys: [{ kind: 'delete', accessKeyId }], result: undefined };
}

function keyAmong(held: readonly AccessKey[], accessKeyId: string): AccessKey {
  return found(
    'access-key',
    held.find((key) => key.accessKeyId === accessKeyId),
  );
}

/** An owner's last way in is not closed by accident: the last active root key, or the last active key where none is root. */
function guardLastKey(key: AccessKey, held: readonly AccessKey[]): void {
  if (key.userId !== null || key.status !== 'active') return;
  const others = held.filter((other) => other !== key && other.status === 'active');
  const isLast = key.root ? !others.some(({ root }) => root) : others.length === 0;
  if (isLast) throw new RamError({ kind: 'last-key' });
}
