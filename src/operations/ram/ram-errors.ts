import { AccountChangeError } from '../../core/account-changes.ts';
import { RamError } from '../../core/ram/ram-error.ts';
import type { RamProblem, RamThing } from '../../core/ram/ram-error.ts';
import type { ErrorSpec } from '../api-error.ts';

/** The vendor's word for a thing, as it stands in codes. */
const WORDS = {
  user: 'User',
  group: 'Group',
  role: 'Role',
  policy: 'Policy',
  'policy-version': 'Policy.Version',
  'access-key': 'User.AccessKey',
  'user-policy': 'User.Policy',
  'group-policy': 'Group.Policy',
  'role-policy': 'Role.Policy',
  membership: 'User.Group',
} as const satisfies Record<RamThing, string>;

const SENTENCES: Record<RamThing, string> = {
  user: 'user',
  group: 'group',
  role: 'role',
  policy: 'policy',
  'policy-version': 'policy version',
  'access-key': 'access key',
  'user-policy': 'policy attached to the user',
  'group-policy': 'policy attached to the group',
  'role-policy': 'policy attached to the role',
  membership: 'membership of the user',
};

type Word = (typeof WORDS)[RamThing];

/** `EntityNotExist.<Thing>`: what is named does not exist. */
export function notFound<T extends RamThing>(...things: T[]) {
  return table(things, 'EntityNotExist', (thing) => ({
    status: 404,
    message: `The ${SENTENCES[thing]} does not exist.`,
  })) as Record<`EntityNotExist.${(typeof WORDS)[T]}`, ErrorSpec>;
}

/** `EntityAlreadyExists.<Thing>`. */
export function exists<T extends RamThing>(...things: T[]) {
  return table(things, 'EntityAlreadyExists', (thing) => ({
    status: 409,
    message: `The ${SENTENCES[thing]} does already exist.`,
  })) as Record<`EntityAlreadyExists.${(typeof WORDS)[T]}`, ErrorSpec>;
}

/** `LimitExceeded.<Thing>`. */
export function limited<T extends RamThing>(...things: T[]) {
  return table(things, 'LimitExceeded', (thing) => ({
    status: 409,
    message: `The number of this kind is beyond its limit: ${SENTENCES[thing]}.`,
  })) as Record<`LimitExceeded.${(typeof WORDS)[T]}`, ErrorSpec>;
}

/** `DeleteConflict.<Thing>.<By>`: the thing still has others. */
export function inUse(thing: RamThing, ...by: RamThing[]) {
  const entries = by.map((other) => [
    conflictCode(thing, other),
    {
      status: 409,
      message: `The ${SENTENCES[thing]} cannot be deleted while it has this: ${SENTENCES[other]}.`,
    },
  ]);
  return Object.fromEntries(entries) as Record<string, ErrorSpec>;
}

/** The version of a policy that is in force cannot be deleted. */
export const VERSION_IN_FORCE = {
  'DeleteConflict.Policy.Version.Default': {
    status: 409,
    message: 'The default version of a policy cannot be deleted.',
  },
} as const satisfies Record<string, ErrorSpec>;

/** The text of a policy cannot be read. */
export const MALFORMED_POLICY = {
  MalformedPolicyDocument: { status: 400, message: 'The policy document is not valid.' },
} as const satisfies Record<string, ErrorSpec>;

/** Ours: the vendor lets an account's owner lock itself out of the API. */
export const LAST_KEY = {
  'OperationDenied.LastAccessKey': {
    status: 409,
    message:
      "The last active (root) key of the account's owner cannot be disabled or deleted through the API: make another first (sluice keys recover), or use sluice keys with --force.",
  },
} as const satisfies Record<string, ErrorSpec>;

/** What a rule's refusal is called; `detail` goes into the message. */
export function codeOf(error: unknown): { code: string; detail?: string } | undefined {
  if (error instanceof RamError) return codeOfProblem(error.problem);
  const replayed = error instanceof AccountChangeError && error.problem === 'nonce-used';
  return replayed ? { code: 'SignatureNonceUsed' } : undefined;
}

function codeOfProblem(problem: RamProblem): { code: string; detail?: string } {
  switch (problem.kind) {
    case 'not-found':
      return { code: `EntityNotExist.${WORDS[problem.thing]}` };
    case 'exists':
      return { code: `EntityAlreadyExists.${WORDS[problem.thing]}` };
    case 'limit':
      return { code: `LimitExceeded.${WORDS[problem.thing]}` };
    case 'in-use':
      return { code: conflictCode(problem.thing, problem.by) };
    case 'in-force':
      return { code: 'DeleteConflict.Policy.Version.Default' };
    case 'malformed-policy':
      return { code: 'MalformedPolicyDocument', detail: problem.detail };
    case 'no-user':
      return { code: 'EntityNotExist.User' };
    case 'last-key':
      return { code: 'OperationDenied.LastAccessKey' };
  }
}

function conflictCode(thing: RamThing, by: RamThing): string {
  const word: Word = WORDS[by];
  return `DeleteConflict.${WORDS[thing]}.${word.replace(/^User\./, '').replace(/^Policy\./, '')}`;
}

function table<T extends RamThing>(
  things: readonly T[],
  prefix: string,
  spec: (thing: T) => ErrorSpec,
): Record<string, ErrorSpec> {
  return Object.fromEntries(things.map((thing) => [`${prefix}.${WORDS[thing]}`, spec(thing)]));
}
