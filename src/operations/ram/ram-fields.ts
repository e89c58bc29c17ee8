import { z } from 'zod';
import { formatTimestamp } from '../../base/timestamp.ts';
import type { UserEntity } from '../../core/entities.ts';
import { text } from '../fields.ts';
import type { FieldDoc } from '../fields.ts';

/** Text that must match a pattern; `form` says in words what may stand. */
export const patternText = (form: string, pattern: RegExp, doc: FieldDoc): z.ZodString =>
  z
    .string()
    .regex(pattern)
    .meta({ ...doc, type: `String, ${form}`, pattern: pattern.source });

/** The name of a user. */
export const userName = patternText('1 to 64 of A-Z a-z 0-9 . - _', /^[A-Za-z0-9._-]{1,64}$/, {
  description: 'Name of the RAM user.',
  example: 'alice',
});

/** The name of a group. The vendor's documents give two forms; this is the wider of both. */
export const groupName = patternText('1 to 128 of A-Z a-z 0-9 . - _', /^[A-Za-z0-9._-]{1,128}$/, {
  description: 'Name of the group.',
  example: 'moderators',
});

/** Free text of up to 128 characters. */
export const shortText = (doc: FieldDoc): z.ZodString =>
  z
    .string()
    .min(1)
    .max(128)
    .meta({ ...doc, type: 'String, 1 to 128 characters' });

/** The values that are there, for rules in which what is absent stays as it is. */
export function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const known = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** What can be said of a user besides its name. */
export const userDetails = {
  DisplayName: shortText({
    description: 'Name for people.',
    example: 'Alice',
  }),
  MobilePhone: patternText('country code-number', /^\d{1,4}-\d{4,20}$/, {
    description: 'Phone number; kept, not used.',
    example: '86-18600008888',
  }),
  Email: patternText('an e-mail address', /^[^\s@]{1,64}@[^\s@]{1,255}$/, {
    description: 'E-mail address; kept, not used.',
    example: 'alice@example.com',
  }),
  Comments: shortText({ description: 'What the user is for.', example: 'moderator' }),
};

/** What an answer tells of a user. */
export const userFields = z.object({
  UserId: text({ description: 'Id of the user, never given twice.', example: '212274892453810001' }),
  UserName: text({ description: 'Name of the user.', example: 'alice' }),
  DisplayName: text({ description: 'Name for people.', example: 'Alice' }).optional(),
  MobilePhone: text({ description: 'Phone number.', example: '86-18600008888' }).optional(),
  Email: text({ description: 'E-mail address.', example: 'alice@example.com' }).optional(),
  Comments: text({ description: 'What the account wrote about the user.', example: 'moderator' }).optional(),
  CreateDate: text({ description: 'When it was made.', example: '2026-01-01T08:00:00Z' }),
  UpdateDate: text({ description: 'When it was changed last.', example: '2026-01-01T08:00:00Z' }),
});

/** The values of {@link userFields}. */
export function userAnswer(user: UserEntity): z.input<typeof userFields> {
  return {
    UserId: user.id,
    UserName: user.name,
    DisplayName: user.displayName ?? undefined,
    MobilePhone: user.mobilePhone ?? undefined,
    Email: user.email ?? undefined,
    Comments: user.comments ?? undefined,
    CreateDate: formatTimestamp(user.createdAt),
    UpdateDate: formatTimestamp(user.updatedAt),
  };
}
