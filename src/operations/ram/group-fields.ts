import { z } from 'zod';
import { formatTimestamp } from '../../base/timestamp.ts';
import type { GroupEntity } from '../../core/entities.ts';
import { text } from '../fields.ts';
import { shortText } from './ram-fields.ts';

/** What a group is for. */
export const groupComments = shortText({ description: 'What the group is for.', example: 'moderation' });

const GroupId = text({ description: 'Id of the group, never given twice.', example: 'g-FpMEHiMysofpXyZ1' });
const GroupName = text({ description: 'Name of the group.', example: 'moderators' });
const Comments = text({
  description: 'What the account wrote about the group.',
  example: 'moderation',
}).optional();
const JoinDate = text({
  description: 'When the user came into the group.',
  example: '2026-01-01T08:00:00Z',
});

/** What an answer tells of a group. */
export const groupFields = z.object({
  GroupId,
  GroupName,
  Comments,
  CreateDate: text({ description: 'When it was made.', example: '2026-01-01T08:00:00Z' }),
  UpdateDate: text({
    description: 'When its name or comments were changed last.',
    example: '2026-01-01T08:00:00Z',
  }),
});

/** The values of {@link groupFields}. */
export function groupAnswer(group: GroupEntity): z.input<typeof groupFields> {
  return {
    GroupId: group.id,
    GroupName: group.name,
    Comments: group.comments ?? undefined,
    CreateDate: formatTimestamp(group.createdAt),
    UpdateDate: formatTimestamp(group.updatedAt),
  };
}

/** A group as a list of a user's groups shows it. */
export const joinedGroupFields = z.object({ GroupId, GroupName, Comments, JoinDate });

/** A user as a list of a group's users shows it. */
export const memberFields = z.object({
  UserName: text({ description: 'Name of the user.', example: 'alice' }),
  DisplayName: text({ description: 'Name for people.', example: 'Alice' }).optional(),
  JoinDate,
});
