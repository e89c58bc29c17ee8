import type { z } from 'zod';
import type { FieldMeta } from '../fields.ts';

/** One documented parameter or response field. */
export interface FieldEntry extends FieldMeta {
  /** Path in the answer: `OnlineInfo.LiveStreamOnlineInfo[].AppName`. */
  readonly name: string;
  readonly required: boolean;
  /** Value when it is left out. */
  readonly standard: string | undefined;
}

/** The fields of a declaration in their order, lists and objects opened. @throws Error naming one without documentation. */
export function fieldsOf(shape: z.ZodRawShape): FieldEntry[] {
  return Object.entries(shape).flatMap(([name, schema]) => entriesOf(name, schema as z.ZodType));
}

/** An answer with the example of every field. */
export function exampleOf(shape: z.ZodRawShape): Record<string, unknown> {
  const pairs = Object.entries(shape).map(([name, schema]) => [
    name,
    exampleValue(innerOf(schema as z.ZodType)),
  ]);
  return Object.fromEntries(pairs) as Record<string, unknown>;
}

/** A field without what only says whether it has to be there. */
export interface Inner {
  readonly schema: z.ZodType;
  readonly required: boolean;
  /** Value when it is left out. */
  readonly standard: string | undefined;
}

interface AnyDef {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly defaultValue?: unknown;
  readonly element?: z.ZodType;
  readonly shape?: z.ZodRawShape;
}

const defOf = (schema: z.ZodType): AnyDef => schema.def;

/** Takes `optional` and `default` off a field. */
export function innerOf(schema: z.ZodType): Inner {
  const { type, innerType, defaultValue } = defOf(schema);
  if (!OPTIONAL.has(type) || !innerType) return { schema, required: true, standard: undefined };
  const inner = innerOf(innerType);
  return { ...inner, required: false, standard: type === 'optional' ? inner.standard : String(defaultValue) };
}

const OPTIONAL: ReadonlySet<string> = new Set(['optional', 'default', 'prefault']);

/** The fields of an object; undefined for what is none. */
export function shapeOf(schema: z.ZodType): z.ZodRawShape | undefined {
  return defOf(schema).shape;
}

function entriesOf(name: string, outer: z.ZodType): FieldEntry[] {
  const { schema, required, standard } = innerOf(outer);
  const { element } = defOf(schema);
  const shape = shapeOf(schema);
  if (!element && !shape) return [{ ...metaOf(name, schema), name, required, standard }];
  const inner = element
    ? entriesOf(`${name}[]`, element)
    : Object.entries(shape ?? {}).flatMap(([key, field]) => entriesOf(`${name}.${key}`, field as z.ZodType));
  return inner.map((entry) => ({ ...entry, required: entry.required && required }));
}

/** What the documents say of a field. @throws Error naming one without documentation. */
export function metaOf(name: string, schema: z.ZodType): FieldMeta {
  const { type, description, example } = schema.meta() ?? {};
  if (typeof type !== 'string' || description === undefined || typeof example !== 'string')
    throw new Error(`${name} is not documented`);
  return { type, description, example };
}

function exampleValue({ schema }: Inner): unknown {
  const { type, shape, element } = defOf(schema);
  if (element) return [exampleValue(innerOf(element))];
  if (shape) return exampleOf(shape);
  const { example } = metaOf('the field', schema);
  return type === 'number' ? Number(example) : type === 'boolean' ? example === 'true' : example;
}
