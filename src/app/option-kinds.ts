import { z } from 'zod';
import { AddressRanges } from '../base/net-address.ts';
import { canonicalDomain } from '../core/names.ts';
import { unknownName } from './similar.ts';

/** One option of the service: everything that flags, environment, file, docs page and sample need to know of it. */
export interface Option<T> {
  /** Checks the value of the file, or what {@link Option.fromText} made of a text. */
  readonly schema: z.ZodType<T>;
  /** Reads the text of a flag or an environment variable; the schema judges the result. */
  readonly fromText: (text: string) => unknown;
  /** The default, as the file would have it; null: not set. */
  readonly fallback: unknown;
  /** What a value looks like, for the docs. */
  readonly form: string;
  /** One or two sentences for the operator. */
  readonly doc: string;
  /** A value for the sample file, where the default shows too little. */
  readonly example?: unknown;
}

/** What every kind of option takes. */
interface Described {
  readonly doc: string;
  readonly example?: unknown;
}

const asIs = (text: string): unknown => text;

function numberOf(text: string): unknown {
  return /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text;
}

/** Reads `a=b,c=d`; what is not of that form, or has a name twice, stays a text, which no map is. */
function pairsOf(text: string, read: (value: string) => unknown = asIs): unknown {
  const pairs = text.split(',').map((pair) => pair.trim());
  const entries = pairs.filter((pair) => pair !== '').map((pair) => pair.split('='));
  const names = new Set(entries.map(([name = '']) => name.trim()));
  if (entries.some((entry) => entry.length !== 2) || names.size < entries.length) return text;
  return Object.fromEntries(entries.map(([name = '', value = '']) => [name.trim(), read(value.trim())]));
}

const TEXT = 'must be a text that is not empty';

/** A text; an empty one is refused. */
export function text(fallback: string, described: Described): Option<string> {
  const schema = z.string({ error: TEXT }).min(1, TEXT);
  return { schema, fromText: asIs, fallback, form: 'text', ...described };
}

/** A text that may be left out. */
export function optionalText(described: Described & { form?: string }): Option<string | null> {
  const schema = z.string({ error: TEXT }).min(1, TEXT).nullable();
  return { schema, fromText: asIs, fallback: null, form: 'text', ...described };
}

/** A whole number within bounds. */
export function integer(
  fallback: number,
  described: Described & { min: number; max: number },
): Option<number> {
  const { min, max, ...rest } = described;
  const error = `must be a whole number from ${min} to ${max}`;
  const schema = z.int({ error }).min(min, error).max(max, error);
  return { schema, fromText: numberOf, fallback, form: `${min} to ${max}`, ...rest };
}

/** A TCP port; 0 lets the system choose. */
export function port(fallback: number, described: Described): Option<number> {
  return integer(fallback, { min: 0, max: 65_535, ...described });
}

/** Yes or no. */
export function toggle(fallback: boolean, described: Described): Option<boolean> {
  const words: Record<string, boolean> = {
    true: true,
    yes: true,
    1: true,
    false: false,
    no: false,
    0: false,
  };
  const fromText = (word: string): unknown => words[word.trim().toLowerCase()] ?? word;
  const schema = z.boolean({ error: 'must be true or false' });
  return { schema, fromText, fallback, form: 'true or false', ...described };
}

/** One of some words. */
export function choice<const T extends string>(
  values: readonly T[],
  fallback: T,
  described: Described,
): Option<T> {
  const schema = z.enum(values, { error: `must be one of ${values.join(', ')}` });
  return { schema, fromText: asIs, fallback, form: values.join(', '), ...described };
}

const UNITS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration such as `90s`, `15m`, `12h`, `180d`, or `none`; milliseconds or null. */
export function duration(fallback: string, described: Described): Option<number | null> {
  const error = 'must be a duration such as 90s, 15m, 12h or 180d, or none';
  const schema = z
    .string({ error })
    .regex(/^([1-9]\d{0,5}[smhd]|none)$/, error)
    .transform((word) => (word === 'none' ? null : Number(word.slice(0, -1)) * (UNITS[word.slice(-1)] ?? 0)));
  return { schema, fromText: asIs, fallback, form: '90s, 15m, 12h, 180d or none', ...described };
}

/** Comma-separated. */
function listOf(listed: string): unknown {
  return listed
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

const DOMAIN = 'must be a domain such as live.example.com';

function isDomain(text: string): boolean {
  return canonicalDomain(text) !== undefined;
}

/** A domain, in any spelling. */
export function domain(fallback: string, described: Described): Option<string> {
  const schema = z.string({ error: DOMAIN }).refine(isDomain, DOMAIN);
  return { schema, fromText: asIs, fallback, form: 'domain', ...described };
}

/** A list of domains; comma-separated in flags and environment. */
export function domains(described: Described): Option<string[]> {
  const error = 'must be a list of domains such as live.example.com';
  const schema = z.array(z.string({ error }).refine(isDomain, error), { error });
  return { schema, fromText: listOf, fallback: [], form: 'list of domains', ...described };
}

/** Domains with a domain each; `a=b,c=d` in flags and environment. */
export function domainMap(described: Described): Option<Record<string, string>> {
  const error = 'must be domains with a domain each, once, as in push.example.com=live.example.com';
  const schema = z
    .record(z.string(), z.string({ error }).refine(isDomain, error), { error })
    .superRefine((map, context) => {
      for (const name of Object.keys(map))
        if (!isDomain(name)) context.addIssue({ code: 'custom', path: [name], message: error });
    });
  return {
    schema,
    fromText: (pairs) => pairsOf(pairs),
    fallback: {},
    form: 'domain=domain, ...',
    ...described,
  };
}

/** Domains with the id of an account each; `a=1234567890123456` in flags and environment. */
export function accountMap(described: Described): Option<Record<string, string>> {
  const error =
    'must be domains with the 16 digits of an account each, as in live.example.com=1234567890123456';
  // YAML reads digits without quotes as a number.
  const account = z.union([z.string(), z.int().transform(String)], { error });
  const schema = z
    .record(z.string(), account.pipe(z.string().regex(/^\d{16}$/, error)), { error })
    .superRefine((map, context) => {
      for (const name of Object.keys(map))
        if (!isDomain(name)) context.addIssue({ code: 'custom', path: [name], message: error });
    });
  return {
    schema,
    fromText: (pairs) => pairsOf(pairs),
    fallback: {},
    form: 'domain=account, ...',
    ...described,
  };
}

/** A list of CIDR ranges or addresses. */
export function addressRanges(described: Described): Option<string[]> {
  const error = 'must be a list of addresses or CIDR ranges such as 10.0.0.0/8';
  const schema = z.array(z.string({ error }).refine(isRange, error), { error });
  return { schema, fromText: listOf, fallback: [], form: 'list of CIDR ranges', ...described };
}

function isRange(range: string): boolean {
  try {
    new AddressRanges([range]);
    return true;
  } catch {
    return false;
  }
}

/** Names out of a known set, with a whole number above 0 each; `a=1,b=2` in flags and environment. */
export function countMap(names: readonly string[], described: Described): Option<Record<string, number>> {
  const error = 'must be names with a whole number above 0 each, once, as in a=1,b=2';
  const schema = z.record(z.string(), z.int({ error }).min(1, error), { error }).superRefine(known(names));
  const fromText = (pairs: string): unknown => pairsOf(pairs, numberOf);
  return { schema, fromText, fallback: {}, form: 'name=number, ...', ...described };
}

/** Names out of a known set, with one of some words each; `a=b,c=d` in flags and environment. */
export function choiceMap<const Name extends string, const T extends string>(
  names: readonly Name[],
  values: readonly T[],
  described: Described,
): Option<Partial<Record<Name, T>>> {
  const error = `must be names with one of ${values.join(', ')} each, once, as in ${names[0] ?? 'a'}=${values[0] ?? 'b'}`;
  const schema = z.record(z.string(), z.enum(values, { error }), { error }).superRefine(known(names));
  const form = `name=word, ... (${values.join(', ')})`;
  // The schema takes no other names; zod's type of a record does not say so.
  const typed = schema as unknown as z.ZodType<Partial<Record<Name, T>>>;
  return { schema: typed, fromText: (pairs) => pairsOf(pairs), fallback: {}, form, ...described };
}

/** Refuses the names that are none of these. */
function known(names: readonly string[]) {
  return (map: Record<string, unknown>, context: z.RefinementCtx): void => {
    for (const name of Object.keys(map))
      if (!names.includes(name)) context.addIssue({ code: 'custom', message: unknownName(name, names) });
  };
}

/** So many bytes in base64, which may be left out. */
export function secretBytes(bytes: number, described: Described): Option<string | null> {
  const error = `must be ${bytes} bytes in base64 (openssl rand -base64 ${bytes})`;
  // Node skips what is not base64, so only a text that prints as it was written is taken.
  const isKey = (text: string): boolean => {
    const decoded = Buffer.from(text.trim(), 'base64');
    return decoded.length === bytes && decoded.toString('base64') === text.trim();
  };
  const schema = z.string({ error }).refine(isKey, error).nullable();
  return { schema, fromText: asIs, fallback: null, form: `${bytes} bytes in base64`, ...described };
}

/** A structure of its own; JSON in the environment. */
export function structure<T>(schema: z.ZodType<T>, described: Described & { form: string }): Option<T> {
  const fromText = (json: string): unknown => {
    try {
      return JSON.parse(json) as unknown;
    } catch {
      return json;
    }
  };
  return { schema, fromText, fallback: {}, ...described };
}
