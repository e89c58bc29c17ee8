import { z } from 'zod';
import { createRole } from '../../core/ram/roles.ts';
import { description } from './policy-fields.ts';
import { exists, limited, MALFORMED_POLICY } from './ram-errors.ts';
import { defineRamOperation } from './ram-operation.ts';
import { maxSessionDuration, roleAnswer, roleFields, roleName, trustDocument } from './role-fields.ts';

/** Adds a role to the caller's account. */
export const CreateRole = defineRamOperation({
  name: 'CreateRole',
  summary: 'Add a role, which users and other accounts can take on for a time.',
  doc: `AssumeRole opens sessions of the role for those whom \`AssumeRolePolicyDocument\` names; what a session may do, the
policies attached to the role say. A trust policy that names \`acs:ram::<account>:root\` trusts every user and role of that
account whose own policies permit \`sts:AssumeRole\`. Services and identity providers can be named, but none opens sessions
here. An account has 500 roles at most. Tags are not kept.`,
  kind: 'write',
  ram: { level: 'create', resource: 'acs:ram:*:{account}:role/{RoleName}' },
  limit: { calls: 20, perSeconds: 1 },
  parameters: z.object({
    RoleName: roleName,
    AssumeRolePolicyDocument: trustDocument,
    Description: description({ description: 'What the role is for.', example: 'night shift' }).optional(),
    MaxSessionDuration: maxSessionDuration({ description: 'The longest session, seconds.' }).default(3600),
  }),
  response: z.object({ Role: roleFields }),
  errors: { ...exists('role'), ...limited('role'), ...MALFORMED_POLICY },
  async handle({ params, caller, reached, core: { changes, ids } }) {
    const asked = {
      accountId: caller.accountId,
      name: params.RoleName,
      description: params.Description ?? null,
      trustDocument: params.AssumeRolePolicyDocument,
      maxSessionSeconds: params.MaxSessionDuration,
    };
    const role = await changes.change(caller.accountId, caller, (account, now) =>
      createRole(account, asked, { ids, now }),
    );
    reached({ RoleName: role.name, RoleId: role.id });
    return { Role: roleAnswer(role) };
  },
});
