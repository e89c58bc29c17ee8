import type { ErrorSpec } from '../api-error.ts';
import type { Operation } from '../operation.ts';
import { API_VERSIONS } from '../products.ts';
import { exampleOf, fieldsOf } from './describe.ts';
import type { FieldEntry } from './describe.ts';
import { v1Request, v3Request } from './example-request.ts';
import { fenced, link, NOTE, table } from './markdown.ts';
import type { Page } from './markdown.ts';
import { isOurs } from './ownership.ts';
import { operationPlace, PLACES, samplesPlace } from './page-places.ts';
import { ramResourceText } from './ram-resource.ts';

/** An answer as the gateway writes it in XML; this room may not import the one that knows how. */
export type RenderXml = (operation: Operation, answer: Readonly<Record<string, unknown>>) => string;

const REQUEST_ID = 'A57FBFD7-FC9A-54FE-A876-4D5E19577186';

/** The reference of an operation. */
export function operationPage(operation: Operation, renderXml: RenderXml): Page {
  const { name, summary, doc, parameters, response, errors } = operation;
  const file = operationPlace(operation);
  const answer = { RequestId: REQUEST_ID, ...exampleOf(response.shape) };
  const text = `${NOTE}

# ${name}

${summary}

${doc}

${facts(operation)}

## Parameters

${parameterTable(fieldsOf(parameters.shape))}

## Answer

${answerTable(fieldsOf(response.shape))}

In JSON:

${fenced('json', JSON.stringify(answer, null, 2))}

In XML:

${fenced('xml', indentXml(renderXml(operation, answer)))}

## Errors

Besides the ${link('common errors', file, PLACES.errors)}:

${errorTable(errors)}

## Example

Signed with V3:

${fenced('http', v3Request(operation))}

Signed with V1:

${fenced('http', v1Request(operation))}

As programs: ${link('samples', file, samplesPlace(operation))}.
`;
  return { file, text };
}

function facts(operation: Operation): string {
  const { name, product, kind, ram, limit, testMode, coverage } = operation;
  const perSecond = Math.ceil(limit.calls / limit.perSeconds);
  return [
    `- Product \`${product}\`, version \`${API_VERSIONS[product]}\`${isOurs(operation) ? '; ours, the vendor has no such operation' : ''}`,
    ...(testMode ? ['- Only while the service runs in its test mode'] : []),
    ...(coverage === 'stored-only' ? ['- What it says is kept, and nothing here acts upon it'] : []),
    `- Kind: ${kind}`,
    `- RAM: ${ramText(ram)}`,
    `- Limit: ${limitText(operation)} (\`api.throttle\` overrides: \`${name}: ${perSecond}\`)`,
  ].join('\n');
}

function ramText(ram: Operation['ram']): string {
  if (ram.open) return 'no policy is asked; whoever signed may call';
  return `action \`${ram.action}\`, level \`${ram.level}\`, resource ${ramResourceText(ram)}`;
}

function limitText({ limit }: Operation): string {
  const calls = limit.calls === 1 ? '1 call' : `${limit.calls} calls`;
  return `${calls} per ${limit.perSeconds === 1 ? 'second' : `${limit.perSeconds} seconds`} and account`;
}

function parameterTable(fields: readonly FieldEntry[]): string {
  if (fields.length === 0) return 'None.';
  return table(['Name', 'Type', 'Required', 'Meaning', 'Example'], fields.map(parameterRow));
}

function parameterRow({ name, type, required, standard, description, example }: FieldEntry): string[] {
  const need = required ? 'yes' : standard === undefined ? 'no' : `no, \`${standard}\``;
  return [name, type, need, description, code(example)];
}

function answerTable(fields: readonly FieldEntry[]): string {
  const rows = [
    ['RequestId', 'String', 'Identifies the call.'],
    ...fields.map(({ name, type, required, description }) => [
      name,
      type,
      required ? description : `${description} Not always there.`,
    ]),
  ];
  return table(['Field', 'Type', 'Meaning'], rows);
}

function errorTable(errors: Operation['errors']): string {
  const rows = Object.entries(errors).map(([name, spec]) => [name, String(spec.status), messageOf(spec)]);
  return rows.length === 0 ? 'None.' : table(['Code', 'HTTP', 'Message'], rows);
}

/** The message of an error, and why it cannot occur here if so. */
export function messageOf({ message, neverHere }: ErrorSpec): string {
  return neverHere === undefined ? message : `${message} *Cannot occur here:* ${neverHere}`;
}

/** Code in a cell: a text of one line, whatever backticks it has. */
function code(text: string): string {
  const line = text.replaceAll('\n', ' ');
  return line.includes('`') ? `\`\` ${line} \`\`` : `\`${line}\``;
}

/** Breaks lines between elements, for readers; the wire has no white space there. */
function indentXml(xml: string): string {
  let depth = 0;
  const lines = xml.replaceAll('><', '>\n<').split('\n');
  return lines
    .map((line) => {
      if (line.startsWith('</')) depth--;
      const indented = '  '.repeat(depth) + line;
      if (/^<[^?/]/.test(line) && !line.includes('</')) depth++;
      return indented;
    })
    .join('\n');
}
