/** The things of RAM that a rule can be about. */
export type RamThing =
  | 'user'
  | 'group'
  | 'role'
  | 'policy'
  | 'policy-version'
  | 'access-key'
  | 'user-policy'
  | 'group-policy'
  | 'role-policy'
  | 'membership';

/** Why a change of an account's RAM was refused. Names, no HTTP: the operations know the codes. */
export type RamProblem =
  /** There is no such thing. */
  | { readonly kind: 'not-found'; readonly thing: RamThing }
  /** There is one already. */
  | { readonly kind: 'exists'; readonly thing: RamThing }
  /** The account, or what is named, may not have more of them. */
  | { readonly kind: 'limit'; readonly thing: RamThing }
  /** It cannot be deleted while it has these. */
  | { readonly kind: 'in-use'; readonly thing: RamThing; readonly by: RamThing }
  /** The version of a policy cannot be deleted while it is the one in force. */
  | { readonly kind: 'in-force' }
  /** A policy's text cannot be read; `detail` says where. */
  | { readonly kind: 'malformed-policy'; readonly detail: string }
  /** The caller is an account owner or a session, and the operation is about a user's own things. */
  | { readonly kind: 'no-user' }
  /** The account's owner would have no active key left to come in with. */
  | { readonly kind: 'last-key' };

/** A rule of RAM was broken; nothing was changed. */
export class RamError extends Error {
  override name = 'RamError';
  readonly problem: RamProblem;

  constructor(problem: RamProblem) {
    super(`refused by RAM: ${problem.kind}`);
    this.problem = problem;
  }
}

/** What was looked for. @throws RamError when there is none. */
export function found<T>(thing: RamThing, entity: T | undefined): T {
  if (entity === undefined) throw new RamError({ kind: 'not-found', thing });
  return entity;
}
