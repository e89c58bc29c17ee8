import type { Effect, NamedPolicy, PolicyQuestion } from '../../../src/core/ram/evaluate.ts';
import { parsePolicyDocument } from '../../../src/core/ram/policy-document.ts';

/** A statement as it is written in a document; Effect is added by `allow` and `deny`, Action and Resource default to `*`. */
export type Written = Readonly<Record<string, unknown>>;

/** One documented decision of an identity's policies. */
export interface PolicyCase {
  readonly why: string;
  /** One list of statements for each policy. */
  readonly policies: readonly (readonly Written[])[];
  readonly question: PolicyQuestion;
  readonly effect: Effect;
  /** `<policy>/<statement>`, both from 0. */
  readonly by?: string;
}

function written(effect: 'Allow' | 'Deny', rest: Written): Written {
  const action = 'NotAction' in rest ? {} : { Action: '*' };
  const resource = 'NotResource' in rest ? {} : { Resource: '*' };
  return { Effect: effect, ...action, ...resource, ...rest };
}

/** An Allow statement on everything, but for what is given. */
export function allow(rest: Written = {}): Written {
  return written('Allow', rest);
}

/** A Deny statement on everything, but for what is given. */
export function deny(rest: Written = {}): Written {
  return written('Deny', rest);
}

/** What most cases ask about: a domain of account 1, in the product's spelling. */
export const DOMAIN = 'acs:live:*:1:domain/push.example.com';

/** A question; the domain of the cases and an empty context unless told. */
export function ask(
  action: string,
  resources: string | readonly [string, ...string[]] = DOMAIN,
  context: Readonly<Record<string, string>> = {},
): PolicyQuestion {
  return {
    action,
    resources: typeof resources === 'string' ? [resources] : resources,
    context: new Map(Object.entries(context)),
  };
}

/** The text of a document with these statements. */
export function documentText(statements: readonly Written[]): string {
  return JSON.stringify({ Version: '1', Statement: statements });
}

/** A policy with these statements, read by the parser as every policy is. */
export function policyOf(statements: readonly Written[], name = 'p'): NamedPolicy {
  const read = parsePolicyDocument(documentText(statements));
  if (!read.ok) throw new Error(read.problem);
  return { name, type: 'Custom', source: 'user/alice', document: read.document };
}
