import { z } from 'zod';
import { updateRole } from '../../core/ram/roles.ts';
import { description } from './policy-fields.ts';
import { MALFORMED_POLICY, notFound } from './ram-errors.ts';
import { defineRamOperation } from './ram-operation.ts';
import { maxSessionDuration, roleAnswer, roleFields, roleName, trustDocument } from './role-fields.ts';

/** Changes a role. */
export const UpdateRole = defineRamOperation({
  name: 'UpdateRole',
  summary: 'Change who may take a role on, for how long, or what it is for.',
  doc: `What the call does not name stays as it is. The new values hold for sessions that are opened from now on: those that
are open go on to their end, also of callers that the role does not trust any more. To end them, detach the role's policies or
delete the role.`,
  kind: 'write',
  ram: { level: 'update', resource: 'acs:ram:*:{account}:role/{RoleName}' },
  limit: { calls: 20, perSeconds: 1 },
  parameters: z.object({
    RoleName: roleName,
    NewAssumeRolePolicyDocument: trustDocument.optional(),
    NewMaxSessionDuration: maxSessionDuration({ description: 'The longest session, seconds.' }).optional(),
    NewDescription: description({ description: 'What the role is for.', example: 'day shift' }).optional(),
  }),
  response: z.object({ Role: roleFields }),
  errors: { ...notFound('role'), ...MALFORMED_POLICY },
  async handle({ params, caller, core, reached }) {
    const {
      NewAssumeRolePolicyDocument: trust,
      NewMaxSessionDuration: seconds,
      NewDescription: told,
    } = params;
    const asked = {
      name: params.RoleName,
      ...(trust !== undefined && { trustDocument: trust }),
      ...(seconds !== undefined && { maxSessionSeconds: seconds }),
      ...(told !== undefined && { description: told }),
    };
    const role = await core.changes.change(caller.accountId, caller, (account, now) =>
      updateRole(account, asked, now),
    );
    reached({ RoleId: role.id, TrustChanged: trust !== undefined });
    return { Role: roleAnswer(role) };
  },
});
