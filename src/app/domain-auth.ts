import { z } from 'zod';
import type { DomainAuth } from '../core/domains.ts';
import { canonicalDomain } from '../core/names.ts';
import { mostSimilar } from './similar.ts';

/** Seconds that a signed URL is valid after the time in it, when nothing else is configured (the vendor's default). */
export const DEFAULT_URL_TTL_SECONDS = 1800;

const MAX_TTL_SECONDS = 31_536_000;
const KEYS = ['mainKey', 'backupKey', 'ttlSeconds'] as const;

function key(name: string): z.ZodString {
  const error = `${name} must be a text that is not empty`;
  return z.string({ error }).min(1, error);
}

const ttlError = `ttlSeconds must be a whole number from 1 to ${MAX_TTL_SECONDS}`;

const oneDomain = z.strictObject(
  {
    mainKey: key('mainKey'),
    backupKey: key('backupKey').optional(),
    ttlSeconds: z
      .int({ error: ttlError })
      .min(1, ttlError)
      .max(MAX_TTL_SECONDS, ttlError)
      .default(DEFAULT_URL_TTL_SECONDS),
  },
  {
    error: (issue) => {
      const slip = issue.code === 'unrecognized_keys' ? slipOf(issue.keys) : '';
      return `each domain must have mainKey, and may have backupKey and ttlSeconds, nothing else${slip}`;
    },
  },
);

/** A key that is no slip of one of ours is not repeated: it may be a secret that lost its name. */
function slipOf(keys: readonly string[]): string {
  const [slip] = keys.flatMap((name) => {
    const meant = mostSimilar(name, KEYS);
    return meant === undefined ? [] : [`; did you mean ${meant} by ${name}?`];
  });
  return slip ?? '';
}

/** URL authentication by domain. */
export const domainAuthSchema: z.ZodType<Record<string, DomainAuth>> = z
  .record(z.string(), oneDomain, {
    error: 'must be domains with their keys, such as {"live.example.com": {"mainKey": "..."}}',
  })
  .superRefine((domains, context) => {
    for (const name of Object.keys(domains))
      if (canonicalDomain(name) === undefined)
        context.addIssue({
          code: 'custom',
          path: [name],
          message: 'must be a domain such as live.example.com',
        });
  }) as z.ZodType<Record<string, DomainAuth>>;
