import type { DomainDirectory } from '../domains.ts';

/** Every spelling of the one thing that is accessed; a policy that names one of them names it. */
export type Spellings = [string, ...string[]];

/** The names of a main domain: as this product spells it, and as the vendor's pages do for the same operations. */
export function domainSpellings(accountId: string, main: string): Spellings {
  const suffix = `:*:${accountId}:domain/${main}`;
  return [`acs:live${suffix}`, `acs:cdn${suffix}`];
}

/** RAM is global: its names are written with `*` for the region, or with nothing. */
export function ramSpellings(name: string): Spellings {
  return name.startsWith('acs:ram:*:') ? [name, name.replace('acs:ram:*:', 'acs:ram::')] : [name];
}

const DOMAIN = /^acs:(?:live|cdn):[^:]*:([^:]*):domain\/(.+)$/;

/**
 * The spellings under which a call on a resource would be judged, however somebody wrote it: a push domain stands for its
 * main domain, no region is asked for, and the account is `accountId` when it is left open.
 */
export function spellingsAtTheDoor(
  resource: string,
  { accountId, domains }: { readonly accountId: string; readonly domains: DomainDirectory },
): Spellings {
  const [, account = '', named = ''] = DOMAIN.exec(resource) ?? [];
  if (named === '') return ramSpellings(resource.replace(/^acs:ram::/, 'acs:ram:*:'));
  const domain = domains.resolve(named);
  const owner = account === '' || account === '*' ? accountId : account;
  return domainSpellings(owner, typeof domain === 'string' ? named.toLowerCase() : domain.main);
}

/** Where a pattern names a region: before an account and a name; in full; or in part, before a star for all the rest. */
const REGIONS = [
  /^(acs:(?:live|cdn|ram):)[^:]*(:[^:]*:.*)$/s,
  /^(acs:(?:live|cdn|ram):)[^:*?]*(:.*)$/s,
  /^(acs:(?:live|cdn|ram):)[^:*?]+(?=\*)(.*)$/s,
];

/**
 * A statement's pattern of resources as calls are judged by it: a region in it is any, because calls ask for none, and
 * domains are lower-case, as calls ask for them. Otherwise a Deny that was written for the vendor's regions denied nothing.
 */
export function patternAtTheDoor(pattern: string): string {
  const [, service = '', named = ''] =
    REGIONS.map((region) => region.exec(pattern)).find((found) => found !== null) ?? [];
  const anywhere = service === '' ? pattern : `${service}*${named}`;
  if (!/^acs:(live|cdn):/.test(anywhere)) return anywhere;
  return anywhere.replace(/(?<=domain\/).*$/s, (domain) => domain.toLowerCase());
}
