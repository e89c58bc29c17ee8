import type { z } from 'zod';
import type { ErrorSpec } from '../api-error.ts';
import type { Operation } from '../operation.ts';
import { API_VERSIONS } from '../products.ts';
import { exampleOf, fieldsOf } from './describe.ts';
import type { FieldEntry } from './describe.ts';
import { familyOf } from './families.ts';
import { errorResponses } from './openapi-errors.ts';
import { isOurs } from './ownership.ts';
import { ramResources } from './ram-resource.ts';
import { answerSchema, parameterSchema, typed } from './wire-schema.ts';
import type { JsonSchema } from './wire-schema.ts';

const REQUEST_ID = 'A57FBFD7-FC9A-54FE-A876-4D5E19577186';

/** Where a tool lists an operation. */
export function tagOf({ name, product }: Operation): string {
  return product === 'live' ? familyOf(name) : product.toUpperCase();
}

/** The schema of an operation's answer; as XML its root is `<Action>Response`. */
export function answerSchemaOf({ name, response }: Operation): JsonSchema {
  const { properties, required = [], ...rest } = answerSchema(response.shape);
  const requestId = { type: 'string', description: 'Identifies the call.', examples: [REQUEST_ID] };
  return {
    ...rest,
    xml: { name: `${name}Response` },
    properties: { RequestId: requestId, ...(properties as object) },
    required: ['RequestId', ...(required as readonly string[])],
  };
}

/** An operation by GET, with its parameters in the query, and by POST, with them in a form. */
export function pathItemOf(
  operation: Operation,
  commonErrors: Readonly<Record<string, ErrorSpec>>,
): Readonly<Record<string, unknown>> {
  const { name, product, errors, parameters } = operation;
  const fields = fieldsOf(parameters.shape).map((field) => withSchema(field, parameters.shape));
  const shared = {
    tags: [tagOf(operation)],
    summary: operation.summary,
    description: operation.doc,
    ...extensionsOf(operation),
    responses: { '200': successOf(operation), ...errorResponses(errors, commonErrors) },
  };
  return {
    parameters: [
      constant('Action', name),
      constant('Version', API_VERSIONS[product]),
      { $ref: '#/components/parameters/Format' },
    ],
    post: { operationId: name, ...shared, ...(fields.length > 0 && { requestBody: formOf(fields) }) },
    get: { operationId: `${name}ByGet`, ...shared, parameters: fields.map(queryParameter) },
  };
}

type Field = FieldEntry & { readonly schema: JsonSchema };

function withSchema(field: FieldEntry, shape: z.ZodRawShape): Field {
  return { ...field, schema: parameterSchema(field.name, shape[field.name] as z.ZodType) };
}

function constant(name: string, value: string): object {
  const schema = { type: 'string', enum: [value] };
  return { name, in: 'query', required: true, description: 'Chooses the operation.', schema, example: value };
}

function queryParameter({ name, description, required, example, schema }: Field): object {
  return { name, in: 'query', required, description, schema, example: typed(example, schema) };
}

function formOf(fields: readonly Field[]): object {
  const required = fields.filter((field) => field.required).map(({ name }) => name);
  const properties = fields.map(({ name, description, example, schema }) => [
    name,
    {
      ...schema,
      description: `${description} (${String(schema['description'])})`,
      examples: [typed(example, schema)],
    },
  ]);
  const schema = {
    type: 'object',
    properties: Object.fromEntries(properties) as object,
    ...(required.length > 0 && { required }),
  };
  return { required: required.length > 0, content: { 'application/x-www-form-urlencoded': { schema } } };
}

function successOf({ name, response }: Operation): object {
  const schema = { $ref: `#/components/schemas/${name}Answer` };
  const example = { RequestId: REQUEST_ID, ...exampleOf(response.shape) };
  return {
    description: 'The call took effect.',
    headers: { 'x-acs-request-id': { $ref: '#/components/headers/RequestId' } },
    content: { 'application/json': { schema, example }, 'text/xml': { schema } },
  };
}

function extensionsOf(operation: Operation): object {
  const { product, kind, limit, ram, errors, testMode } = operation;
  return {
    'x-sluice-product': product,
    'x-sluice-kind': kind,
    'x-sluice-ram': ram.open
      ? { open: true }
      : { action: ram.action, level: ram.level, resources: ramResources(ram) },
    'x-sluice-limit': limit,
    'x-sluice-errors': errors,
    ...(isOurs(operation) && { 'x-sluice-ours': true }),
    ...(testMode && { 'x-sluice-test-mode': true }),
  };
}
