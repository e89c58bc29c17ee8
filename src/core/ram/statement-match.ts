import { compileCondition } from './conditions.ts';
import type { RequestContext } from './conditions.ts';
import { globTest } from './glob.ts';
import type { PolicyCondition, PolicyStatement, TrustStatement } from './policy-types.ts';
import { patternAtTheDoor } from './resources.ts';

/** What is asked of policies. */
export interface PolicyQuestion {
  /** `<service>:<action>`, such as `live:ForbidLiveStream`; compared without case. */
  readonly action: string;
  /** Every spelling of the one thing that is accessed; a statement that names one of them names it. */
  readonly resources: readonly [string, ...string[]];
  /** Condition keys in their documented spelling; a key that is absent matches no condition. */
  readonly context: RequestContext;
}

/** The first thing that keeps a statement from matching. */
export type StatementFailure = 'action' | 'resource' | { readonly operator: string; readonly key: string };

/** What both kinds of statements have. */
interface Actions {
  readonly actions: readonly string[];
  readonly notActions?: boolean;
  readonly resources?: readonly string[];
  readonly conditions: readonly PolicyCondition[];
}

type TextTest = (text: string) => boolean;

interface Prepared {
  readonly actions: readonly TextTest[];
  readonly resources: readonly TextTest[];
  readonly conditions: readonly {
    readonly condition: PolicyCondition;
    readonly holds: (context: RequestContext) => boolean;
  }[];
}

/**
 * Patterns, dates and ranges of each statement, ready to be asked. Documents stay plain data, which can be compared and
 * made by hand; what is prepared goes when the statement goes.
 */
const prepared = new WeakMap<Actions, Prepared>();

/** Prepares a statement, so that its first call costs no more than the others. */
export function prepareStatement(statement: Actions): Prepared {
  const known = prepared.get(statement);
  if (known) return known;
  const made = {
    actions: statement.actions.map((action) => globTest(action.toLowerCase())),
    resources: (statement.resources ?? []).map((resource) => globTest(patternAtTheDoor(resource))),
    conditions: statement.conditions.map((condition) => ({ condition, holds: compileCondition(condition) })),
  };
  prepared.set(statement, made);
  return made;
}

function namesAction(statement: Actions, action: string): boolean {
  const asked = action.toLowerCase();
  return prepareStatement(statement).actions.some((test) => test(asked)) !== (statement.notActions ?? false);
}

function conditionFailure(statement: Actions, context: RequestContext): StatementFailure | undefined {
  const failed = prepareStatement(statement).conditions.find(({ holds }) => !holds(context));
  return failed && { operator: failed.condition.operator, key: failed.condition.key };
}

/** Why the statement is not about the question, or undefined when it is. Deciding and explaining both ask here. */
export function statementFailure(
  statement: PolicyStatement,
  question: PolicyQuestion,
): StatementFailure | undefined {
  if (!namesAction(statement, question.action)) return 'action';
  const { resources } = prepareStatement(statement);
  const named = question.resources.some((asked) => resources.some((test) => test(asked)));
  if (named === statement.notResources) return 'resource';
  return conditionFailure(statement, question.context);
}

/** What is asked of a trust policy. */
export interface TrustQuestion {
  /** Every name of who asks: the ARN of the user or role, and the root of its account; a service or identity provider. */
  readonly principalArns: readonly string[];
  readonly action: string;
  readonly context: RequestContext;
}

/** Whether a trust statement is about the question. Principals are compared exactly: they have no wildcards. */
export function trustMatches(statement: TrustStatement, asked: TrustQuestion): boolean {
  const { ram, service, federated } = statement.principals;
  const named = asked.principalArns.some(
    (name) => ram.includes(name) || service.includes(name) || federated.includes(name),
  );
  return (
    named && namesAction(statement, asked.action) && conditionFailure(statement, asked.context) === undefined
  );
}
