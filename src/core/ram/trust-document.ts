import {
  onlyKnown,
  readActions,
  readConditions,
  readDocument,
  readEffect,
  readMembers,
  readTexts,
  refuse,
} from './document-reader.ts';
import type { Members, ReadResult } from './document-reader.ts';
import type { TrustDocument, TrustPrincipals, TrustStatement } from './policy-types.ts';
import { prepareStatement } from './statement-match.ts';

const ELEMENTS = ['Effect', 'Action', 'NotAction', 'Principal', 'Condition'];

/** The kinds of principals: the shape of each and an example for the message. Wildcards name nobody, so none is taken. */
const PRINCIPALS = {
  RAM: {
    shape: /^acs:ram::[\w-]+:(root|(user|role)\/[^\s/:*?]+)$/,
    example: 'acs:ram::<account>:root or the ARN of a user or role',
  },
  Service: { shape: /^[\w-]+(\.[\w-]+)+$/, example: 'a service such as live.aliyuncs.com' },
  Federated: {
    shape: /^acs:ram::[\w-]+:(saml|oidc)-provider\/[^\s/:*?]+$/,
    example: 'the ARN of an identity provider',
  },
} as const;

function readPrincipal(principal: Members, path: string, kind: keyof typeof PRINCIPALS): string[] {
  if (!principal.has(kind)) return [];
  const texts = readTexts(principal.get(kind), `${path}.${kind}`);
  const { shape, example } = PRINCIPALS[kind];
  const wrong = texts.findIndex((text) => !shape.test(text));
  if (wrong >= 0) refuse(`${path}.${kind}[${wrong}] must be ${example}`);
  return texts;
}

function readPrincipals(members: Members, statement: string): TrustPrincipals {
  const path = `${statement}.Principal`;
  const principal = readMembers(members.get('Principal'), path);
  onlyKnown(principal, path, Object.keys(PRINCIPALS));
  if (principal.size === 0) refuse(`${path} must have RAM, Service or Federated`);
  return {
    ram: readPrincipal(principal, path, 'RAM'),
    service: readPrincipal(principal, path, 'Service'),
    federated: readPrincipal(principal, path, 'Federated'),
  };
}

function readStatement(members: Members, path: string): TrustStatement {
  onlyKnown(members, path, ELEMENTS);
  const effect = readEffect(members, path);
  const actions = readActions(members, path);
  if (!actions.texts.every((text) => /^sts:/i.test(text)))
    refuse(
      `${path}.${actions.negated ? 'NotAction' : 'Action'} must be sts:AssumeRole or another action of sts`,
    );
  const statement = {
    effect,
    actions: actions.texts,
    notActions: actions.negated,
    principals: readPrincipals(members, path),
    conditions: readConditions(members, path),
  };
  prepareStatement(statement);
  return statement;
}

/**
 * Reads a role's trust policy (AssumeRolePolicyDocument): like a permission policy, with Principal in place of Resource.
 * Total: it never throws; `problem` is as in `parsePolicyDocument`.
 */
export function parseTrustDocument(text: string): ReadResult<TrustDocument> {
  return readDocument(text, readStatement);
}
