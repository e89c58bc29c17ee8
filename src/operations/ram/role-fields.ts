import { z } from 'zod';
import { formatTimestamp } from '../../base/timestamp.ts';
import type { RoleEntity } from '../../core/entities.ts';
import { roleArnOf } from '../../core/ram/assume-role.ts';
import { count, integer, text } from '../fields.ts';
import type { FieldDoc } from '../fields.ts';
import { patternText } from './ram-fields.ts';

const EXAMPLE_TRUST =
  '{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"RAM":["acs:ram::1234567890123456:root"]}}]}';

/** The name of a role. */
export const roleName = patternText('1 to 64 of A-Z a-z 0-9 . -', /^[A-Za-z0-9.-]{1,64}$/, {
  description: 'Name of the role.',
  example: 'moderator',
});

/** Who may take a role on. */
export const trustDocument = text({
  description: 'Who may take the role on: a policy with `Principal` (JSON), at most 6,144 bytes.',
  example: EXAMPLE_TRUST,
});

/** The longest session of a role. */
export const maxSessionDuration = (doc: Pick<FieldDoc, 'description'>) =>
  integer({ min: 3600, max: 43_200 }, { ...doc, example: '3600' });

const listed = {
  RoleId: text({ description: 'Id of the role, never given twice.', example: '212274892453810002' }),
  RoleName: text({ description: 'Name of the role.', example: 'moderator' }),
  Arn: text({
    description: 'Name of the role for AssumeRole and trust policies.',
    example: 'acs:ram::1234567890123456:role/moderator',
  }),
  Description: text({ description: 'What the role is for.', example: 'night shift' }).optional(),
  MaxSessionDuration: count({ description: 'The longest session, seconds.', example: '3600' }),
  CreateDate: text({ description: 'When it was made.', example: '2026-01-01T08:00:00Z' }),
  UpdateDate: text({ description: 'When it was changed last.', example: '2026-01-01T08:00:00Z' }),
};

/** What a list tells of a role: all but who may take it on. */
export const listedRoleFields = z.object(listed);

/** What an answer tells of a role. */
export const roleFields = z.object({
  ...listed,
  AssumeRolePolicyDocument: text({ description: 'Who may take it on.', example: EXAMPLE_TRUST }),
});

/** The values of {@link listedRoleFields}. */
export function listedRoleAnswer(role: RoleEntity): z.input<typeof listedRoleFields> {
  return {
    RoleId: role.id,
    RoleName: role.name,
    Arn: roleArnOf(role),
    Description: role.description ?? undefined,
    MaxSessionDuration: role.maxSessionSeconds,
    CreateDate: formatTimestamp(role.createdAt),
    UpdateDate: formatTimestamp(role.updatedAt),
  };
}

/** The values of {@link roleFields}. */
export function roleAnswer(role: RoleEntity): z.input<typeof roleFields> {
  return { ...listedRoleAnswer(role), AssumeRolePolicyDocument: role.trustDocument };
}
