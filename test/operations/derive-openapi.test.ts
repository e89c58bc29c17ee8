import { createConfig, lintFromString } from '@redocly/openapi-core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { COMMON_ERRORS } from '../../src/gateway/errors.ts';
import { openApiDocument } from '../../src/operations/derive/openapi.ts';
import type { OpenApiDocument } from '../../src/operations/derive/openapi.ts';
import {
  boundedText,
  choice,
  count,
  flag,
  integer,
  text,
  time,
  wrappedList,
} from '../../src/operations/fields.ts';
import { defineOperation } from '../../src/operations/operation.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { API_VERSIONS } from '../../src/operations/products.ts';
import { OPERATIONS } from '../../src/operations/registry.ts';

const documentOf = (operations: readonly Operation[]): OpenApiDocument =>
  openApiDocument(operations, { version: '1.2.3', commonErrors: COMMON_ERRORS });

/** What the linter finds, with its strictest rules: structure, references, and every example against its schema. */
async function problemsOf(document: OpenApiDocument): Promise<string[]> {
  const config = await createConfig({ extends: ['recommended-strict'] });
  const problems = await lintFromString({ source: JSON.stringify(document), config });
  return problems.map(
    ({ ruleId, message, location }) => `${ruleId} ${location[0]?.pointer ?? ''}: ${message}`,
  );
}

/** The part of a document at a path of keys. */
function at(document: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce((part, key) => (part as Record<string, unknown>)[key], document);
}

interface Parameter {
  readonly name: string;
  readonly required: boolean;
  readonly schema: Readonly<Record<string, unknown>>;
  readonly example: unknown;
}

const doc = (example: string) => ({ description: 'A field.', example });
const Everything = defineOperation({
  name: 'DescribeEverything',
  product: 'ram',
  summary: 'Test.',
  doc: 'A test of every kind of field.',
  kind: 'read',
  ram: { action: 'ram:DescribeEverything', level: 'get', resource: 'acs:ram:*:{account}:user/{Name}' },
  limit: { calls: 3, perSeconds: 60 },
  testMode: true,
  parameters: z.object({
    Name: text(doc('n')),
    Kind: choice(['a', 'b'], doc('a')).default('b'),
    Size: integer({ min: 1, max: 10 }, doc('7')).default(5),
    Loud: flag(doc('true')).optional(),
    At: time(doc('2026-01-01T00:00:00Z')).optional(),
    Note: boundedText(9, doc('note')).optional(),
    Code: z
      .string()
      .min(2)
      .max(4)
      .meta({ ...doc('ab'), type: 'String, letters', pattern: '^[a-z]+$' })
      .optional(),
  }),
  response: z.object({
    Total: count(doc('2')),
    Maybe: text(doc('m')).optional(),
    Items: wrappedList('Item', z.object({ Size: count(doc('7')), Tags: z.array(text(doc('t'))).optional() })),
  }),
  errors: {
    Gone: { status: 410, message: 'Gone.' },
    NotHere: { status: 400, message: 'Never.', neverHere: 'There is no such thing here.' },
  },
  handle: () => ({ Total: 0, Items: { Item: [] } }),
});

describe('the OpenAPI document of all operations', () => {
  const document = documentOf(OPERATIONS);

  it('has nothing that a linter objects to', async () => {
    expect(await problemsOf(document)).toEqual([]);
  }, 120_000);

  it.each(OPERATIONS)('has $name by GET and POST, with all that it takes and answers', (operation) => {
    const path = at(document, 'paths', `/#Action=${operation.name}`);
    const names = Object.keys(operation.parameters.shape);
    expect((at(path, 'get', 'parameters') as { name: string }[]).map(({ name }) => name)).toEqual(names);
    const form = [
      'post',
      'requestBody',
      'content',
      'application/x-www-form-urlencoded',
      'schema',
      'properties',
    ];
    if (names.length > 0) expect(Object.keys(at(path, ...form) as object)).toEqual(names);
    const answer = at(document, 'components', 'schemas', `${operation.name}Answer`, 'properties') as object;
    expect(Object.keys(answer)).toEqual(['RequestId', ...Object.keys(operation.response.shape)]);
    expect(at(path, 'parameters')).toMatchObject([
      { name: 'Action', schema: { enum: [operation.name] } },
      { name: 'Version', schema: { enum: [API_VERSIONS[operation.product]] } },
      { $ref: '#/components/parameters/Format' },
    ]);
    const statuses = Object.values(operation.errors).filter(({ neverHere }) => neverHere === undefined);
    for (const { status } of statuses) expect(at(path, 'post', 'responses')).toHaveProperty(String(status));
  });
});

describe('the OpenAPI document', () => {
  const document = documentOf([Everything]);
  const path = at(document, 'paths', '/#Action=DescribeEverything');

  it('says what every kind of parameter may be', () => {
    const parameters = at(path, 'get', 'parameters') as Parameter[];
    const rows = parameters.map(({ name, required, schema, example }) => {
      const { description: _, ...rest } = schema;
      return [name, required, rest, example];
    });
    expect(rows).toEqual([
      ['Name', true, { type: 'string' }, 'n'],
      ['Kind', false, { type: 'string', enum: ['a', 'b'], default: 'b' }, 'a'],
      ['Size', false, { type: 'integer', minimum: 1, maximum: 10, default: 5 }, 7],
      ['Loud', false, { type: 'boolean' }, true],
      ['At', false, expect.objectContaining({ type: 'string', format: 'date-time' }), '2026-01-01T00:00:00Z'],
      ['Note', false, { type: 'string', maxLength: 9 }, 'note'],
      ['Code', false, { type: 'string', minLength: 2, maxLength: 4, pattern: '^[a-z]+$' }, 'ab'],
    ]);
  });

  it('says what the answer is, in XML too', () => {
    const field = (type: string, example: unknown) => ({
      type,
      description: 'A field.',
      examples: [example],
    });
    expect(at(document, 'components', 'schemas', 'DescribeEverythingAnswer')).toEqual({
      type: 'object',
      xml: { name: 'DescribeEverythingResponse' },
      required: ['RequestId', 'Total', 'Items'],
      properties: {
        RequestId: expect.objectContaining({ type: 'string' }) as unknown,
        Total: field('integer', 2),
        Maybe: field('string', 'm'),
        Items: {
          type: 'object',
          required: ['Item'],
          properties: {
            Item: {
              type: 'array',
              items: {
                type: 'object',
                required: ['Size'],
                properties: {
                  Size: field('integer', 7),
                  Tags: { type: 'array', items: field('string', 't') },
                },
              },
            },
          },
        },
      },
    });
  });

  it('lists codes by status, and names but does not list those that cannot occur', () => {
    const code = (status: string) =>
      at(
        path,
        'get',
        'responses',
        status,
        'content',
        'text/xml',
        'schema',
        'properties',
        'Code',
        'enum',
      ) as string[];
    expect(code('410')).toEqual(['Gone']);
    expect(code('400')).toEqual(
      expect.arrayContaining(['MissingName', 'InvalidSize.Malformed', 'SignatureDoesNotMatch']),
    );
    expect(code('400')).not.toContain('NotHere');
    expect(at(path, 'get', 'responses', '404')).toEqual({ $ref: '#/components/responses/Common404' });
    expect(at(path, 'get', 'x-sluice-errors')).toHaveProperty('NotHere.neverHere');
  });

  it('says who may call, how often, and that the operation is ours', () => {
    expect(path).toMatchObject({
      post: {
        operationId: 'DescribeEverything',
        tags: ['RAM'],
        'x-sluice-product': 'ram',
        'x-sluice-limit': { calls: 3, perSeconds: 60 },
        'x-sluice-test-mode': true,
        'x-sluice-ram': { action: 'ram:DescribeEverything', resources: ['acs:ram:*:{account}:user/{Name}'] },
      },
    });
    const ours = documentOf(OPERATIONS.filter(({ name }) => name === 'DescribeLiveStreamBlocks'));
    expect(at(ours, 'paths', '/#Action=DescribeLiveStreamBlocks', 'post')).toHaveProperty(
      'x-sluice-ours',
      true,
    );
    expect(at(path, 'post')).not.toHaveProperty('x-sluice-ours');
  });

  it('is linted for real: an example that its schema does not allow is found', async () => {
    const wrong = structuredClone(documentOf([Everything])) as Record<string, unknown>;
    const media = at(wrong, 'paths', '/#Action=DescribeEverything', 'get', 'responses', '200', 'content');
    (at(media, 'application/json') as { example: object }).example = {
      RequestId: 'x',
      Total: 'two',
      Extra: 1,
    };
    const problems = await problemsOf(wrong);
    expect(problems.filter((one) => one.startsWith('no-invalid-media-type-examples'))).not.toEqual([]);
  });
});
