import type { PolicySet } from '../access.ts';
import { evaluateSession, explainPolicies } from './evaluate.ts';
import type { NamedPolicy, PolicyQuestion, SessionDecision, StatementExplanation } from './evaluate.ts';
import { parsePolicyDocument } from './policy-document.ts';
import type { PolicyCondition, PolicyStatement } from './policy-types.ts';
import { RamError } from './ram-error.ts';

/** What a call would meet, and what every statement has to say about it. */
export interface Simulation extends SessionDecision {
  readonly statements: readonly StatementExplanation[];
}

/** Decides as the door does, and explains. */
export function simulate({ identity, session }: PolicySet, question: PolicyQuestion): Simulation {
  const all = session === null ? identity : [...identity, session];
  return { ...evaluateSession(identity, session, question), statements: explainPolicies(all, question) };
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
