import type { z } from 'zod';
import { fieldsOf } from '../../src/operations/derive/describe.ts';
import type { FieldEntry } from '../../src/operations/derive/describe.ts';
import type { Operation } from '../../src/operations/operation.ts';

/** The documented parameters of an operation. */
export const parametersOf = (operation: Operation): FieldEntry[] => fieldsOf(operation.parameters.shape);

/** A call with the required parameters at their documented examples. */
export function exampleCall(operation: Operation): Record<string, string> {
  const required = parametersOf(operation).filter((parameter) => parameter.required);
  return Object.fromEntries(required.map(({ name, example }) => [name, example]));
}

/** What hardly any parameter can be; those that one can be are sorted out by its schema. */
const CANDIDATES = [
  ...['0', '-1', '1.5', '1e2', 'one', ' 1', '9'.repeat(40)],
  ...['2026-01-01', '2026-01-01T00:00:00+08:00', '2026-13-01T00:00:00Z', 'now'],
  ...['yes', 'truefalse', 'nonsense', 'YES PLEASE', 'a/b c', 'a\u0000b', 'ä', 'x'.repeat(7000)],
];

/** Values that a parameter must refuse. @throws Error when it refuses nothing and does not say that it may be anything */
export function badValues(operation: Operation, { name, type }: FieldEntry): string[] {
  if (name === 'DomainName') return ['no domain!', 'a..b', 'http://a.example/'];
  if (name === 'AppName' || name === 'StreamName') return ['a/b', 'a\u0000b', '..', '%zz', 'x'.repeat(257)];
  const schema = operation.parameters.shape[name] as z.ZodType;
  const bad = CANDIDATES.filter((value) => !schema.safeParse(value).success);
  if (bad.length === 0 && type !== 'String') throw new Error(`no bad value is known for ${name}, ${type}`);
  return bad;
}
