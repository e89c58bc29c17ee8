import type { PolicyDocument, StatementEffect, TrustDocument } from './policy-types.ts';
import { statementFailure, trustMatches } from './statement-match.ts';
import type { PolicyQuestion, StatementFailure, TrustQuestion } from './statement-match.ts';

export type { PolicyQuestion, TrustQuestion } from './statement-match.ts';

/** A policy and where it comes from. */
export interface NamedPolicy {
  readonly name: string;
  readonly type: 'System' | 'Custom' | 'Session';
  /** What it is attached to: `user/alice`, `group/ops`, `role/r`, or `session`. */
  readonly source: string;
  readonly document: PolicyDocument;
}

/** What policies come to: only `allow` lets the call through. */
export type Effect = 'allow' | 'implicit-deny' | 'explicit-deny';

/** A decision and the statement (from 0) that made it. Nothing made an implicit deny. */
export interface PolicyDecision {
  readonly effect: Effect;
  readonly decidedBy?: { readonly policy: NamedPolicy; readonly statement: number };
}

/** One statement and whether it is about the question; if not, the first thing that is not. */
export interface StatementExplanation {
  readonly policy: NamedPolicy;
  readonly statement: number;
  readonly effect: StatementEffect;
  readonly matches: boolean;
  readonly failed?: StatementFailure;
}

/** Decides by all policies of an identity: any Deny that matches wins, else any Allow that matches, else implicit deny. */
export function evaluatePolicies(policies: readonly NamedPolicy[], question: PolicyQuestion): PolicyDecision {
  let allowed: PolicyDecision | undefined;
  for (const policy of policies)
    for (const [index, statement] of policy.document.statements.entries()) {
      if (allowed && statement.effect === 'Allow') continue;
      if (statementFailure(statement, question) !== undefined) continue;
      const decidedBy = { policy, statement: index };
      if (statement.effect === 'Deny') return { effect: 'explicit-deny', decidedBy };
      allowed = { effect: 'allow', decidedBy };
    }
  return allowed ?? { effect: 'implicit-deny' };
}

/** A session's decision; a denial says whether the role's policies or the session's own denied. */
export type SessionDecision = PolicyDecision & { readonly limitedBy?: 'identity' | 'session' };

/**
 * Decides for a session: what the role's policies and the session policy (null: none) both allow. An explicit deny of
 * either goes before an implicit one, and the role before the session. An allow is the role's: its statement is named.
 */
export function evaluateSession(
  rolePolicies: readonly NamedPolicy[],
  sessionPolicy: NamedPolicy | null,
  question: PolicyQuestion,
): SessionDecision {
  const identity = evaluatePolicies(rolePolicies, question);
  const session = sessionPolicy ? evaluatePolicies([sessionPolicy], question) : identity;
  if (identity.effect === 'explicit-deny') return { ...identity, limitedBy: 'identity' };
  if (session.effect === 'explicit-deny') return { ...session, limitedBy: 'session' };
  if (identity.effect !== 'allow') return { ...identity, limitedBy: 'identity' };
  return session.effect === 'allow' ? identity : { ...session, limitedBy: 'session' };
}

/** What a role's trust policy says to a principal that wants to assume the role. */
export function trustAllows(document: TrustDocument, asked: TrustQuestion): Effect {
  const effects = document.statements
    .filter((statement) => trustMatches(statement, asked))
    .map(({ effect }) => effect);
  if (effects.includes('Deny')) return 'explicit-deny';
  return effects.includes('Allow') ? 'allow' : 'implicit-deny';
}

/** Every statement with whether it matches and, if not, why not: what a simulation shows. */
export function explainPolicies(
  policies: readonly NamedPolicy[],
  question: PolicyQuestion,
): readonly StatementExplanation[] {
  return policies.flatMap((policy) =>
    policy.document.statements.map((statement, index) => {
      const failed = statementFailure(statement, question);
      const told = { policy, statement: index, effect: statement.effect };
      return failed === undefined ? { ...told, matches: true } : { ...told, matches: false, failed };
    }),
  );
}
