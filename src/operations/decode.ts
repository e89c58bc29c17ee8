import type { z } from 'zod';
import { ApiError } from './api-error.ts';
import type { ErrorSpec } from './api-error.ts';

/** Code and error of a parameter that must be there and is not. */
function missing(name: string): [code: string, error: ErrorSpec] {
  return [`Missing${name}`, { status: 400, message: `${name} is mandatory for this action.` }];
}

function malformed(name: string): [code: string, error: ErrorSpec] {
  return [`Invalid${name}.Malformed`, { status: 400, message: `Specified parameter ${name} is not valid.` }];
}

/** The errors that follow from the declaration of parameters. */
export function parameterErrors(parameters: z.ZodObject): Record<string, ErrorSpec> {
  const errors = Object.entries(parameters.shape).flatMap(([name, schema]) => {
    const required = !(schema as z.ZodType).safeParse(undefined).success;
    return required ? [missing(name), malformed(name)] : [malformed(name)];
  });
  return Object.fromEntries(errors);
}

/**
 * Reads the declared parameters out of the text values of a call; what is absent is not in `values`. Others are ignored.
 * @throws ApiError for the first required parameter that is missing, else for the first bad value, in declared order.
 */
export function decodeParameters<P extends z.ZodRawShape>(
  parameters: z.ZodObject<P>,
  values: ReadonlyMap<string, string>,
): z.output<z.ZodObject<P>> {
  const given: Record<string, string> = {};
  for (const name in parameters.shape) {
    const value = values.get(name);
    if (value !== undefined) given[name] = value;
  }
  const result = parameters.safeParse(given);
  if (result.success) return result.data;
  const wrong = result.error.issues.map((issue) => String(issue.path[0]));
  const absent = wrong.find((name) => !values.has(name));
  throw new ApiError(...(absent === undefined ? malformed(wrong[0] ?? 'Parameter') : missing(absent)));
}
