import { displayNameOf, principalTypeOf } from '../../core/principals.ts';
import type { Principal } from '../../core/principals.ts';
import type { AssumeRoleError } from '../../core/ram/assume-role.ts';
import { ApiError } from '../api-error.ts';
import { notFound } from '../ram/ram-errors.ts';

/** What AssumeRole answers when no session is opened, besides a role that is not there. */
export const REFUSALS = {
  NoPermission: {
    status: 403,
    message: 'You are not authorized to do this action. The trust policy of the role does not allow it.',
  },
  'InvalidParameter.DurationSeconds': {
    status: 400,
    message: 'The value of DurationSeconds is beyond what the role allows.',
  },
  'InvalidParameter.PolicyGrammar': {
    status: 400,
    message: 'The parameter Policy has not passed grammar check.',
  },
} as const;

/** A refusal of core as the API says it. */
export function explainRefusal(
  { problem }: AssumeRoleError,
  principal: Principal,
  roleArn: string,
): ApiError {
  switch (problem.kind) {
    case 'no-role':
      return new ApiError('EntityNotExist.Role', notFound('role')['EntityNotExist.Role']);
    case 'owner':
      return denied(principal, roleArn, {
        message: 'Roles may not be assumed by root accounts.',
        explicitly: false,
      });
    case 'not-trusted':
      return denied(principal, roleArn, {
        message: REFUSALS.NoPermission.message,
        explicitly: problem.explicitly,
      });
    case 'too-long':
      return refusal('InvalidParameter.DurationSeconds', `The role allows ${problem.maxSeconds} seconds.`);
    case 'bad-policy':
      return refusal('InvalidParameter.PolicyGrammar', `${problem.detail}.`);
  }
}

function refusal(code: keyof typeof REFUSALS, detail: string): ApiError {
  const { status, message } = REFUSALS[code];
  return new ApiError(code, { status, message: `${message} ${detail}` });
}

function denied(
  principal: Principal,
  roleArn: string,
  { message, explicitly }: { readonly message: string; readonly explicitly: boolean },
): ApiError {
  const accessDeniedDetail = {
    AuthAction: 'sts:AssumeRole',
    AuthPrincipalType: principalTypeOf(principal),
    AuthPrincipalOwnerId: principal.accountId,
    AuthPrincipalDisplayName: displayNameOf(principal),
    NoPermissionType: explicitly ? 'ExplicitDeny' : 'ImplicitDeny',
    PolicyType: 'AssumeRolePolicy',
    AuthResource: roleArn,
  };
  return new ApiError(
    'NoPermission',
    { status: REFUSALS.NoPermission.status, message },
    { accessDeniedDetail },
  );
}
