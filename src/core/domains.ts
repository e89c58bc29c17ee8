import { isIpLiteral } from '../base/net-address.ts';
import { canonicalDomain, canonicalName, RESERVED_APPS } from './names.ts';
import type { StreamKey } from './names.ts';

/** Type-A URL authentication of one domain (see url-auth.ts). */
export interface DomainAuth {
  readonly mainKey: string;
  /** Accepted besides the main key, so that the main key can be rotated. */
  readonly backupKey?: string;
  /** Seconds that a signed URL stays valid after the time in it. */
  readonly ttlSeconds: number;
}

/** What the configuration says of domains. All names in any spelling. */
export interface DomainSettings {
  /** The main domain of peers that name none, an IP address or `localhost`. */
  readonly defaultDomain: string;
  /** `open`: a signed call may name any domain; `registered`: only those named in the settings. */
  readonly mode: 'open' | 'registered';
  /** Push (or other alias) domain to its main domain. */
  readonly mappings: Readonly<Record<string, string>>;
  /** URL authentication by domain, push or main. */
  readonly auth: Readonly<Record<string, DomainAuth>>;
  /** Further registered main domains. */
  readonly registered: readonly string[];
  /** Main domain to the id of its account. */
  readonly owners: Readonly<Record<string, string>>;
}

/** A name of a peer or a call that cannot be part of a stream's key. */
export type KeyProblem = 'bad-domain' | 'unknown-domain' | 'bad-app' | 'reserved-app' | 'bad-stream';

/** Either a key, with the domain as it was named (canonical), or what is wrong with the names. */
export type KeyResult =
  | { readonly ok: true; readonly key: StreamKey; readonly namedDomain: string }
  | { readonly ok: false; readonly problem: KeyProblem };

/** A domain as named (canonical) and the main domain that it stands for. */
export interface ResolvedDomain {
  readonly main: string;
  readonly named: string;
}

/** What a domain means, or why it means none. */
type Resolution = ResolvedDomain | 'bad-domain' | 'unknown-domain';

/** A call asks several times what its domain means, at some microseconds each: the answers to so many texts are kept. */
const MOST_REMEMBERED = 1000;
/** Longer texts are no domain. */
const LONGEST_REMEMBERED = 260;

/**
 * Which names belong to which main domain. Every door (API, RTMP, FLV) makes its keys here, so that a block cannot be
 * evaded by spelling.
 */
export class DomainDirectory {
  readonly #mains = new Map<string, string>();
  readonly #known = new Set<string>();
  readonly #auth = new Map<string, DomainAuth>();
  readonly #owners = new Map<string, string>();
  /** What texts mean, as they were asked for. */
  readonly #resolved = new Map<string, Resolution>();
  readonly #default: string;
  readonly #mode: DomainSettings['mode'];

  /** @throws Error naming the domain of the settings that is no host name, or an alias of an alias. */
  constructor(settings: DomainSettings) {
    this.#mode = settings.mode;
    this.#default = required(settings.defaultDomain);
    const aliases = Object.entries(settings.mappings).map(
      ([from, to]) => [required(from), required(to)] as const,
    );
    for (const [from, to] of aliases) {
      if (aliases.some(([other]) => other === to && other !== from))
        throw new Error(`domain mapping "${from}": "${to}" is itself an alias`);
      this.#mains.set(from, to);
      this.#known.add(to);
    }
    for (const name of [settings.defaultDomain, ...settings.registered])
      this.#known.add(this.#mainOf(required(name)));
    for (const [name, auth] of Object.entries(settings.auth)) {
      this.#auth.set(required(name), auth);
      this.#known.add(this.#mainOf(required(name)));
    }
    for (const [name, accountId] of Object.entries(settings.owners)) {
      const main = this.#mainOf(required(name));
      this.#owners.set(main, accountId);
      this.#known.add(main);
    }
  }

  /** The main domain of peers that name none. */
  get defaultDomain(): string {
    return this.#default;
  }

  /** Whether the configuration names a main domain or one that stands for it. */
  isConfigured(main: string): boolean {
    return this.#known.has(main);
  }

  /** The account that the configuration gives a main domain to. */
  configuredOwner(main: string): string | undefined {
    return this.#owners.get(main);
  }

  /** The domain that a call or a peer names; an IP address, `localhost` or nothing means the default domain. */
  resolve(raw = ''): Resolution {
    const known = this.#resolved.get(raw);
    if (known !== undefined) return known;
    const resolution = this.#resolve(raw);
    if (raw.length <= LONGEST_REMEMBERED) {
      if (this.#resolved.size >= MOST_REMEMBERED) this.#resolved.clear();
      this.#resolved.set(raw, resolution);
    }
    return resolution;
  }

  #resolve(raw: string): Resolution {
    const text = raw
      .trim()
      .toLowerCase()
      .replace(/^\[(.*)\](:\d+)?$/, '$1');
    const bare = isIpLiteral(text) ? text : text.replace(/:\d{1,5}$/, '').replace(/\.$/, '');
    const fallback = { main: this.#mainOf(this.#default), named: this.#default };
    if (bare === '' || bare === 'localhost' || isIpLiteral(bare)) return fallback;
    const named = canonicalDomain(bare);
    if (named === undefined) return 'bad-domain';
    // `127.1` or `0x7f000001` is an address too, once it is spelled out.
    if (isIpLiteral(named)) return fallback;
    const main = this.#mainOf(named);
    return this.#mode === 'registered' && !this.#known.has(main) ? 'unknown-domain' : { main, named };
  }

  /** The key of the stream that these names mean. */
  key(names: { domain: string | undefined; app: string; stream: string }): KeyResult {
    const domain = this.resolve(names.domain);
    if (typeof domain === 'string') return { ok: false, problem: domain };
    const app = canonicalName(names.app);
    if (app === undefined) return { ok: false, problem: 'bad-app' };
    if (RESERVED_APPS.has(app)) return { ok: false, problem: 'reserved-app' };
    const stream = canonicalName(names.stream);
    if (stream === undefined) return { ok: false, problem: 'bad-stream' };
    return { ok: true, key: { domain: domain.main, app, stream }, namedDomain: domain.named };
  }

  /** The URL authentication of players of a domain: its own, else its main domain's. */
  playAuth({ named, main }: ResolvedDomain): DomainAuth | undefined {
    return this.#auth.get(named) ?? this.#auth.get(main);
  }

  /**
   * The URL authentications of publishers of a domain, any of which will do; none: whoever may connect may publish. A
   * push domain has its own. Naming the main domain, or a push domain without a key, does not get around the keys of
   * the push domains beside it, nor will a key do there that players have.
   */
  publishAuths({ named, main }: ResolvedDomain): readonly DomainAuth[] {
    if (this.#auth.size === 0) return [];
    const aliases = this.#mains.has(named) && this.#auth.has(named) ? [named] : this.#aliasesOf(main);
    const own = aliases.flatMap((alias) => this.#auth.get(alias) ?? []);
    return own.length > 0 ? own : [this.#auth.get(main)].filter((auth) => auth !== undefined);
  }

  #aliasesOf(main: string): string[] {
    return [...this.#mains].filter(([, to]) => to === main).map(([alias]) => alias);
  }

  #mainOf(canonical: string): string {
    return this.#mains.get(canonical) ?? canonical;
  }
}

function required(raw: string): string {
  const domain = canonicalDomain(raw);
  if (domain === undefined) throw new Error(`"${raw}" is not a domain name`);
  return domain;
}
