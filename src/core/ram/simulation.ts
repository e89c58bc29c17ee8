import type { PolicySet } from '../access.ts';
import { evaluateSession, explainPolicies } from './evaluate.ts';
import type { NamedPolicy, PolicyQuestion, SessionDecision, StatementExplanation } from './evaluate.ts';
import { parsePolicyDocument } from './policy-document.ts';
import type { PolicyCondition, PolicyStatement } from './policy-types.ts';
import { RamError } from './ram-error.ts';

/** What a call would meet, and what every statement has to say about it. */
export interface Simulation extends SessionDecision {
  /** At most {@link MAX_EXPLAINED}, in the order of the policies; of more, those that match are here first. */
  readonly statements: readonly StatementExplanation[];
  /** Whether there were more. */
  readonly cut: boolean;
}

/** Statements that are told of at most. */
export const MAX_EXPLAINED = 200;

/** Decides as the door does, and explains. */
export function simulate({ identity, session }: PolicySet, question: PolicyQuestion): Simulation {
  const all = session === null ? identity : [...identity, session];
  const decision = evaluateSession(identity, session, question);
  const statements = explainPolicies(all, question);
  if (statements.length <= MAX_EXPLAINED) return { ...decision, statements, cut: false };
  return { ...decision, statements: mostTelling(statements, decision), cut: true };
}

/** The statement that decided, then those that match, then the others, as far as there is room; in their own order. */
function mostTelling(
  statements: readonly StatementExplanation[],
  { decidedBy }: SessionDecision,
): StatementExplanation[] {
  const decided = (one: StatementExplanation): boolean =>
    one.policy === decidedBy?.policy && one.statement === decidedBy.statement;
  const rank = (one: StatementExplanation): number => (decided(one) ? 0 : one.matches ? 1 : 2);
  const first = statements.toSorted((one, other) => rank(one) - rank(other)).slice(0, MAX_EXPLAINED);
  const kept = new Set(first);
  return statements.filter((one) => kept.has(one));
}

/** A policy that is not stored. @throws RamError `malformed-policy` */
export function unstoredPolicy(
  text: string,
  from: Pick<NamedPolicy, 'name' | 'type' | 'source'>,
): NamedPolicy {
  const parsed = parsePolicyDocument(text);
  if (!parsed.ok) throw new RamError({ kind: 'malformed-policy', detail: `${parsed.problem}.` });
  return { ...from, document: parsed.document };
}

/** A statement as JSON in RAM's language; it reads as the one that was written, though it may be spelled otherwise. */
export function statementText(statement: PolicyStatement): string {
  const { effect, actions, notActions, resources, notResources, conditions } = statement;
  return JSON.stringify({
    Effect: effect,
    [notActions ? 'NotAction' : 'Action']: actions,
    [notResources ? 'NotResource' : 'Resource']: resources,
    ...(conditions.length > 0 && { Condition: conditionsOf(conditions) }),
  });
}

function conditionsOf(
  conditions: readonly PolicyCondition[],
): Record<string, Record<string, readonly string[]>> {
  const operators = [...new Set(conditions.map(({ operator }) => operator))];
  const keysOf = (wanted: string): [string, readonly string[]][] =>
    conditions.flatMap(({ operator, key, values }) => (operator === wanted ? [[key, values]] : []));
  return Object.fromEntries(operators.map((operator) => [operator, Object.fromEntries(keysOf(operator))]));
}
