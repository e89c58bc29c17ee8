import { z } from 'zod';
import { formatTimestamp } from '../../base/timestamp.ts';
import type { PolicyVersion } from '../../core/entities.ts';
import type { AttachedPolicy } from '../../core/ram/attachments.ts';
import type { KnownPolicy, PolicyName } from '../../core/ram/known-policies.ts';
import { choice, count, text, truth, wrappedList } from '../fields.ts';
import type { FieldDoc } from '../fields.ts';
import { patternText } from './ram-fields.ts';

const EXAMPLE_DOCUMENT =
  '{"Version":"1","Statement":[{"Effect":"Allow","Action":"live:Describe*","Resource":"*"}]}';

/** The name of a policy. */
export const policyName = patternText('1 to 128 of A-Z a-z 0-9 -', /^[A-Za-z0-9-]{1,128}$/, {
  description: 'Name of the policy.',
  example: 'moderate-streams',
});

/** Whose policy it is. */
export const policyType = choice(['System', 'Custom'], {
  description: '`System`: one that the service brings; `Custom`: one of the account.',
  example: 'Custom',
});

/** A version of a policy. */
export const versionId = patternText('`v` and a number', /^v[1-9]\d{0,8}$/, {
  description: 'Version of the policy.',
  example: 'v2',
});

/** The vendor attaches policies to resource groups too. There are none here: only the whole account can be named. */
export const resourceGroupId = patternText('an account id', /^\d{1,20}$/, {
  description:
    'The account, as there are no resource groups; the id of one is refused, and never widened to the account.',
  example: '1234567890123456',
}).optional();

/** Text that says what a policy or role is for. */
export const description = (doc: FieldDoc): z.ZodString =>
  z
    .string()
    .min(1)
    .max(1024)
    .meta({ ...doc, type: 'String, 1 to 1,024 characters' });

/** The text of a policy. Its size is told with the other things that can be wrong with it, as `MalformedPolicyDocument`. */
export const policyDocument = text({
  description: "The policy in RAM's language (JSON), at most 6,144 bytes.",
  example: EXAMPLE_DOCUMENT,
});

const summary = {
  PolicyName: text({ description: 'Name of the policy.', example: 'moderate-streams' }),
  PolicyType: text({ description: '`System` or `Custom`.', example: 'Custom' }),
  Description: text({ description: 'What the policy is for.', example: 'May read' }).optional(),
  DefaultVersion: text({ description: 'The version in force.', example: 'v1' }),
};

const createDate = text({ description: 'When it was made.', example: '2026-01-01T08:00:00Z' });
const updateDate = text({ description: 'When it was changed last.', example: '2026-01-01T08:00:00Z' });

/** What an answer tells of a policy that was just made. */
export const newPolicyFields = z.object({ ...summary, CreateDate: createDate });

/** What an answer tells of a policy that was changed. */
export const changedPolicyFields = z.object({ ...summary, CreateDate: createDate, UpdateDate: updateDate });

/** What an answer tells of a policy. */
export const policyFields = z.object({
  ...summary,
  CreateDate: createDate,
  UpdateDate: updateDate,
  AttachmentCount: count({ description: 'Users, groups and roles that it is attached to.', example: '1' }),
});

/** What an answer tells of a policy in a list of those attached to something. */
export const attachedPolicies = wrappedList(
  'Policy',
  z.object({
    ...summary,
    AttachDate: text({ description: 'Since when it is attached.', example: '2026-01-01T08:00:00Z' }),
  }),
);

const versionSummary = {
  VersionId: text({ description: 'Version of the policy.', example: 'v1' }),
  IsDefaultVersion: truth({ description: 'Whether it is the version in force.', example: 'true' }),
  CreateDate: text({ description: 'When the version was made.', example: '2026-01-01T08:00:00Z' }),
};

/** What an answer tells of a version of a policy. */
export const versionFields = z.object({
  ...versionSummary,
  PolicyDocument: text({ description: 'The text of the version.', example: EXAMPLE_DOCUMENT }),
});

/** The values that name a policy and say what it is for. */
function policySummary(policy: Pick<KnownPolicy, keyof PolicyName | 'description' | 'defaultVersion'>) {
  return {
    PolicyName: policy.name,
    PolicyType: policy.type,
    Description: policy.description ?? undefined,
    DefaultVersion: policy.defaultVersion,
  };
}

/** The values of {@link changedPolicyFields}. */
export function changedPolicyAnswer(
  policy: Omit<KnownPolicy, 'versions'>,
): z.input<typeof changedPolicyFields> {
  return {
    ...policySummary(policy),
    CreateDate: formatTimestamp(policy.createdAt),
    UpdateDate: formatTimestamp(policy.updatedAt),
  };
}

/** The values of {@link policyFields}; `counts` as `attachmentCounts` gives them. */
export function policyAnswer(
  policy: KnownPolicy,
  counts: ReadonlyMap<string, number>,
): z.input<typeof policyFields> {
  const AttachmentCount = counts.get(`${policy.type}/${policy.name}`) ?? 0;
  return { ...changedPolicyAnswer(policy), AttachmentCount };
}

/** The values of {@link versionFields}. */
export function versionAnswer(
  { id, document, createdAt }: PolicyVersion,
  { defaultVersion }: Pick<KnownPolicy, 'defaultVersion'>,
): z.input<typeof versionFields> {
  return {
    VersionId: id,
    IsDefaultVersion: id === defaultVersion,
    CreateDate: formatTimestamp(createdAt),
    PolicyDocument: document,
  };
}

/** The values of {@link attachedPolicies}. */
export function attachedAnswer(attached: readonly AttachedPolicy[]): z.input<typeof attachedPolicies> {
  const entry = ({ policy, attachedAt }: AttachedPolicy) => ({
    ...policySummary(policy),
    AttachDate: formatTimestamp(attachedAt),
  });
  return { Policy: attached.map(entry) };
}
