import { StartError } from '../base/errors.ts';
import { DomainDirectory } from '../core/domains.ts';
import type { DomainAuth } from '../core/domains.ts';
import { signUrlPath } from '../core/url-auth.ts';
import type { Config } from './config.ts';
import { coreSettings } from './settings.ts';

/** What to sign. Times are epoch milliseconds. */
export interface SignUrl {
  /** `rtmp://host[:port]/app/stream`, or `http://host[:port]/app/stream.flv`. */
  readonly url: string;
  readonly now: number;
  /** When the URL shall expire; absent: the domain's ttl from now. */
  readonly expiresAt?: number;
  /** Key and ttl to use instead of the configured ones. */
  readonly auth?: DomainAuth;
  /** 32 letters and digits that make the URL unlike any other. */
  readonly rand: string;
}

/** A signed URL and when it expires (epoch milliseconds). */
export interface SignedUrl {
  readonly url: string;
  readonly expiresAt: number;
}

const RTMP = /^(rtmps?):\/\/([^/?#@]+)(\/[^/?#]+\/[^/?#]+)(?:\?([^#]*))?$/i;
const HTTP = /^(https?|wss?):\/\/([^/?#@]+)(\/[^/?#]+\/[^/?#]+\.flv)(?:\?([^#]*))?$/i;

/**
 * Adds a type-A `auth_key` to a URL. The time in the URL is its expiry less the domain's ttl, because the check adds the
 * ttl again.
 * @throws StartError when the URL cannot be one, or its domain has no key
 */
export function signUrl(config: Config, { url, now, expiresAt, auth, rand }: SignUrl): SignedUrl {
  const [, scheme = '', host = '', path = '', query = ''] = RTMP.exec(url) ?? HTTP.exec(url) ?? [];
  if (path === '')
    throw new StartError(
      `${url} cannot be signed: it must be rtmp://host/app/stream or http://host/app/stream.flv`,
    );
  const rest = new URLSearchParams(query);
  rest.delete('auth_key');
  const used = auth ?? configuredAuth(config, rest.get('vhost') ?? host);
  const ttlMs = used.ttlSeconds * 1000;
  if (expiresAt !== undefined && expiresAt <= now) throw new StartError('the URL would have expired already');
  const unixSeconds = Math.floor(((expiresAt ?? now + ttlMs) - ttlMs) / 1000);
  rest.append('auth_key', signUrlPath(path, { key: used.mainKey, unixSeconds, rand }));
  return {
    url: `${scheme}://${host}${path}?${rest.toString()}`,
    expiresAt: unixSeconds * 1000 + ttlMs,
  };
}

function configuredAuth(config: Config, host: string): DomainAuth {
  const domains = new DomainDirectory(coreSettings(config).domains);
  const domain = domains.resolve(host);
  const auth = typeof domain === 'string' ? undefined : domains.playAuth(domain);
  if (auth) return auth;
  const name = typeof domain === 'string' ? host : domain.named;
  throw new StartError(
    `${name} has no URL authentication: configure domains.auth (--config), or give SLUICE_DOMAIN_KEY`,
  );
}
