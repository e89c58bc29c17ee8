import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ApiError } from '../../src/operations/api-error.ts';
import { decodeParameters, parameterErrors } from '../../src/operations/decode.ts';
import { flag, integer, text } from '../../src/operations/fields.ts';
import { defineOperation } from '../../src/operations/operation.ts';
import type { CallContext } from '../../src/operations/operation.ts';

const doc = { description: 'A field.', example: '1' };
const parameters = z.object({
  Name: text(doc),
  Size: integer({ min: 1, max: 10 }, doc).default(5),
  Loud: flag(doc).optional(),
});
const context = {} as CallContext;

function define(code: 'Boom' | 'InvalidName.Malformed') {
  return defineOperation({
    name: 'Test',
    summary: 'A test.',
    doc: 'A test.',
    kind: 'read',
    ram: { action: 'live:Test', level: 'get', resource: '*' },
    limit: { calls: 1, perSeconds: 1 },
    parameters,
    response: z.object({ Size: z.int() }),
    errors: { Boom: { status: 418, message: 'Boom.' } },
    handle({ params, fail }) {
      if (params.Loud) throw fail(code);
      // @ts-expect-error a code that the operation does not declare must not compile
      if (params.Size > 10) throw fail('Undeclared');
      // @ts-expect-error nor does a parameter's code that has no parameter
      if (params.Size > 11) throw fail('InvalidColour.Malformed');
      return { Size: params.Size };
    },
  });
}

describe('defineOperation', () => {
  it('gives the handler typed values and the caller its answer', async () => {
    const run = define('Boom').prepare(new Map([['Name', 'n']]));
    expect(await run(context)).toEqual({ Size: 5 });
  });

  it('makes errors of declared codes, those of parameters too', async () => {
    const loud = new Map([
      ['Name', 'n'],
      ['Loud', 'TRUE'],
    ]);
    await expect(define('Boom').prepare(loud)(context)).rejects.toMatchObject({ code: 'Boom', status: 418 });
    await expect(define('InvalidName.Malformed').prepare(loud)(context)).rejects.toMatchObject({
      code: 'InvalidName.Malformed',
      message: 'Specified parameter Name is not valid.',
    });
  });

  it('does not compile with an answer that is not declared', () => {
    const spec = { ...define('Boom'), parameters, errors: {} };
    // @ts-expect-error Size must be a number
    defineOperation({ ...spec, response: z.object({ Size: z.int() }), handle: () => ({ Size: 'big' }) });
    expect(spec.name).toBe('Test');
  });
});

describe('decodeParameters', () => {
  const decode = (values: Record<string, string>) =>
    decodeParameters(parameters, new Map(Object.entries(values)));
  const codeOf = (values: Record<string, string>) => {
    try {
      decode(values);
    } catch (error) {
      return (error as ApiError).code;
    }
    return undefined;
  };

  it('reports what is missing before what is wrong', () => {
    expect(codeOf({ Size: '0' })).toBe('MissingName');
    expect(codeOf({ Name: 'n', Size: '0' })).toBe('InvalidSize.Malformed');
  });

  it('ignores what is not declared, also names of the language', () => {
    expect(decode({ Name: 'n', Other: 'x', __proto__: 'y', constructor: 'z' })).toEqual({
      Name: 'n',
      Size: 5,
    });
    expect(codeOf({ ['__proto__']: 'n' })).toBe('MissingName');
  });

  it('knows the errors that follow from a declaration', () => {
    expect(Object.keys(parameterErrors(parameters))).toEqual([
      'MissingName',
      'InvalidName.Malformed',
      'InvalidSize.Malformed',
      'InvalidLoud.Malformed',
    ]);
  });
});
