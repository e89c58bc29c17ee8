import type { RamSpec } from '../operation.ts';

/**
 * What a policy names to allow an operation, as RAM spells it: `{account}` is the caller's account, `{<Parameter>}` a value of
 * the call. Of a domain either of the two spellings, and `*` for a call that names none.
 */
export function ramResources({ resource }: RamSpec): readonly string[] {
  if (resource !== 'domain') return [resource];
  return ['acs:live:*:{account}:domain/{DomainName}', 'acs:cdn:*:{account}:domain/{DomainName}'];
}
