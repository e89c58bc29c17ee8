import type { Clock } from '../base/clock.ts';
import type { AccountView, Directory } from './directory.ts';
import type { PolicyAttachment, PolicyEntity, RoleEntity } from './entities.ts';
import { arnOf } from './principals.ts';
import type { Principal } from './principals.ts';
import { evaluateSession } from './ram/evaluate.ts';
import type { NamedPolicy, PolicyDecision, PolicyQuestion } from './ram/evaluate.ts';
import { parsePolicyDocument } from './ram/policy-document.ts';
import { SYSTEM_POLICIES } from './ram/system-policies.ts';

/** What a caller wants to do. */
export interface AccessRequest {
  readonly principal: Principal;
  /** `<product>:<Operation>`. */
  readonly action: string;
  /** Every spelling of what is accessed; a policy that names one of them names it. */
  readonly resources: readonly [string, ...string[]];
  readonly clientAddress: string;
  /** Whether the call came over TLS. */
  readonly secure: boolean;
  readonly userAgent: string | undefined;
}

/** What became of it. */
export interface AccessDecision extends PolicyDecision {
  /** What a denial comes from: the role or user itself, or the policy that narrows a session. */
  readonly limitedBy?: 'identity' | 'session';
}

/** All policies that speak about a principal; `session` is the one that narrows a session, null when there is none. */
export interface PolicySet {
  readonly identity: readonly NamedPolicy[];
  readonly session: NamedPolicy | null;
}

/** What deciding needs. */
export interface AccessDeps {
  readonly clock: Clock;
  readonly directory: Directory;
}

/** Characters of a User-Agent that conditions see: a header may be far longer than any pattern is meant for. */
const MAX_USER_AGENT = 512;

/** Principals whose policies are remembered at most. */
const REMEMBERED = 10_000;

/**
 * Who may do what: the policies of a principal against what it asks. Account owners are not evaluated. The policies of a
 * principal are gathered and read once, until the directory changes.
 */
export class Access {
  readonly #deps: AccessDeps;
  readonly #gathered = new Map<string, { readonly generation: string; readonly policies: PolicySet }>();

  constructor(deps: AccessDeps) {
    this.#deps = deps;
  }

  /** Whether a principal may do something, and which statement decided. */
  decide(request: AccessRequest): AccessDecision {
    if (request.principal.kind === 'owner') return { effect: 'allow' };
    const { identity, session } = this.policiesOf(request.principal);
    return evaluateSession(identity, session, this.questionOf(request));
  }

  /** The request as policies see it. */
  questionOf({ principal, action, resources, ...context }: AccessRequest): PolicyQuestion {
    const { clientAddress, secure, userAgent } = context;
    const keys = new Map([
      ['acs:SourceIp', clientAddress],
      ['acs:SecureTransport', String(secure)],
      ['acs:CurrentTime', new Date(this.#deps.clock.now()).toISOString()],
      ['acs:PrincipalArn', arnOf(principal)],
    ]);
    if (userAgent !== undefined) keys.set('acs:UserAgent', userAgent.slice(0, MAX_USER_AGENT));
    return { action, resources, context: keys };
  }

  /** The policies of a user with those of its groups, or of a session. */
  policiesOf(principal: Exclude<Principal, { kind: 'owner' }>): PolicySet {
    const generation = this.#deps.directory.generationOf(principal.accountId);
    const id = principal.kind === 'user' ? principal.user.id : principal.claims.accessKeyId;
    const known = this.#gathered.get(id);
    if (known?.generation === generation) return known.policies;
    if (this.#gathered.size >= REMEMBERED) this.#gathered.clear();
    const policies = this.#gather(principal);
    this.#gathered.set(id, { generation, policies });
    return policies;
  }

  /** The policies of a role, as each of its sessions has them. */
  policiesOfRole({ accountId, name, policies }: RoleEntity): NamedPolicy[] {
    return attachedPolicies(this.#deps.directory.view(accountId), policies, `role/${name}`);
  }

  #gather(principal: Exclude<Principal, { kind: 'owner' }>): PolicySet {
    const account = this.#deps.directory.view(principal.accountId);
    if (principal.kind === 'session') {
      const { role, claims } = principal;
      const session = claims.policy === null ? null : sessionPolicy(claims.policy);
      return { identity: this.policiesOfRole(role), session };
    }
    const { user } = principal;
    const groups = [...account.groups.values()].filter(({ members }) =>
      members.some(({ userId }) => userId === user.id),
    );
    const ofGroups = groups.flatMap(({ name, policies }) =>
      attachedPolicies(account, policies, `group/${name}`),
    );
    const own = attachedPolicies(account, user.policies, `user/${user.name}`);
    return { identity: once([...own, ...ofGroups]), session: null };
  }
}

/** A policy that comes several ways is judged once, as what it came as first. */
function once(policies: readonly NamedPolicy[]): NamedPolicy[] {
  const first = new Map<NamedPolicy['document'], NamedPolicy>();
  for (const policy of policies) if (!first.has(policy.document)) first.set(policy.document, policy);
  return [...first.values()];
}

/** The text in force of an account's policy. */
function documentOf({ versions, defaultVersion }: PolicyEntity): string {
  return versions.find(({ id }) => id === defaultVersion)?.document ?? '';
}

function attachedPolicies(
  account: AccountView,
  attachments: readonly PolicyAttachment[],
  source: string,
): NamedPolicy[] {
  return attachments.map(({ type, name }) => {
    const custom = type === 'Custom' ? account.policies.get(name) : undefined;
    const document = type === 'System' ? SYSTEM_POLICIES.get(name)?.document : custom && readPolicy(custom);
    return { name, type, source, document: document ?? DENY_ALL };
  });
}

/** Entities never change, so one is read once however many bear it. */
const documents = new WeakMap<PolicyEntity, NamedPolicy['document']>();

/**
 * What stands for a policy that is not there or cannot be read (only such are stored, but a later release may be
 * stricter): nobody knows what it denied, so it denies everything.
 */
const DENY_ALL = readText('{"Version":"1","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}');

function readPolicy(policy: PolicyEntity): NamedPolicy['document'] | undefined {
  const known = documents.get(policy);
  if (known) return known;
  const document = readText(documentOf(policy));
  documents.set(policy, document);
  return document;
}

function readText(text: string): NamedPolicy['document'] {
  const parsed = parsePolicyDocument(text);
  return parsed.ok ? parsed.document : DENY_ALL;
}

function sessionPolicy(text: string): NamedPolicy {
  const parsed = parsePolicyDocument(text);
  const document = parsed.ok ? parsed.document : { statements: [] };
  return { name: 'session', type: 'Session', source: 'session', document };
}
