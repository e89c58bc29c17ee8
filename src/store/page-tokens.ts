import type { PageTokens } from '../core/audit-trail.ts';
import type { SecretBox } from './secret-box.ts';

/** Tokens under the master key: they survive a restart, and nobody can read or make them. */
export function createPageTokens(box: SecretBox): PageTokens {
  const ownerOf = (scope: string): string => `page/${scope}`;
  return {
    seal: (scope, place) => box.seal(place, ownerOf(scope)),
    open(scope, token) {
      try {
        return box.open(token, ownerOf(scope));
      } catch {
        return undefined;
      }
    },
  };
}
