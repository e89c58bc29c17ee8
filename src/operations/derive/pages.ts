import type { ErrorSpec } from '../api-error.ts';
import type { Operation } from '../operation.ts';
import { exampleOf, fieldsOf } from './describe.ts';
import type { FieldEntry } from './describe.ts';

/** A page of the documents; `file` is relative to the repository. */
export interface Page {
  readonly file: string;
  readonly text: string;
}

const FOLDER = 'docs/4-api';
const NOTE = '<!-- Made from src/operations by `npm run derive`; do not edit. -->';

/** The reference of the API: an index, a page per operation, and the list of errors. */
export function apiPages(
  operations: readonly Operation[],
  commonErrors: Readonly<Record<string, ErrorSpec>>,
): Page[] {
  return [
    { file: `${FOLDER}/README.md`, text: indexPage(operations) },
    ...operations.map((operation) => ({
      file: `${FOLDER}/${operation.name}.md`,
      text: operationPage(operation),
    })),
    { file: `${FOLDER}/errors.md`, text: errorsPage(operations, commonErrors) },
  ];
}

function indexPage(operations: readonly Operation[]): string {
  const rows = operations.map(({ name, summary, kind }) => [`[${name}](${name}.md)`, kind, summary]);
  return `${NOTE}

# API

ApsaraVideo Live OpenAPI, product \`live\`, version \`2016-11-01\`. Every operation answers at \`/\`, by GET or POST, signed
with RPC V1 (HMAC-SHA1, HMAC-SHA256) or V3 (ACS3-HMAC-SHA256), in JSON or XML. Operations and fields that are ours say
so. Any answer can be one of the [common errors](errors.md).

${table(['Operation', 'Kind', 'What it does'], rows)}
`;
}

function operationPage(operation: Operation): string {
  const { name, summary, doc, ram, limit, parameters, response, errors } = operation;
  const example = { RequestId: 'A57FBFD7-FC9A-54FE-A876-4D5E19577186', ...exampleOf(response.shape) };
  const resource = ram.resource === 'domain' ? 'acs:live:*:<account>:domain/<DomainName>' : '*';
  return `${NOTE}

# ${name}

${summary}

${doc}

- RAM: action \`${ram.action}\`, level \`${ram.level}\`, resource \`${resource}\`
- Limit: ${limitText(operation)} (\`api.throttle\` overrides: \`${name}: ${Math.ceil(limit.calls / limit.perSeconds)}\`)

## Parameters

${table(['Name', 'Type', 'Required', 'Meaning', 'Example'], fieldsOf(parameters.shape).map(parameterRow))}

## Answer

${fieldTable(fieldsOf(response.shape))}

\`\`\`json
${JSON.stringify(example, null, 2)}
\`\`\`

## Errors

Besides the [common errors](errors.md):

${table(['Code', 'HTTP', 'Message'], errorRows(errors))}
`;
}

function errorsPage(operations: readonly Operation[], common: Readonly<Record<string, ErrorSpec>>): string {
  const ofOperations = new Map<string, ErrorSpec>();
  for (const { errors } of operations)
    for (const [code, spec] of Object.entries(errors)) if (!(code in common)) ofOperations.set(code, spec);
  return `${NOTE}

# Errors

An error has an HTTP status and the fields \`RequestId\`, \`HostId\`, \`Code\`, \`Message\` and \`Recommend\`, all of them text;
a denial by RAM has \`AccessDeniedDetail\` besides. \`Recommend\` points at the code in this list.

# Common errors

${errorSections(Object.entries(common))}

# Errors of operations

${errorSections([...ofOperations].sort(([a], [b]) => (a < b ? -1 : 1)))}
`;
}

function errorSections(errors: readonly (readonly [string, ErrorSpec])[]): string {
  return errors.map(([code, { status, message }]) => `## ${code}\n\n${status}: ${message}`).join('\n\n');
}

function limitText({ limit }: Operation): string {
  return `${limit.calls} calls per ${limit.perSeconds === 1 ? 'second' : `${limit.perSeconds} seconds`} and account`;
}

function parameterRow({ name, type, required, standard, description, example }: FieldEntry): string[] {
  const need = required ? 'yes' : standard === undefined ? 'no' : `no, \`${standard}\``;
  return [name, type, need, description, `\`${example}\``];
}

function fieldTable(fields: readonly FieldEntry[]): string {
  const rows = [
    ['RequestId', 'String', 'Identifies the call.'],
    ...fields.map(({ name, type, description }) => [name, type, description]),
  ];
  return table(['Field', 'Type', 'Meaning'], rows);
}

function errorRows(errors: Operation['errors']): string[][] {
  return Object.entries(errors).map(([code, { status, message }]) => [code, String(status), message]);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
