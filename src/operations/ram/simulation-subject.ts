import type { PolicySet } from '../../core/access.ts';
import { arnOf } from '../../core/principals.ts';
import { found } from '../../core/ram/ram-error.ts';
import { unstoredPolicy } from '../../core/ram/simulation.ts';
import type { CallContext } from '../operation.ts';

/** Whose policies are asked; none of the names: those of the caller. */
export interface SubjectNames {
  readonly UserName?: string | undefined;
  readonly RoleName?: string | undefined;
  readonly SessionPolicy?: string | undefined;
  readonly PolicyDocument?: string | undefined;
}

/** Whose policies are asked, and what the request says of whoever that is. */
export interface Subject {
  /** Undefined: an account's owner, who is not judged by policies. */
  readonly policies: PolicySet | undefined;
  /** Condition keys by their documented spelling. */
  readonly context: ReadonlyMap<string, string>;
}

/** Whether the names say one subject, and a session policy goes with a role. */
export function isOneSubject({ UserName, RoleName, PolicyDocument, SessionPolicy }: SubjectNames): boolean {
  const named = [UserName, RoleName, PolicyDocument].filter((name) => name !== undefined);
  return named.length <= 1 && (SessionPolicy === undefined || RoleName !== undefined);
}

/** Finds the policies that are to be asked. @throws RamError `not-found`, `malformed-policy` */
export function subjectOf(
  names: SubjectNames,
  call: Pick<CallContext, 'caller' | 'core' | 'principal' | 'origin'>,
): Subject {
  const { UserName, RoleName, PolicyDocument } = names;
  if (UserName !== undefined) return ofUser(UserName, call);
  if (RoleName !== undefined) return ofRole(RoleName, names.SessionPolicy, call);
  if (PolicyDocument !== undefined) return ofDocument(PolicyDocument);
  return ofCaller(call);
}

function ofUser(
  name: string,
  { caller: { accountId }, core }: Pick<CallContext, 'caller' | 'core'>,
): Subject {
  const user = found('user', core.directory.view(accountId).users.get(name));
  const principal = { kind: 'user', accountId, user } as const;
  const context = new Map([['acs:PrincipalArn', arnOf(principal)]]);
  return { policies: core.access.policiesOf(principal), context };
}

/** A session that is not open has no name yet; `simulation` stands for it. */
function ofRole(
  name: string,
  sessionPolicy: string | undefined,
  { caller: { accountId }, core }: Pick<CallContext, 'caller' | 'core'>,
): Subject {
  const role = found('role', core.directory.view(accountId).roles.get(name));
  const identity = core.access.policiesOfRole(role);
  const from = { name: 'session', type: 'Session', source: 'session' } as const;
  const session = sessionPolicy === undefined ? null : unstoredPolicy(sessionPolicy, from);
  const arn = `acs:ram::${accountId}:assumed-role/${name}/simulation`;
  return { policies: { identity, session }, context: new Map([['acs:PrincipalArn', arn]]) };
}

function ofDocument(text: string): Subject {
  const policy = unstoredPolicy(text, { name: 'PolicyDocument', type: 'Custom', source: 'nothing' });
  return { policies: { identity: [policy], session: null }, context: new Map() };
}

/** The caller as it is: what its own call says of itself is what the simulated one would. */
function ofCaller({ core, principal, origin }: Pick<CallContext, 'core' | 'principal' | 'origin'>): Subject {
  const asked = { principal, action: '', resources: ['*'] as [string], ...origin };
  const { context } = core.access.questionOf(asked);
  const policies = principal.kind === 'owner' ? undefined : core.access.policiesOf(principal);
  return { policies, context };
}
