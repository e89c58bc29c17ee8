import { z } from 'zod';
import { innerOf, metaOf, shapeOf } from './describe.ts';

/** A JSON Schema (2020-12) of what goes over the wire. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** How `yyyy-MM-ddTHH:mm:ssZ` is told from other times. */
const TIME_PATTERN = '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z$';

/** What a parameter may be, as text in a query or a form; with its default. */
export function parameterSchema(name: string, outer: z.ZodType): JsonSchema {
  const { schema, standard } = innerOf(outer);
  const { type: description } = metaOf(name, schema);
  const wire = textSchema(description, schema);
  return { ...wire, description, ...(standard !== undefined && { default: typed(standard, wire) }) };
}

/** A documented example as the schema types it. */
export function typed(example: string, { type }: JsonSchema): unknown {
  if (type === 'integer' || type === 'number') return Number(example);
  return type === 'boolean' ? example === 'true' : example;
}

/** What an object of an answer looks like: every field that is not optional is always there. */
export function answerSchema(shape: z.ZodRawShape): JsonSchema {
  const fields = Object.entries(shape) as [string, z.ZodType][];
  const required = fields.filter(([, field]) => innerOf(field).required).map(([name]) => name);
  const properties = Object.fromEntries(fields.map(([name, field]) => [name, fieldSchema(name, field)]));
  return { type: 'object', properties, ...(required.length > 0 && { required }) };
}

function fieldSchema(name: string, outer: z.ZodType): JsonSchema {
  const { schema } = innerOf(outer);
  if (schema instanceof z.ZodArray)
    return { type: 'array', items: fieldSchema(name, schema.element as z.ZodType) };
  const shape = shapeOf(schema);
  if (shape) return answerSchema(shape);
  const { description, example } = metaOf(name, schema);
  const wire = valueSchema(schema);
  return { ...wire, description, examples: [typed(example, wire)] };
}

/** The schema of a parameter's text. What has no name in JSON Schema is said by the documented type alone. */
function textSchema(type: string, schema: z.ZodType): JsonSchema {
  const end = endOf(schema);
  if (end instanceof z.ZodEnum) return { type: 'string', enum: end.options };
  if (end instanceof z.ZodNumber) return { type: 'integer', ...boundsOf(end) };
  if (type.startsWith('Boolean')) return { type: 'boolean' };
  if (type.startsWith('Time')) return { type: 'string', format: 'date-time', pattern: TIME_PATTERN };
  const maxBytes = /at most (\d+) bytes/.exec(type)?.[1];
  if (maxBytes !== undefined) return { type: 'string', maxLength: Number(maxBytes) };
  const { pattern } = schema.meta() ?? {};
  return {
    type: 'string',
    ...(end instanceof z.ZodString && lengthsOf(end)),
    ...(typeof pattern === 'string' && { pattern }),
  };
}

function valueSchema(schema: z.ZodType): JsonSchema {
  const end = endOf(schema);
  if (end instanceof z.ZodEnum) return { type: 'string', enum: end.options };
  if (end instanceof z.ZodNumber) return { type: end.format?.includes('int') ? 'integer' : 'number' };
  if (end instanceof z.ZodBoolean) return { type: 'boolean' };
  return { type: 'string' };
}

/** What a chain of steps ends in: the schema whose bounds the value has to be within. */
function endOf(schema: z.ZodType): z.ZodType {
  if (!(schema instanceof z.ZodPipe)) return schema;
  const last = schema.out as z.ZodType;
  return endOf(last instanceof z.ZodTransform ? (schema.in as z.ZodType) : last);
}

function boundsOf({ minValue, maxValue }: z.ZodNumber): JsonSchema {
  return {
    ...(minValue !== null && Number.isFinite(minValue) && { minimum: minValue }),
    ...(maxValue !== null && Number.isFinite(maxValue) && { maximum: maxValue }),
  };
}

function lengthsOf({ minLength, maxLength }: z.ZodString): JsonSchema {
  return { ...(minLength !== null && { minLength }), ...(maxLength !== null && { maxLength }) };
}
