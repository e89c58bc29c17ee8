import type { Clock } from '../../base/clock.ts';
import type { Directory } from '../directory.ts';
import type { RoleEntity } from '../entities.ts';
import type { Principal } from '../principals.ts';
import type { IssuedSession, SessionVault } from '../sessions.ts';
import type { RequestContext } from './conditions.ts';
import { trustAllows } from './evaluate.ts';
import { parsePolicyDocument, parseTrustDocument } from './policy-document.ts';

/** Bounds of a session in seconds; a role may say less than the maximum (the vendor's values). */
export const SESSION_SECONDS = { min: 900, max: 43_200, default: 3600 } as const;

/** The most characters of a policy that narrows a session (the vendor's value). */
export const MAX_SESSION_POLICY_CHARS = 2048;

/** What a session may be called. */
export const SESSION_NAME = /^[A-Za-z0-9.@_-]{2,64}$/;

/** What the name of a role is made of, as it stands in its ARN. */
export const ROLE_ARN = /^acs:ram::(\d{16}):role\/([A-Za-z0-9._-]{1,64})$/;

/** Why a session was not opened. Names, no HTTP: the operation and the command line know what to say. */
export type AssumeRoleProblem =
  /** The caller's account has no such role. */
  | { readonly kind: 'no-role' }
  /** Account owners take on no roles. */
  | { readonly kind: 'owner' }
  /** The role's trust policy does not name the caller, or denies it. What another account has is not told. */
  | { readonly kind: 'not-trusted'; readonly explicitly: boolean }
  /** Longer than the role allows, seconds. */
  | { readonly kind: 'too-long'; readonly maxSeconds: number }
  /** The policy that is to narrow the session cannot be read. */
  | { readonly kind: 'bad-policy'; readonly detail: string };

/** No session was opened. */
export class AssumeRoleError extends Error {
  override name = 'AssumeRoleError';
  readonly problem: AssumeRoleProblem;

  constructor(problem: AssumeRoleProblem) {
    super(`no session was opened: ${problem.kind}`);
    this.problem = problem;
  }
}

/** What a session is asked to be. */
export interface SessionRequest {
  readonly sessionName: string;
  readonly seconds: number;
  /** JSON text; null: the role's policies alone. */
  readonly policy: string | null;
}

/** A session and until when it holds, epoch milliseconds. */
export interface OpenedSession extends IssuedSession {
  readonly expiresAt: number;
}

/** Who wants a role, and from where. */
export interface RoleSeeker {
  readonly principal: Principal;
  /** The request as the conditions of the trust policy see it. */
  readonly context: RequestContext;
}

/** The name of a role in RAM. */
export function roleArnOf({ accountId, name }: Pick<RoleEntity, 'accountId' | 'name'>): string {
  return `acs:ram::${accountId}:role/${name}`;
}

/**
 * The role of an ARN, if the caller may take it on: its trust policy must name the caller, the caller's role or the
 * caller's account. Whether the caller's own policies permit it is the door's question, not this one.
 * @throws AssumeRoleError `owner`, `no-role`, `not-trusted`
 */
export function roleToAssume(
  roleArn: string,
  { principal, context }: RoleSeeker,
  directory: Directory,
): RoleEntity {
  if (principal.kind === 'owner') throw new AssumeRoleError({ kind: 'owner' });
  const [, accountId = '', name = ''] = ROLE_ARN.exec(roleArn) ?? [];
  const role = directory.view(accountId).roles.get(name);
  // Whether another account has a role is told to those only whom the role trusts.
  const unknown = accountId === principal.accountId ? 'no-role' : 'not-trusted';
  if (!role) throw new AssumeRoleError({ kind: unknown, explicitly: false });
  const trust = parseTrustDocument(role.trustDocument);
  const asked = { principalArns: trustNamesOf(principal), action: 'sts:AssumeRole', context };
  const effect = trust.ok ? trustAllows(trust.document, asked) : 'implicit-deny';
  if (effect === 'allow') return role;
  throw new AssumeRoleError({ kind: 'not-trusted', explicitly: effect === 'explicit-deny' });
}

/** Every name by which a trust policy can mean a caller: the root of an account stands for all its users and roles. */
function trustNamesOf(principal: Exclude<Principal, { kind: 'owner' }>): string[] {
  const { accountId } = principal;
  const own =
    principal.kind === 'user'
      ? `acs:ram::${accountId}:user/${principal.user.name}`
      : roleArnOf(principal.role);
  return [own, `acs:ram::${accountId}:root`];
}

/** @throws AssumeRoleError `too-long`, `bad-policy` */
export function checkSessionRequest(role: RoleEntity, { seconds, policy }: SessionRequest): void {
  const maxSeconds = role.maxSessionSeconds;
  if (seconds > maxSeconds) throw new AssumeRoleError({ kind: 'too-long', maxSeconds });
  const problem = policy === null ? undefined : policyProblem(policy);
  if (problem !== undefined) throw new AssumeRoleError({ kind: 'bad-policy', detail: problem });
}

function policyProblem(policy: string): string | undefined {
  if (policy.length > MAX_SESSION_POLICY_CHARS)
    return `The document must not be longer than ${MAX_SESSION_POLICY_CHARS} characters`;
  const parsed = parsePolicyDocument(policy);
  return parsed.ok ? undefined : parsed.problem;
}

/** Opens a session of a role. Nothing is stored. @throws AssumeRoleError as {@link checkSessionRequest} */
export function openSession(
  role: RoleEntity,
  request: SessionRequest,
  { clock, sessions }: { readonly clock: Pick<Clock, 'now'>; readonly sessions: SessionVault },
): OpenedSession {
  checkSessionRequest(role, request);
  const { sessionName, seconds, policy } = request;
  const expiresAt = clock.now() + seconds * 1000;
  const { accountId, id: roleId } = role;
  return { ...sessions.issue({ accountId, roleId, sessionName, policy, expiresAt }), expiresAt };
}
