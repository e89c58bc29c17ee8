import type { ErrorSpec } from '../api-error.ts';
import type { Operation } from '../operation.ts';
import { commonResponses, ERROR_SCHEMA } from './openapi-errors.ts';
import { INTRODUCTION, SECURITY, SECURITY_SCHEMES } from './openapi-protocol.ts';
import { answerSchemaOf, pathItemOf, tagOf } from './openapi-operation.ts';
import type { JsonSchema } from './wire-schema.ts';

/** An OpenAPI 3.1 document. */
export type OpenApiDocument = Readonly<Record<string, unknown>>;

/** What the document says besides the operations. */
export interface OpenApiFacts {
  /** Of the package. */
  readonly version: string;
  /** What any operation can answer. */
  readonly commonErrors: Readonly<Record<string, ErrorSpec>>;
}

/**
 * Describes the operations for tools. RPC has one path for all of them, which OpenAPI cannot say: every operation has
 * the path `/#Action=<Name>` here, whose fragment no client sends.
 */
export function openApiDocument(
  operations: readonly Operation[],
  { version, commonErrors }: OpenApiFacts,
): OpenApiDocument {
  const paths = operations.map((operation) => [
    `/#Action=${operation.name}`,
    pathItemOf(operation, commonErrors),
  ]);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sluice',
      version,
      summary: 'Self-hosted live streaming that speaks the ApsaraVideo Live OpenAPI.',
      description: INTRODUCTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'The listener that serves this document.' }],
    security: SECURITY,
    tags: tagsOf(operations),
    paths: Object.fromEntries(paths) as object,
    components: {
      securitySchemes: SECURITY_SCHEMES,
      parameters: { Format: FORMAT },
      headers: HEADERS,
      responses: commonResponses(commonErrors, JSON.stringify(paths)),
      schemas: {
        Error: ERROR_SCHEMA,
        ...Object.fromEntries(
          operations.map((operation): [string, JsonSchema] => [
            `${operation.name}Answer`,
            answerSchemaOf(operation),
          ]),
        ),
      },
    },
  };
}

function tagsOf(operations: readonly Operation[]): object[] {
  const products = new Map(operations.map((operation) => [tagOf(operation), operation.product]));
  return [...products].map(([name, product]) => ({ name, description: `Of the product ${product}.` }));
}

const FORMAT = {
  name: 'Format',
  in: 'query',
  description:
    'Format of the answer, in any case. Absent: JSON for calls that are signed with V3, XML for those signed with V1.',
  schema: { type: 'string', enum: ['JSON', 'XML'] },
  example: 'JSON',
} as const;

const HEADERS = {
  RequestId: {
    description: 'The RequestId of the answer.',
    schema: { type: 'string', examples: ['A57FBFD7-FC9A-54FE-A876-4D5E19577186'] },
  },
  RetryAfter: {
    description: 'Only when a limit refuses the call: milliseconds after which it may be tried again.',
    schema: { type: 'integer', minimum: 0, examples: [5] },
  },
} as const;
