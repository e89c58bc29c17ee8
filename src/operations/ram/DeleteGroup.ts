import { z } from 'zod';
import { deleteGroup } from '../../core/ram/groups.ts';
import { inUse, notFound } from './ram-errors.ts';
import { groupName } from './ram-fields.ts';
import { defineRamOperation } from './ram-operation.ts';

/** Deletes a group. */
export const DeleteGroup = defineRamOperation({
  name: 'DeleteGroup',
  summary: 'Delete a group that has nothing left.',
  doc: `A group that has users or policies is not deleted: take them away first (RemoveUserFromGroup,
DetachPolicyFromGroup). So nobody loses a right by accident.`,
  kind: 'write',
  ram: { level: 'delete', resource: 'acs:ram:*:{account}:group/{GroupName}' },
  limit: { calls: 20, perSeconds: 1 },
  parameters: z.object({ GroupName: groupName }),
  response: z.object({}),
  errors: { ...notFound('group'), ...inUse('group', 'user', 'policy') },
  async handle({ params, caller, core }) {
    await core.changes.change(caller.accountId, caller, (account) => deleteGroup(account, params.GroupName));
    return {};
  },
});
