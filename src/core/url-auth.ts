import { createHash, timingSafeEqual } from 'node:crypto';
import type { DomainAuth } from './domains.ts';

/** Why a URL's `auth_key` was not accepted. */
export type UrlAuthProblem = 'auth-missing' | 'auth-malformed' | 'auth-expired' | 'auth-mismatch';

function hashOf(path: string, stamp: string, key: string): string {
  return createHash('md5').update(`${path}-${stamp}-${key}`).digest('hex');
}

/**
 * The value of `auth_key` for a path, `<unix seconds>-<rand>-<uid>-<md5>` (ApsaraVideo Live's signing method A). The
 * path is `/app/stream` for RTMP and has its suffix (`/app/stream.flv`) for HTTP. `rand` must not contain `-`.
 */
export function signUrlPath(path: string, parts: { key: string; unixSeconds: number; rand: string }): string {
  const stamp = `${parts.unixSeconds}-${parts.rand}-0`;
  return `${stamp}-${hashOf(path, stamp, parts.key)}`;
}

/**
 * Checks the `auth_key` of a path against both keys of a domain; `nowMs` is epoch milliseconds. A URL is valid until
 * the time in it plus the domain's ttl.
 */
export function checkUrlAuth(
  auth: DomainAuth,
  request: { path: string; authKey: string | undefined; nowMs: number },
): UrlAuthProblem | undefined {
  if (request.authKey === undefined || request.authKey === '') return 'auth-missing';
  const match = /^((\d{1,12})-[^-]{1,128}-[^-]{1,64})-([0-9a-fA-F]{32})$/.exec(request.authKey);
  if (!match) return 'auth-malformed';
  const [, stamp = '', seconds = '', hash = ''] = match;
  const given = Buffer.from(hash.toLowerCase());
  const keys = auth.backupKey === undefined ? [auth.mainKey] : [auth.mainKey, auth.backupKey];
  const matches = keys.filter((key) => timingSafeEqual(given, Buffer.from(hashOf(request.path, stamp, key))));
  if (matches.length === 0) return 'auth-mismatch';
  return (Number(seconds) + auth.ttlSeconds) * 1000 < request.nowMs ? 'auth-expired' : undefined;
}
