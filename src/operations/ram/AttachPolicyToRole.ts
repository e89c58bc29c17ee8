import { z } from 'zod';
import { attachPolicy } from '../../core/ram/attachments.ts';
import { policyName, policyType, resourceGroupId } from './policy-fields.ts';
import { exists, limited, notFound } from './ram-errors.ts';
import { roleName } from './role-fields.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Attaches a policy to a role. */
export const AttachPolicyToRole = defineRamOperation({
  name: 'AttachPolicyToRole',
  summary: 'Attach a policy to a role.',
  doc: `Sessions of the role, also those that are open, have what the policy permits with their next call, as far as their own
policy goes. A policy is attached once (\`EntityAlreadyExists.Role.Policy\`), and a role has 20 policies at most.
**Who may call this can give itself anything**: a caller with \`ram:AttachPolicyToRole\` on a role that it may take on
can attach \`AliyunLiveFullAccess\`, or a policy that it writes. That is the product's behaviour; grant the action to
administrators only. Permission is asked for the role; the product asks for the policy too, which is not done here.`,
  kind: 'write',
  ram: { level: 'update', resource: 'acs:ram:*:{account}:role/{RoleName}' },
  limit: { calls: 20, perSeconds: 1 },
  parameters: z.object({
    PolicyType: policyType,
    PolicyName: policyName,
    RoleName: roleName,
    ResourceGroupId: resourceGroupId,
  }),
  response: z.object({}),
  errors: { ...notFound('role', 'policy'), ...exists('role-policy'), ...limited('role-policy') },
  async handle({ params, caller, core, reached }) {
    const policy = { type: params.PolicyType, name: params.PolicyName };
    const to = { kind: 'role', name: params.RoleName } as const;
    await core.changes.change(caller.accountId, caller, (account, now) =>
      attachPolicy(account, { to, policy }, now),
    );
    reached({ PolicyType: policy.type, PolicyName: policy.name });
    return {};
  },
});
