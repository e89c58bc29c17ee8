import type { Clock } from '../base/clock.ts';
import { isLoopback } from '../base/net-address.ts';
import type { BlockSet } from './blocks.ts';
import type { DomainAuth, DomainDirectory, KeyProblem, ResolvedDomain } from './domains.ts';
import type { StreamKey } from './names.ts';
import { checkUrlAuth } from './url-auth.ts';
import type { UrlAuthProblem } from './url-auth.ts';

/** What a peer asks for. Names as it sent them. */
export interface PeerRequest {
  readonly kind: 'publish' | 'play';
  /** `?vhost=` argument, else the host of tcUrl or of the Host header. */
  readonly domain: string | undefined;
  readonly app: string;
  /** Stream name without arguments and without a file suffix. */
  readonly stream: string;
  /** The path that URL authentication signs, as sent: `/app/stream`, with its suffix over HTTP. */
  readonly path: string;
  /** The `auth_key` argument. */
  readonly authKey: string | undefined;
  readonly clientAddress: string;
}

/** Why a peer was not admitted. */
export type AdmissionProblem = KeyProblem | UrlAuthProblem | 'not-loopback' | 'blocked';

/** The admitted key, or the reason of the refusal. */
export type Admission =
  | { readonly ok: true; readonly key: StreamKey; readonly namedDomain: string }
  | { readonly ok: false; readonly problem: AdmissionProblem; readonly message: string };

/** What admission needs. */
export interface AdmissionDeps {
  readonly clock: Clock;
  readonly domains: DomainDirectory;
  readonly blocks: BlockSet;
  /** Domains without URL authentication admit peers of other machines too. */
  readonly allowUnauthenticated: boolean;
}

const MESSAGES: Record<AdmissionProblem, string> = {
  'bad-domain': 'the domain is not a valid host name',
  'unknown-domain': 'the domain is not registered here',
  'bad-app': 'the app name is not valid',
  'reserved-app': 'the app name is reserved',
  'bad-stream': 'the stream name is not valid',
  'auth-missing': 'the URL carries no auth_key, and this domain requires one',
  'auth-malformed': 'the auth_key is not of the form timestamp-rand-uid-hash',
  'auth-expired': 'the auth_key has expired',
  'auth-mismatch': 'the auth_key does not match the URL',
  'not-loopback': 'this domain has no URL authentication; only peers of this machine are admitted',
  blocked: 'the stream is forbidden',
};

/**
 * Who may publish or play what: names, URL authentication, blocks. In memory, no I/O; asked before a publisher is told
 * that it may start, and the block again by the registry in the tick of attaching.
 */
export function admit(request: PeerRequest, deps: AdmissionDeps): Admission {
  const { clock, domains, blocks, allowUnauthenticated } = deps;
  const named = domains.key(request);
  if (!named.ok) return refuse(named.problem);
  const domain = { main: named.key.domain, named: named.namedDomain };
  const nowMs = clock.now();
  const auths = authsOf(request.kind, domain, domains);
  const problem = checkPeer(request, auths, { nowMs, allowUnauthenticated });
  if (problem) return refuse(problem);
  return blocks.find(named.key, nowMs) ? refuse('blocked') : named;
}

function refuse(problem: AdmissionProblem): Admission {
  return { ok: false, problem, message: MESSAGES[problem] };
}

function authsOf(
  kind: PeerRequest['kind'],
  domain: ResolvedDomain,
  domains: DomainDirectory,
): readonly DomainAuth[] {
  if (kind === 'publish') return domains.publishAuths(domain);
  const auth = domains.playAuth(domain);
  return auth ? [auth] : [];
}

function checkPeer(
  { path, authKey, clientAddress }: PeerRequest,
  auths: readonly DomainAuth[],
  { nowMs, allowUnauthenticated }: { nowMs: number; allowUnauthenticated: boolean },
): AdmissionProblem | undefined {
  if (auths.length === 0)
    return allowUnauthenticated || isLoopback(clientAddress) ? undefined : 'not-loopback';
  const problems = auths.map((auth) => checkUrlAuth(auth, { path, authKey, nowMs }));
  if (problems.includes(undefined)) return undefined;
  // Of several keys the one that matches knows best what is wrong.
  return problems.find((problem) => problem !== 'auth-mismatch') ?? 'auth-mismatch';
}
