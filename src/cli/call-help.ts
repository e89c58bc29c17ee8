import { mostSimilar } from '../app/similar.ts';
import { fieldsOf } from '../operations/derive/describe.ts';
import type { FieldEntry } from '../operations/derive/describe.ts';
import type { Operation } from '../operations/operation.ts';
import { OPERATIONS } from '../operations/registry.ts';

/** The list of operations, one line each. */
export function operationList(): string {
  const width = Math.max(...OPERATIONS.map(({ name }) => name.length));
  const lines = OPERATIONS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `Operations:\n${lines.join('\n')}\n`;
}

/** What an operation does and takes, with an example to paste; undefined when there is none of this name. */
export function operationHelp(action: string): string | undefined {
  const operation = OPERATIONS.find(({ name }) => name === action);
  if (!operation) return undefined;
  const fields = fieldsOf(operation.parameters.shape);
  return `${operation.name}: ${operation.summary}

${operation.doc}

Parameters:
${fields.map(describe).join('\n')}

Example:
  $ ${example(operation, fields)}
`;
}

/** The operation that a wrong name most likely means. */
export function similarOperation(action: string): string | undefined {
  return mostSimilar(
    action,
    OPERATIONS.map(({ name }) => name),
  );
}

function describe({ name, type, required, standard, description }: FieldEntry): string {
  const presence = required ? 'required' : standard === undefined ? 'optional' : `default ${standard}`;
  return `  --${name}  (${type}; ${presence})\n      ${description}`;
}

function example({ name }: Operation, fields: readonly FieldEntry[]): string {
  const required = fields.filter((field) => field.required);
  return ['sluice call', name, ...required.map((field) => `--${field.name} ${field.example}`)].join(' ');
}
