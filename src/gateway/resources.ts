import type { DomainDirectory } from '../core/domains.ts';
import type { Principal } from '../core/principals.ts';
import { domainSpellings, ramSpellings } from '../core/ram/resources.ts';
import type { Spellings } from '../core/ram/resources.ts';
import type { Operation } from '../operations/operation.ts';

/** What the names in a call are made of. */
export interface NamedIn {
  readonly parameters: ReadonlyMap<string, string>;
  readonly principal: Principal;
  readonly domains: DomainDirectory;
}

/**
 * Every name of what a call accesses, as RAM policies spell it; `*` when it names nothing in particular. A domain that
 * cannot be read is `*` here: decoding refuses it next.
 */
function resourcesOf(operation: Operation, named: NamedIn): Spellings {
  const { resource } = operation.ram;
  if (resource === '*') return ['*'];
  if (resource !== 'domain') return ramSpellings(fill(resource, named));
  const domain = domainOf(operation, named);
  return domain === undefined ? ['*'] : domainSpellings(named.principal.accountId, domain);
}

/** The same for each thing that a call is about, the first one first. */
export function allResourcesOf(operation: Operation, named: NamedIn): [Spellings, ...Spellings[]] {
  const { also } = operation.ram;
  const parameters = also?.match(/\{[A-Z]\w*\}/g) ?? [];
  const isNamed = parameters.every((parameter) => named.parameters.has(parameter.slice(1, -1)));
  const first = resourcesOf(operation, named);
  return also !== undefined && isNamed ? [first, ramSpellings(fill(also, named))] : [first];
}

/** The main domain that a call on a domain names; undefined when it names none or one that cannot be. */
export function domainOf(
  operation: Operation,
  { parameters, domains }: Pick<NamedIn, 'parameters' | 'domains'>,
): string | undefined {
  const given = operation.ram.resource === 'domain' ? parameters.get('DomainName') : undefined;
  const domain = given === undefined ? 'bad-domain' : domains.resolve(given);
  return typeof domain === 'string' ? undefined : domain.main;
}

/** What a call names, in one line for the audit trail: `domain/app/stream`, `user/alice`; null: nothing in particular. */
export function targetOf(operation: Operation, named: NamedIn): string | null {
  const { resource } = operation.ram;
  if (resource === '*') return null;
  if (resource !== 'domain') return fill(resource, named).replace(/^acs:ram:[^:]*:[^:]*:/, '');
  const domain = domainOf(operation, named);
  if (domain === undefined) return null;
  let target = domain;
  for (const name of ['AppName', 'StreamName']) {
    const value = named.parameters.get(name);
    if (value !== undefined) target += `/${value}`;
  }
  return target;
}

function fill(template: string, { parameters, principal }: NamedIn): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) =>
    name === 'account' ? principal.accountId : named(parameters.get(name) ?? impliedBy(principal, name)),
  );
}

/** Longer than any name that decoding lets through; policies are not asked about a text of any length. */
const LONGEST_NAME = 256;

function named(text: string): string {
  return text.length <= LONGEST_NAME ? text : '*';
}

/** A user that names no user means itself; otherwise leaving the name out would get around a policy that denies it. */
function impliedBy(principal: Principal, name: string): string {
  return name === 'UserName' && principal.kind === 'user' ? principal.user.name : '*';
}
