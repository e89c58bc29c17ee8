import type { RamSpec } from '../operation.ts';

/**
 * What a policy names to allow an operation, as RAM spells it: `{account}` is the caller's account, `{<Parameter>}` a value of
 * the call. Of a domain either of the two spellings, and `*` for a call that names none.
 */
export function ramResources({ resource, also }: RamSpec): readonly string[] {
  if (resource !== 'domain') return also === undefined ? [resource] : [resource, also];
  return ['acs:live:*:{account}:domain/{DomainName}', 'acs:cdn:*:{account}:domain/{DomainName}'];
}

/** The same in Markdown: a domain by one name or the other, and each of two things. */
export function ramResourceText(ram: RamSpec): string {
  const names = ramResources(ram).map((resource) => `\`${resource}\``);
  return names.join(ram.also === undefined ? ' or ' : ' and, when the call has it, ');
}
