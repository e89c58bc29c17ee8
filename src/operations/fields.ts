import { z } from 'zod';
import { formatTimestamp, parseTimestamp } from '../base/timestamp.ts';

/** What the documents say of a parameter or a response field. */
export interface FieldDoc {
  /** A whole sentence in Markdown. */
  readonly description: string;
  readonly example: string;
}

/** {@link FieldDoc} with the type's name, as the documents show it. */
export interface FieldMeta extends FieldDoc {
  /** `String`, `Integer`, ... and its bounds. */
  readonly type: string;
}

const meta = (type: string, doc: FieldDoc): Record<string, unknown> & FieldMeta => ({ ...doc, type });

/** Any text that is not empty. */
export const text = (doc: FieldDoc): z.ZodString => z.string().meta(meta('String', doc));

/** Text of at most `maxBytes` bytes of UTF-8. */
export const boundedText = (maxBytes: number, doc: FieldDoc): z.ZodString =>
  z
    .string()
    .refine((value) => Buffer.byteLength(value) <= maxBytes)
    .meta(meta(`String, at most ${maxBytes} bytes`, doc));

/** One of a few words. */
export const choice = <const T extends readonly [string, ...string[]]>(
  values: T,
  doc: FieldDoc,
): z.ZodEnum<{ [K in T[number]]: K }> =>
  z.enum(values).meta(meta(values.map((value) => `\`${value}\``).join(', '), doc));

/** A whole number within bounds. */
export const integer = (
  bounds: { min: number; max: number },
  doc: FieldDoc,
): z.ZodPipe<z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>, z.ZodNumber> =>
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.number().min(bounds.min).max(bounds.max))
    .meta(meta(`Integer, ${bounds.min} to ${bounds.max}`, doc));

/** `true` or `false`, in any case. */
export const flag = (doc: FieldDoc): z.ZodPipe<z.ZodString, z.ZodTransform<boolean, string>> =>
  z
    .string()
    .regex(/^(true|false)$/i)
    .transform((value) => value.toLowerCase() === 'true')
    .meta(meta('Boolean', doc));

/** `yyyy-MM-ddTHH:mm:ssZ`, read as epoch milliseconds. */
export const time = (doc: FieldDoc): z.ZodPipe<z.ZodString, z.ZodTransform<number, string>> =>
  z
    .string()
    .transform((value, context) => {
      const ms = parseTimestamp(value);
      if (ms !== undefined) return ms;
      context.addIssue('not of the form yyyy-MM-ddTHH:mm:ssZ');
      return z.NEVER;
    })
    .meta(meta('Time, `yyyy-MM-ddTHH:mm:ssZ`', doc));

/** A whole number in an answer: a fraction breaks the Java SDK. */
export const count = (doc: FieldDoc): z.ZodInt => z.int().meta(meta('Integer', doc));

/** `true` or `false` in an answer. */
export const truth = (doc: FieldDoc): z.ZodBoolean => z.boolean().meta(meta('Boolean', doc));

/** A list in the vendor's wrapper: `{ "<item>": [...] }`. */
export const wrappedList = <Name extends string, T extends z.ZodType>(
  name: Name,
  item: T,
): z.ZodObject<Record<Name, z.ZodArray<T>>> =>
  z.object({ [name]: z.array(item) } as Record<Name, z.ZodArray<T>>);

/** Epoch milliseconds as an answer shows them; null is left out. */
export const shownTime = (ms: number | null): string | undefined =>
  ms === null ? undefined : formatTimestamp(ms);
