import {
  onlyKnown,
  readActions,
  readConditions,
  readDocument,
  readEffect,
  readEither,
  refuse,
} from './document-reader.ts';
import type { Members, ReadResult } from './document-reader.ts';
import type { PolicyDocument, PolicyStatement } from './policy-types.ts';
import { prepareStatement } from './statement-match.ts';

export { MAX_POLICY_BYTES } from './document-reader.ts';
export { parseTrustDocument } from './trust-document.ts';
export type { PolicyCondition, PolicyDocument, PolicyStatement } from './policy-types.ts';

const ELEMENTS = ['Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'];

function readResources(members: Members, path: string): { texts: string[]; negated: boolean } {
  const read = readEither(members, path, ['Resource', 'NotResource']);
  const wrong = read.texts.findIndex((text) => !/^(\*|acs:)/.test(text));
  if (wrong >= 0)
    refuse(`${path}.${read.negated ? 'NotResource' : 'Resource'}[${wrong}] must be * or begin with acs:`);
  return read;
}

function readStatement(members: Members, path: string): PolicyStatement {
  onlyKnown(members, path, ELEMENTS);
  const effect = readEffect(members, path);
  const actions = readActions(members, path);
  const resources = readResources(members, path);
  const statement = {
    effect,
    actions: actions.texts,
    notActions: actions.negated,
    resources: resources.texts,
    notResources: resources.negated,
    conditions: readConditions(members, path),
  };
  prepareStatement(statement);
  return statement;
}

/**
 * Reads a permission policy, as strictly as the product does. Total: it never throws. `problem` is one English sentence
 * that names the statement (from 0) and the element, such as `Statement[1].Effect must be Allow or Deny`.
 */
export function parsePolicyDocument(text: string): ReadResult<PolicyDocument> {
  return readDocument(text, readStatement);
}
