import { z } from 'zod';
import { formatTimestamp } from '../../base/timestamp.ts';
import {
  AssumeRoleError,
  checkSessionRequest,
  MAX_SESSION_POLICY_CHARS,
  openSession,
  ROLE_ARN,
  roleArnOf,
  roleToAssume,
  SESSION_NAME,
  SESSION_SECONDS,
} from '../../core/ram/assume-role.ts';
import type { OpenedSession, RoleSeeker, SessionRequest } from '../../core/ram/assume-role.ts';
import type { RoleEntity } from '../../core/entities.ts';
import { integer, text } from '../fields.ts';
import { defineOperation } from '../operation.ts';
import type { CallContext } from '../operation.ts';
import { notFound } from '../ram/ram-errors.ts';
import { patternText } from '../ram/ram-fields.ts';
import { WRITE_ERRORS } from '../write-errors.ts';
import { explainRefusal, REFUSALS } from './refusals.ts';

/** Opens a session of a role: a key that ends by itself. */
export const AssumeRole = defineOperation({
  name: 'AssumeRole',
  summary: 'Take on a RAM role: get a key for a while, with the rights of the role.',
  doc: `The caller gets a key (\`AccessKeyId\`, \`AccessKeySecret\`) and a \`SecurityToken\` that goes with every call of it.
Its rights are those of the role; \`Policy\` narrows them further and never widens them. Two must agree: the role's trust
policy names the caller (a user, a role, or \`acs:ram::<account>:root\` for every user and role of an account), and the caller's
own policies allow \`sts:AssumeRole\` on the role. A role of another account is taken on in the same way, when it trusts.

Only RAM users and sessions may call it. Account owners are refused, as in the product: their key is bound by no policy, so a
session of theirs would say nothing about what they may do; \`sluice keys session\` makes one on the machine of the store.

Nothing is stored of a session. It ends when its time is over or when its role is deleted, also when the role is made anew; it
follows changes of the role's policies at once. It outlives the key and the user that it was opened with, as in the product.
Of another account's roles only those exist that trust the caller: all others answer \`NoPermission\`.`,
  kind: 'write',
  product: 'sts',
  ram: { action: 'sts:AssumeRole', level: 'update', resource: '{RoleArn}' },
  limit: { calls: 100, perSeconds: 1 },
  parameters: z.object({
    RoleArn: patternText('acs:ram::<account>:role/<name>', ROLE_ARN, {
      description: 'Role to take on.',
      example: 'acs:ram::1968132000120001:role/moderator',
    }),
    RoleSessionName: patternText('2 to 64 of A-Z a-z 0-9 . @ - _', SESSION_NAME, {
      description: 'Tells sessions of a role apart; the audit trail shows it.',
      example: 'night-shift',
    }),
    DurationSeconds: integer(SESSION_SECONDS, {
      description: 'Seconds that the session lasts; at most what the role allows. Absent: 3600.',
      example: '3600',
    }).default(SESSION_SECONDS.default),
    Policy: z
      .string()
      .max(MAX_SESSION_POLICY_CHARS)
      .meta({
        type: `String, at most ${MAX_SESSION_POLICY_CHARS} characters`,
        description: 'Policy that the session is held to besides those of the role.',
        example: '{"Version":"1","Statement":[{"Effect":"Allow","Action":"live:Describe*","Resource":"*"}]}',
      })
      .optional(),
    ExternalId: patternText('2 to 1224 of A-Z a-z 0-9 = , . @ : / - _', /^[\w+=,.@:/-]{2,1224}$/, {
      description: 'What the condition key `sts:ExternalId` of the trust policy is compared with.',
      example: 'contract-4711',
    }).optional(),
  }),
  response: z.object({
    AssumedRoleUser: z.object({
      Arn: text({
        description: 'Role and session.',
        example: 'acs:ram::1968132000120001:role/moderator/night-shift',
      }),
      AssumedRoleId: text({
        description: 'Id of the role, and session.',
        example: '300000000000000001:night-shift',
      }),
    }),
    Credentials: z.object({
      AccessKeyId: text({ description: 'Key id of the session.', example: 'STS.NUgYrLnoC37mZZCNnAbez' }),
      AccessKeySecret: text({ description: 'Its secret.', example: 'CVwjCkNzTMupZ8NbTCxCBRq3K16jt' }),
      SecurityToken: text({ description: 'Goes with every call; of any length.', example: 'v1.Ftx9cc' }),
      Expiration: text({ description: 'When the session ends.', example: '2026-01-01T09:00:00Z' }),
    }),
  }),
  errors: { ...notFound('role'), ...REFUSALS, ...WRITE_ERRORS },
  async handle({ params, fail, ...context }) {
    const { core, caller, reached } = context;
    const { RoleSessionName: sessionName, DurationSeconds: seconds, Policy: policy = null } = params;
    const request = { sessionName, seconds, policy };
    const role = refusing(context, params.RoleArn, () => admit(context, params, request));
    if (!(await core.store.directory.beginCall(caller))) throw fail('SignatureNonceUsed');
    const session = openSession(role, request, { clock: core.clock, sessions: core.store.sessions });
    const Expiration = formatTimestamp(session.expiresAt);
    const facts = { Role: roleArnOf(role), Session: sessionName, AccessKeyId: session.accessKeyId };
    reached({ ...facts, Expiration, Narrowed: policy !== null });
    return answerOf(role, sessionName, session);
  },
});

function admit(
  context: CallContext,
  { RoleArn, ExternalId }: { readonly RoleArn: string; readonly ExternalId?: string | undefined },
  request: SessionRequest,
): RoleEntity {
  const role = roleToAssume(RoleArn, seekerOf(context, RoleArn, ExternalId), context.core.directory);
  checkSessionRequest(role, request);
  return role;
}

function seekerOf(
  { principal, origin, core }: CallContext,
  roleArn: string,
  externalId: string | undefined,
): RoleSeeker {
  const asked = { principal, action: 'sts:AssumeRole', resources: [roleArn], ...origin } as const;
  const { context } = core.access.questionOf(asked);
  return {
    principal,
    context: externalId === undefined ? context : new Map([...context, ['sts:ExternalId', externalId]]),
  };
}

function refusing<T>(context: CallContext, roleArn: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof AssumeRoleError ? explainRefusal(error, context.principal, roleArn) : error;
  }
}

function answerOf({ id, name, accountId }: RoleEntity, sessionName: string, session: OpenedSession) {
  return {
    AssumedRoleUser: {
      Arn: `${roleArnOf({ accountId, name })}/${sessionName}`,
      AssumedRoleId: `${id}:${sessionName}`,
    },
    Credentials: {
      AccessKeyId: session.accessKeyId,
      AccessKeySecret: session.secret,
      SecurityToken: session.token,
      Expiration: formatTimestamp(session.expiresAt),
    },
  };
}
