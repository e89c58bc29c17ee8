import { z } from 'zod';
import { AddressRanges } from '../base/net-address.ts';

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

function pairsOf(text: string): unknown {
  const pairs = text.split(',').map((pair) => pair.trim());
  const entries = pairs.filter((pair) => pair !== '').map((pair) => pair.split('='));
  if (entries.some((entry) => entry.length !== 2)) return text;
  return Object.fromEntries(entries.map(([name = '', value = '']) => [name.trim(), numberOf(value.trim())]));
}

/** A text; an empty one is refused. */
export function text(fallback: string, described: Described): Option<string> {
  const error = 'must be a text';
  return { schema: z.string({ error }).min(1, error), fromText: asIs, fallback, form: 'text', ...described };
}

/** A text that may be left out. */
export function optionalText(described: Described & { form?: string }): Option<string | null> {
  const schema = z.string({ error: 'must be a text' }).min(1, 'must not be empty').nullable();
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

function listOf(listed: string): unknown {
  return listed
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** A list of texts; comma-separated in flags and environment. */
export function list(described: Described): Option<string[]> {
  const schema = z.array(z.string().min(1), { error: 'must be a list of texts' });
  return { schema, fromText: listOf, fallback: [], form: 'list', ...described };
}

/** A list of CIDR ranges or addresses. */
export function addressRanges(described: Described): Option<string[]> {
  const schema = z.array(z.string(), { error: 'must be a list of address ranges' }).refine(readable, {
    error: 'must be a list of address ranges such as 10.0.0.0/8',
  });
  return { schema, fromText: listOf, fallback: [], form: 'list of CIDR ranges', ...described };
}

function readable(ranges: string[]): boolean {
  try {
    new AddressRanges(ranges);
    return true;
  } catch {
    return false;
  }
}

/** Names with a text each; `a=b,c=d` in flags and environment. */
export function textMap(described: Described): Option<Record<string, string>> {
  const schema = z.record(z.string(), z.string(), { error: 'must be names with a text each, as in a=b,c=d' });
  return { schema, fromText: pairsOf, fallback: {}, form: 'name=text, ...', ...described };
}

/** Names out of a known set, with a whole number above 0 each; `a=1,b=2` in flags and environment. */
export function countMap(names: readonly string[], described: Described): Option<Record<string, number>> {
  const error = 'must be names with a whole number above 0 each, as in a=1,b=2';
  const schema = z
    .record(z.string(), z.int({ error }).min(1, error), { error })
    .superRefine((counts, context) => {
      for (const name of Object.keys(counts))
        if (!names.includes(name)) context.addIssue({ code: 'custom', message: `${name} is not known` });
    });
  return { schema, fromText: pairsOf, fallback: {}, form: 'name=number, ...', ...described };
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
