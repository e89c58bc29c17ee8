import { z } from 'zod';
import { formatTimestamp } from '../../base/timestamp.ts';
import { roleArnOf } from '../../core/ram/assume-role.ts';
import { bearersOf } from '../../core/ram/attachments.ts';
import { findPolicy } from '../../core/ram/known-policies.ts';
import { text, wrappedList } from '../fields.ts';
import { policyName, policyType } from './policy-fields.ts';
import { notFound } from './ram-errors.ts';
import { groupFields } from './group-fields.ts';
import { userFields } from './ram-fields.ts';
import { defineRamOperation } from './ram-operation.ts';
import { roleFields } from './role-fields.ts';

const AttachDate = text({ description: 'Since when it has the policy.', example: '2026-01-01T08:00:00Z' });
const { UserId, UserName, DisplayName } = userFields.shape;
const { GroupName, Comments } = groupFields.shape;
const { RoleId, RoleName, Arn, Description } = roleFields.shape;

/** Lists what a policy is attached to. */
export const ListEntitiesForPolicy = defineRamOperation({
  name: 'ListEntitiesForPolicy',
  summary: 'List the users, groups and roles that a policy is attached to.',
  doc: `Each kind by name. A user that has the policy through a group only is not in the list; its group is. Of a system
policy, what it is attached to in the caller's account.`,
  kind: 'read',
  ram: { level: 'list', resource: 'acs:ram:*:{account}:policy/{PolicyName}' },
  limit: { calls: 50, perSeconds: 1 },
  parameters: z.object({ PolicyType: policyType, PolicyName: policyName }),
  response: z.object({
    Users: wrappedList('User', z.object({ UserId, UserName, DisplayName, AttachDate })),
    Groups: wrappedList('Group', z.object({ GroupName, Comments, AttachDate })),
    Roles: wrappedList('Role', z.object({ RoleId, RoleName, Arn, Description, AttachDate })),
  }),
  errors: notFound('policy'),
  handle: ({ params, caller, core }) => {
    const account = core.directory.view(caller.accountId);
    const policy = findPolicy(account, { type: params.PolicyType, name: params.PolicyName });
    const users = bearersOf(account, 'user', policy).map(({ bearer, attachedAt }) => ({
      UserId: bearer.id,
      UserName: bearer.name,
      DisplayName: bearer.displayName ?? undefined,
      AttachDate: formatTimestamp(attachedAt),
    }));
    const groups = bearersOf(account, 'group', policy).map(({ bearer, attachedAt }) => ({
      GroupName: bearer.name,
      Comments: bearer.comments ?? undefined,
      AttachDate: formatTimestamp(attachedAt),
    }));
    const roles = bearersOf(account, 'role', policy).map(({ bearer, attachedAt }) => ({
      RoleId: bearer.id,
      RoleName: bearer.name,
      Arn: roleArnOf(bearer),
      Description: bearer.description ?? undefined,
      AttachDate: formatTimestamp(attachedAt),
    }));
    return { Users: { User: users }, Groups: { Group: groups }, Roles: { Role: roles } };
  },
});
