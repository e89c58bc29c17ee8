import { z } from 'zod';
import { formatTimestamp } from '../../base/timestamp.ts';
import type { AccessKey } from '../../core/access-keys.ts';
import { actorOf } from '../../core/principals.ts';
import { keyHolder } from '../../core/ram/access-keys.ts';
import type { KeyHolder } from '../../core/ram/access-keys.ts';
import type { AccountView } from '../../core/directory.ts';
import { choice, text } from '../fields.ts';
import type { CallContext } from '../operation.ts';
import { patternText, userName } from './ram-fields.ts';

/** Whose keys a call is about. */
export const keyHolderName = userName
  .meta({
    ...userName.meta(),
    description: 'Name of the RAM user; absent: the caller itself, a RAM user or the owner of the account.',
  })
  .optional();

/** The id of a key that a call is about. */
export const userAccessKeyId = patternText('1 to 128 of A-Z a-z 0-9 . - _', /^[A-Za-z0-9._-]{1,128}$/, {
  description: 'Id of the access key.',
  example: 'SLUICE2v9dGxJkq8TnYb4wRc',
});

/** Whether a key may sign calls. */
export const keyStatus = choice(['Active', 'Inactive'], {
  description: 'Whether calls that it signs are accepted.',
  example: 'Active',
});

/** What an answer tells of a key. */
export const keyFields = z.object({
  AccessKeyId: text({ description: 'Id of the key.', example: 'SLUICE2v9dGxJkq8TnYb4wRc' }),
  Status: keyStatus,
  CreateDate: text({ description: 'When it was made.', example: '2026-01-01T08:00:00Z' }),
});

/** The values of {@link keyFields}. */
export function keyAnswer(
  key: Pick<AccessKey, 'accessKeyId' | 'createdAt' | 'status'>,
): z.input<typeof keyFields> {
  const { accessKeyId, createdAt, status } = key;
  return {
    AccessKeyId: accessKeyId,
    Status: status === 'active' ? 'Active' : 'Inactive',
    CreateDate: formatTimestamp(createdAt),
  };
}

/** Whose keys a call is about, and those that there are. @throws RamError `not-found`, `no-user` */
export function heldKeys(
  account: AccountView,
  { principal, core }: Pick<CallContext, 'principal' | 'core'>,
  named: string | undefined,
): { holder: KeyHolder; held: AccessKey[] } {
  const holder = keyHolder(account, { principal, userName: named });
  return { holder, held: core.keys.listOf(holder.accountId, holder.userId) };
}

/** The holder in words, for the audit trail: `user/alice`, `root`. */
export function holderText({ principal }: Pick<CallContext, 'principal'>, named: string | undefined): string {
  return named === undefined ? actorOf(principal) : `user/${named}`;
}
