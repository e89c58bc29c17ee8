import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { COMMON_ERRORS } from '../../src/gateway/errors.ts';
import { exampleOf, fieldsOf } from '../../src/operations/derive/describe.ts';
import { apiPages } from '../../src/operations/derive/pages.ts';
import { choice, count, text, wrappedList } from '../../src/operations/fields.ts';
import { OPERATIONS } from '../../src/operations/registry.ts';

const root = join(import.meta.dirname, '../..');
const shape = {
  Kind: choice(['a', 'b'], { description: 'A kind.', example: 'a' }).default('b'),
  Items: wrappedList('Item', z.object({ Size: count({ description: 'A size.', example: '7' }).optional() })),
};

describe('describe', () => {
  it('opens lists and objects', () => {
    expect(fieldsOf(shape)).toEqual([
      {
        name: 'Kind',
        type: '`a`, `b`',
        required: false,
        standard: 'b',
        description: 'A kind.',
        example: 'a',
      },
      {
        name: 'Items.Item[].Size',
        type: 'Integer',
        required: false,
        standard: undefined,
        description: 'A size.',
        example: '7',
      },
    ]);
  });

  it('makes an example of the examples', () => {
    expect(exampleOf(shape)).toEqual({ Kind: 'a', Items: { Item: [{ Size: 7 }] } });
  });

  it('refuses a field that is not documented', () => {
    expect(() => fieldsOf({ Name: text({ description: '', example: '' }), Bare: z.string() })).toThrow(
      'Bare is not documented',
    );
  });
});

describe('the reference of the API', () => {
  const pages = apiPages(OPERATIONS, COMMON_ERRORS);

  it.each(pages)('$file is up to date', async ({ file, text: wanted }) => {
    const path = join(root, file);
    const formatted = await format(wanted, { ...(await resolveConfig(path)), filepath: path });
    expect(readFileSync(path, 'utf8')).toBe(formatted);
  });

  it('has an anchor for every code that an answer can recommend', () => {
    const errors = pages.find(({ file }) => file.endsWith('errors.md'))!.text;
    const codes = [
      ...Object.keys(COMMON_ERRORS),
      ...OPERATIONS.flatMap((operation) => Object.keys(operation.errors)),
    ];
    for (const code of codes) expect(errors).toContain(`## ${code}\n`);
  });
});
