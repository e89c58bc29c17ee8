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

/** Values that a parameter must refuse, by its documented type. */
export function badValues({ name, type }: FieldEntry): string[] {
  if (name === 'DomainName') return ['no domain!', 'a..b', 'http://a.example/'];
  if (name === 'AppName' || name === 'StreamName') return ['a/b', 'a\u0000b', '..', '%zz', 'x'.repeat(257)];
  if (type.startsWith('Integer')) return ['0', '-1', '1.5', '1e2', 'one', ' 1', '9'.repeat(40)];
  if (type.startsWith('Time'))
    return ['2026-01-01', '2026-01-01T00:00:00+08:00', '2026-13-01T00:00:00Z', 'now'];
  if (type === 'Boolean') return ['yes', '1', 'truefalse'];
  if (type.startsWith('`')) return ['nonsense', 'YES PLEASE'];
  const most = /at most (\d+) bytes/.exec(type);
  if (most) return ['x'.repeat(Number(most[1]) + 1)];
  throw new Error(`no bad value is known for ${name}, ${type}`);
}
